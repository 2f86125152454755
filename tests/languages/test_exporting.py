"""Outputs of workflows, put where the user wants them."""

from __future__ import annotations

import io
import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, ClassVar

import pytest

from toil_core.api import UrlScheme
from toil_core.job_stores.errors import InvalidImportExportUrlException, NoSuchFileException
from toil_core.job_stores.file import FileJobStore
from toil_core.job_stores.file_ids import FileID
from toil_core.languages.errors import OutputNameError
from toil_core.languages.exporting import Source, export_files
from toil_core.languages.importing import import_files

Outputs = list[tuple[Source, str]]


def stored(store: FileJobStore, text: str, name: str = "name") -> FileID:
    with store.write_file_stream(basename=name) as (stream, file_id):
        stream.write(text.encode())
    return file_id


def inode(path: str | None) -> int:
    assert path is not None
    return os.stat(path).st_ino


class Bucket(UrlScheme):
    """A place elsewhere, in this process's memory."""

    content: ClassVar[dict[str, bytes]] = {}

    @contextmanager
    def open_write(self, url: str) -> Iterator[IO[bytes]]:
        """Open a stream that becomes an object."""
        stream = io.BytesIO()
        yield stream
        self.content[url] = stream.getvalue()


@pytest.fixture
def bucket(store: FileJobStore) -> dict[str, bytes]:
    """What is at URLs that begin with `bucket:`."""
    store.config.implementations["url_schemes"] = {"bucket": f"{__name__}:Bucket"}
    Bucket.content = {}
    return Bucket.content


def test_files_are_written_under_their_names_and_may_be_changed(store: FileJobStore, tmp_path: Path) -> None:
    outputs: Outputs = [(stored(store, "one"), "a.txt"), (stored(store, "two"), "logs/b.txt"), (b"three", "c")]
    places = export_files(store, outputs, str(tmp_path / "new" / "out"))
    assert places == [f"{tmp_path}/new/out/{name}" for name in ("a.txt", "logs/b.txt", "c")]
    assert [Path(place).read_text() for place in places] == ["one", "two", "three"]
    assert all(os.stat(place).st_mode & stat.S_IWUSR for place in places)
    assert sorted(os.listdir(tmp_path / "new" / "out")) == ["a.txt", "c", "logs"]


def test_a_file_that_only_the_job_store_has_is_handed_over_and_not_copied(store: FileJobStore, tmp_path: Path) -> None:
    file_id = stored(store, "big")
    before = inode(store.storage.local_path(file_id))
    assert inode(export_files(store, [(file_id, "a")], str(tmp_path))[0]) == before
    other = stored(store, "big")
    assert inode(export_files(store, [(other, "b")], str(tmp_path), link=False)[0]) != inode(
        store.storage.local_path(other)
    )


def test_a_file_that_others_have_is_copied(store: FileJobStore, tmp_path: Path) -> None:
    source = tmp_path / "input"
    source.write_text("mine")
    linked = import_files(store, [str(source)])[str(source)]
    hard = store.import_file(str(source), hardlink=True, symlink=False)
    assert hard is not None
    places = export_files(store, [(hard, "b")], str(tmp_path / "out"))
    assert inode(places[0]) != inode(str(source))
    store.delete_file(hard)
    twice = stored(store, "twice")
    places += export_files(store, [(linked, "a"), (twice, "c"), (twice, "d")], str(tmp_path / "out"))
    assert len({inode(path) for path in (*places, str(source))}) == 5
    assert [Path(place).read_text() for place in places] == ["mine", "mine", "twice", "twice"]


