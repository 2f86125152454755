"""`UrlSchemeContract`: files at URLs are read, written, listed, and their absence is told, whatever the scheme."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO
from urllib.parse import quote

import pytest

from toil_core.job_stores.errors import (
    InvalidImportExportUrlException,
    NoSuchUrlException,
    UrlIsDirectoryException,
)
from toil_core.job_stores.file import FileJobStore
from toil_core.job_stores.urls import UrlScheme, scheme_of
from toil_core.options.config import Config

#: Names of files that are mistaken for others where someone forgets to quote or unquote, or does it twice.
_NAMES = ("two words", "two+words", "ä", "100%", "100%25", "a", "a#b", "a?c", "a&d=e;f")
_CONTENTS = {"empty": b"", "text": b"hello\n", "binary": bytes(range(256)), "large": b"0123456789abcdef" * 200_000}


class UrlSchemeContract:
    """Derive a class whose name starts with `Test` and override `place`."""

    @pytest.fixture
    def place(self) -> tuple[UrlScheme, str]:
        """Return the scheme, and the URL of a place, ending in `/`, in which nothing is yet.

        For a scheme that can only be read, override `put` as well.
        """
        raise NotImplementedError("override the fixture 'place'")

    def put(self, scheme: UrlScheme, url: str, content: bytes) -> None:
        """Store a file at a URL."""
        with scheme.open_write(url) as stream:
            stream.write(content)

    # What every scheme does

    @pytest.mark.parametrize("what", _CONTENTS)
    def test_a_file_is_read_as_it_is(self, place: tuple[UrlScheme, str], what: str) -> None:
        scheme, base = place
        self.put(scheme, base + "file", _CONTENTS[what])
        with scheme.open_read(base + "file") as stream:
            assert _all_of(stream) == _CONTENTS[what]
        assert scheme.size(base + "file") in (None, len(_CONTENTS[what]))
        assert scheme.exists(base + "file")
        assert not scheme.is_directory(base + "file")

    def test_names_are_told_apart_whatever_is_in_them(self, place: tuple[UrlScheme, str]) -> None:
        scheme, base = place
        urls = {name: base + quote(name, safe="") for name in _NAMES}
        for name, url in urls.items():
            self.put(scheme, url, name.encode())
        found = {name: _read(scheme.open_read(url)).decode() for name, url in urls.items()}
        assert found == {name: name for name in _NAMES}

    def test_a_file_that_is_not_there_is_an_error_that_names_it(self, place: tuple[UrlScheme, str]) -> None:
        scheme, base = place
        url = base + "absent"
        with pytest.raises(NoSuchUrlException) as caught:
            _read(scheme.open_read(url))
        assert url in str(caught.value)
        assert not scheme.exists(url)

    def test_a_stream_can_be_read_in_parts(self, place: tuple[UrlScheme, str]) -> None:
        scheme, base = place
        self.put(scheme, base + "file", b"0123456789")
        with scheme.open_read(base + "file") as stream:
            assert _exactly(stream, 4) == b"0123"
            assert _all_of(stream) == b"456789"
            assert stream.read() == b""

    def test_a_job_store_imports_from_it(self, place: tuple[UrlScheme, str], tmp_path: Path) -> None:
        scheme, base = place
        self.put(scheme, base + "file", _CONTENTS["binary"])
        store = self._job_store(scheme, base, tmp_path)
        file_id = store.import_file(base + "file")
        assert file_id is not None
        with store.read_file_stream(file_id) as stream:
            assert stream.read() == _CONTENTS["binary"]
        store.destroy()

    # What those do that can be written to

    def test_what_is_written_replaces_what_was_there(self, place: tuple[UrlScheme, str]) -> None:
        scheme, base = self._writable(place)
        for content in (b"a long first content", b"second"):
            self.put(scheme, base + "file", content)
        with scheme.open_read(base + "file") as stream:
            assert stream.read() == b"second"

    def test_a_block_that_fails_changes_nothing(self, place: tuple[UrlScheme, str]) -> None:
        scheme, base = self._writable(place)
        self.put(scheme, base + "old", b"old")
        for name in ("old", "new"):
            _fail_to_write(scheme, base + name)
        with scheme.open_read(base + "old") as stream:
            assert stream.read() == b"old"
        assert not scheme.exists(base + "new")

    def test_a_job_store_exports_to_it(self, place: tuple[UrlScheme, str], tmp_path: Path) -> None:
        scheme, base = self._writable(place)
        (tmp_path / "file").write_bytes(_CONTENTS["binary"])
        store = self._job_store(scheme, base, tmp_path)
        file_id = store.import_file((tmp_path / "file").as_uri())
        assert file_id is not None
        store.export_file(file_id, base + "exported")
        with scheme.open_read(base + "exported") as stream:
            assert stream.read() == _CONTENTS["binary"]
        store.destroy()

    # What those do that know directories

    def test_a_directory_lists_the_names_in_it(self, place: tuple[UrlScheme, str]) -> None:
        scheme, base = self._listable(place)
        for name in ("a.txt", "two words.txt", "ä.txt"):
            self.put(scheme, base + "dir/" + quote(name), b"")
        self.put(scheme, base + "dir/below/file", b"")
        expected = sorted(["a.txt", quote("two words.txt"), quote("ä.txt"), "below/"])
        assert sorted(scheme.list_directory(base + "dir")) == expected
        assert scheme.list_directory(base + "dir/below/") == ["file"]
        assert scheme.is_directory(base + "dir")
        assert scheme.exists(base + "dir")

    def test_a_directory_is_no_file(self, place: tuple[UrlScheme, str]) -> None:
        scheme, base = self._listable(place)
        self.put(scheme, base + "dir/file", b"")
        with pytest.raises(UrlIsDirectoryException):
            _read(scheme.open_read(base + "dir"))
        with pytest.raises(NoSuchUrlException):
            scheme.list_directory(base + "absent")

    # Inside

    def _writable(self, place: tuple[UrlScheme, str]) -> tuple[UrlScheme, str]:
        if type(place[0]).open_write is UrlScheme.open_write:
            pytest.skip("its URLs can only be read ('open_write' is not overridden)")
        return place

    def _listable(self, place: tuple[UrlScheme, str]) -> tuple[UrlScheme, str]:
        if type(place[0]).list_directory is UrlScheme.list_directory:
            pytest.skip("it knows no directories ('list_directory' is not overridden)")
        return place

    @staticmethod
    def _job_store(scheme: UrlScheme, base: str, directory: Path) -> FileJobStore:
        """Return a new job store that has this scheme, as workers have it."""
        config = Config()
        kind = type(scheme)
        config.implementations = {"url_schemes": {scheme_of(base): f"{kind.__module__}:{kind.__qualname__}"}}
        store = FileJobStore(str(directory / f"store-{os.getpid()}"))
        store.initialize(config)
        return store


def _read(opened: AbstractContextManager[IO[bytes]]) -> bytes:
    with opened as stream:
        return stream.read()


def _all_of(stream: IO[bytes]) -> bytes:
    return b"".join(iter(lambda: stream.read(1 << 16), b""))


def _exactly(stream: IO[bytes], count: int) -> bytes:
    content = b""
    while len(content) < count:
        more = stream.read(count - len(content))
        assert more, "the stream ends too early"
        content += more
    return content


def _fail_to_write(scheme: UrlScheme, url: str) -> None:
    try:
        with scheme.open_write(url) as stream:
            stream.write(b"half")
            raise ZeroDivisionError
    except ZeroDivisionError:
        return
    except InvalidImportExportUrlException as error:
        raise AssertionError(f"what was raised in the block came out as another error: {error}") from error
