"""Files at URLs: what comes from a web server and what becomes of its refusals, and how local files are named."""

from __future__ import annotations

import http.server
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from toil_core.job_stores.errors import (
    InvalidImportExportUrlException,
    LocatorException,
    NoSuchUrlException,
    UrlIsDirectoryException,
)
from toil_core.job_stores.file import FileJobStore
from toil_core.job_stores.memory import MemoryJobStore
from toil_core.job_stores.opening import job_store_for, split_locator
from toil_core.job_stores.urls import FileUrlScheme, HttpUrlScheme, normalize_uri
from toil_core.options.config import Config
from toil_core.plugins import UnknownPluginError

CONTENT = b"from the web" * 100_000


class _Handler(http.server.BaseHTTPRequestHandler):
    """Serves one file, one redirection, one file that fails at first, and one whose transfer breaks off."""

    flaky = 0

    def do_GET(self) -> None:
        kind = self.path.rpartition("/")[2]
        if kind == "moved":
            self.send_response(302)
            self.send_header("Location", "/file.bam")
            self.end_headers()
            return
        if kind == "flaky" and type(self).flaky < 2:
            type(self).flaky += 1
            self.send_error(503)
            return
        if kind in ("none", "secret"):
            self.send_error(404 if kind == "none" else 403)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(CONTENT[:1000] if kind == "broken" else CONTENT)

    do_HEAD = do_GET

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    """Return the URL of a web server."""
    _Handler.flaky = 0
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as serving:
        thread = threading.Thread(target=serving.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{serving.server_address[1]}"
        serving.shutdown()
        thread.join()


@pytest.fixture
def store(tmp_path: Path) -> FileJobStore:
    """Return a job store in a directory of its own."""
    made = FileJobStore(str(tmp_path / "store"))
    made.initialize(Config())
    return made


@pytest.mark.parametrize("path", ["file.bam", "moved", "flaky"])
def test_files_come_from_web_servers(store: FileJobStore, server: str, path: str) -> None:
    file_id = store.import_file(f"{server}/some/{path}")
    assert file_id is not None and file_id.size == len(CONTENT) and path in file_id
    with store.read_file_stream(file_id) as stream:
        assert stream.read() == CONTENT


def test_web_servers_can_be_asked(server: str) -> None:
    scheme = HttpUrlScheme()
    assert scheme.size(f"{server}/x") == len(CONTENT)
    assert scheme.exists(f"{server}/x") and not scheme.exists(f"{server}/none")
    assert not scheme.is_directory(f"{server}/x") and scheme.local_path(f"{server}/x") is None


def test_what_a_web_server_refuses_is_explained(store: FileJobStore, server: str) -> None:
    with pytest.raises(NoSuchUrlException, match="404"):
        store.import_file(f"{server}/none")
    with pytest.raises(InvalidImportExportUrlException, match="403"):
        store.import_file(f"{server}/secret")
    with pytest.raises(InvalidImportExportUrlException, match="exported"):
        store.export_file(store.get_empty_file_store_id(), f"{server}/upload")


def test_a_transfer_that_breaks_off_is_an_error_and_no_file(store: FileJobStore, server: str) -> None:
    with pytest.raises(InvalidImportExportUrlException, match="broke off"):
        store.import_file(f"{server}/broken")
    assert list(store.storage.list("files/")) == []


def test_a_server_that_is_not_there_is_explained(store: FileJobStore) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/x"
        with pytest.raises(InvalidImportExportUrlException, match="cannot be reached"):
            store.import_file(url)


def test_errors_are_also_those_of_the_system(store: FileJobStore, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as missing:
        store.import_file(str(tmp_path / "none"))
    assert str(tmp_path / "none") in str(missing.value) and isinstance(missing.value, NoSuchUrlException)
    with pytest.raises(IsADirectoryError):
        store.export_file(store.get_empty_file_store_id(), str(tmp_path))
    with pytest.raises(InvalidImportExportUrlException, match="no directory"):
        store.export_file(store.get_empty_file_store_id(), str(tmp_path / "none" / "x"))
    with pytest.raises(UrlIsDirectoryException):
        store.import_file(str(tmp_path))


def test_unknown_schemes_are_explained(store: FileJobStore) -> None:
    with pytest.raises(InvalidImportExportUrlException, match="gopher"):
        store.import_file("gopher://host/x")


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a%20b", "/a b"),
        ("file:/a/b", "/a/b"),
        ("file://localhost/a", "/a"),
        ("file:///a?b#c", "/a?b#c"),
        ("/a b?#%", "/a b?#%"),
        ("x/../y", "y"),
        ("file:y", "y"),
    ],
)
def test_paths_and_file_urls_mean_the_same(uri: str, path: str) -> None:
    normal = normalize_uri(uri)
    assert normal.startswith("file:///")
    assert FileUrlScheme().local_path(normal) == os.path.abspath(path)
    assert normalize_uri(normal) == normal


def test_other_uris_stay_as_they_are() -> None:
    assert normalize_uri("s3://bucket/a b") == "s3://bucket/a b"
    with pytest.raises(InvalidImportExportUrlException, match="elsewhere"):
        normalize_uri("file://elsewhere/x")


def test_locators_lead_to_their_kind_of_job_store(tmp_path: Path) -> None:
    for locator in (f"file:{tmp_path}/x", f"{tmp_path}/x"):
        assert type(job_store_for(locator)) is FileJobStore
    opened = job_store_for("memory:x", "toil_core.job_stores.memory:MemoryJobStore")
    assert type(opened) is MemoryJobStore and opened.locator == "memory:x"
    assert split_locator("./a:b") == ("file", "./a:b")
    assert split_locator("aws:us-west-2:name") == ("aws", "us-west-2:name")
    with pytest.raises(LocatorException):
        job_store_for("")


def test_near_misses_and_absent_plugins_are_named() -> None:
    with pytest.raises(UnknownPluginError, match="file"):
        job_store_for("fiel:store")
    with pytest.raises(UnknownPluginError, match="pip install"):
        job_store_for("aws:us-west-2:store")