def test_a_program_stays_one(store: FileJobStore, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    outputs = [(store.write_file(str(program)), "a"), (str(program), "b")]
    assert all(os.access(place, os.X_OK) for place in export_files(store, outputs, str(tmp_path / "out")))


@pytest.mark.parametrize(("collisions", "expected"), [("append", "a.txt_2"), ("stem", "a_2.txt")])
def test_different_files_of_one_name_get_numbers(
    collisions: str, expected: str, store: FileJobStore, tmp_path: Path
) -> None:
    files = [stored(store, str(number)) for number in range(4)]
    outputs = [(files[0], "a.txt"), (files[1], "a.txt"), (files[0], "a.txt"), (files[2], expected), (files[3], "a.txt")]
    places = export_files(store, outputs, str(tmp_path / "out"), collisions=collisions)  # type: ignore[arg-type]
    assert places[0] == places[2]
    assert os.path.basename(places[1]) == expected
    assert len(set(places)) == 4
    assert [Path(place).read_text() for place in places] == ["0", "1", "0", "2", "3"]


def test_a_file_in_the_way_of_a_directory_gives_the_directory_a_number(store: FileJobStore, tmp_path: Path) -> None:
    outputs = [(b"1", "a"), (b"2", "a/b"), (b"3", "c/d"), (b"4", "c")]
    places = export_files(store, outputs, str(tmp_path))
    assert [os.path.relpath(place, tmp_path) for place in places] == ["a", "a_2/b", "c/d", "c_2"]


def test_names_that_are_wanted_twice_are_refused_where_that_is_asked(store: FileJobStore, tmp_path: Path) -> None:
    with pytest.raises(OutputNameError, match=r"'a': two outputs have that name"):
        export_files(store, [(b"1", "a"), (b"2", "a")], str(tmp_path / "out"), collisions="refuse")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["../a", "/a", "a/../../b", "", "."])
def test_names_that_lead_elsewhere_are_refused(name: str, store: FileJobStore, tmp_path: Path) -> None:
    with pytest.raises(OutputNameError, match="not the name of a file in the output directory"):
        export_files(store, [(b"", name)], str(tmp_path / "out"))


def test_directories_are_written_with_all_that_is_in_them(store: FileJobStore, tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "deep er" / "empty").mkdir(parents=True)
    (source / "deep er" / "f%").write_text("f")
    places = export_files(store, [(str(source), "d"), (f"file://{source}", "e"), (None, "nothing")], str(tmp_path))
    for place in places[:2]:
        assert (Path(place) / "deep er" / "f%").read_text() == "f"
        assert os.listdir(Path(place) / "deep er" / "empty") == []
    assert os.listdir(places[2]) == []


def test_what_was_there_is_replaced(store: FileJobStore, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    export_files(store, [(stored(store, "new"), "a")], str(tmp_path))
    assert (tmp_path / "a").read_text() == "new"


def test_outputs_go_to_urls_of_any_scheme(store: FileJobStore, tmp_path: Path, bucket: dict[str, bytes]) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "f").write_text("f")
    outputs: Outputs = [
        (stored(store, "one"), "a b"),
        (b"two", "x/y"),
        (str(tmp_path / "d"), "d"),
        (stored(store, "3"), "a b"),
    ]
    places = export_files(store, outputs, "bucket://mine/run 1/")
    assert places == [f"bucket://mine/run 1/{name}" for name in ("a%20b", "x/y", "d", "a%20b_2")]
    assert bucket == {places[0]: b"one", places[1]: b"two", f"{places[2]}/f": b"f", places[3]: b"3"}


def test_a_destination_of_no_scheme_that_is_installed_is_told(store: FileJobStore) -> None:
    with pytest.raises(InvalidImportExportUrlException, match="nothing that is installed knows"):
        export_files(store, [(b"", "a")], "nosuch://there")


def test_a_file_that_the_job_store_lacks_is_told(store: FileJobStore, tmp_path: Path) -> None:
    gone = stored(store, "")
    store.delete_file(gone)
    with pytest.raises(NoSuchFileException):
        export_files(store, [(gone, "a")], str(tmp_path))
    assert os.listdir(tmp_path) == ["store"]


def test_from_a_job_store_elsewhere_files_come_several_at_a_time(
    store: FileJobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(store.storage), "prefers_caching", True)
    together = threading.Barrier(2, timeout=30)
    export = store.export_file

    def slowly(file_id: FileID, place: str) -> None:
        together.wait()
        export(file_id, place)

    monkeypatch.setattr(store, "export_file", slowly)
    outputs: Outputs = [(stored(store, "0"), "a"), (stored(store, "1"), "b")]
    places = export_files(store, outputs, str(tmp_path / "out"), link=False)
    assert [Path(place).read_text() for place in places] == ["0", "1"]
