"""Inputs of workflows, brought into the job store."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from tests.languages.conftest import Web
from toil_core.job_stores.errors import InvalidImportExportUrlException
from toil_core.job_stores.file import FileJobStore
from toil_core.job_stores.file_ids import FileID
from toil_core.languages.errors import InputsUnavailable
from toil_core.languages.importing import absolute_source, check_sources, import_files, walk_directory


def text_of(store: FileJobStore, file_id: FileID) -> str:
    with store.read_file_stream(file_id) as stream:
        return str(stream.read().decode())


def test_each_file_is_imported_once_however_it_is_named(store: FileJobStore, web: Web, tmp_path: Path) -> None:
    (web.directory / "far").write_text("far")
    (tmp_path / "near").write_text("near")
    sources = [f"{web.url}/far", str(tmp_path / "near"), f"file://{tmp_path}/near", f"{web.url}/far"]
    found = import_files(store, sources)
    assert [text_of(store, found[source]) for source in sources] == ["far", "near", "near", "far"]
    assert found[sources[1]] == found[sources[2]]
    assert web.fetched == {"/far": 1}


def test_files_of_this_machine_are_linked_and_copied_where_the_user_says_so(
    store: FileJobStore, tmp_path: Path
) -> None:
    path = tmp_path / "near"
    path.write_text("near")

    def shares(file_id: FileID) -> bool:
        stored = store.storage.local_path(file_id)
        assert stored is not None
        return os.path.samefile(stored, path)

    assert shares(import_files(store, [str(path)])[str(path)])
    assert not shares(import_files(store, [str(path)], link=False)[str(path)])
    store.config.linkImports = False
    assert not shares(import_files(store, [str(path)])[str(path)])


@pytest.mark.parametrize("do", [import_files, check_sources])
def test_all_files_that_are_missing_are_told_together(do, store: FileJobStore, web: Web, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "there").write_text("")
    (tmp_path / "directory").mkdir()
    sources = [f"{web.url}/a", str(tmp_path / "there"), str(tmp_path / "b"), str(tmp_path / "directory"), "nosuch:c"]
    with pytest.raises(InputsUnavailable) as caught:
        do(store, sources)
    told = str(caught.value).splitlines()
    assert told[0] == "4 input files cannot be had:"
    for line, said in zip(
        told[1:], ("/a': the server answers 404", "/b': there is no", "is a directory", "'nosuch:'"), strict=True
    ):
        assert said in line


def test_one_file_that_is_missing_is_told_in_one_line(store: FileJobStore) -> None:
    with pytest.raises(InputsUnavailable, match=r"^Cannot use 'file:///nosuch': there is no such file\.$"):
        import_files(store, ["/nosuch"])


def test_sizes_are_told_without_importing(store: FileJobStore, web: Web, tmp_path: Path) -> None:
    (web.directory / "far").write_text("123")
    (tmp_path / "near").write_text("12")
    sources = [f"{web.url}/far", str(tmp_path / "near")]
    assert check_sources(store, sources) == dict(zip(sources, (3, 2), strict=True))
    assert web.fetched == {}


@pytest.mark.parametrize(
    ("source", "base", "expected"),
    [
        ("/a b", "http://host/c", "file:///a%20b"),
        ("d/e", "http://host/b/c.cwl", "http://host/b/d/e"),
        ("../e", "s3://bucket/b/c.cwl", "s3://bucket/e"),
        ("e", "file:///x%20y/c.cwl", "file:///x%20y/e"),
        ("e", "/x/", "file:///x/e"),
        ("e", "/x", "file:///e"),
        ("gs://b/e", "/x", "gs://b/e"),
    ],
)
def test_sources_are_relative_to_the_document_that_names_them(source: str, base: str, expected: str) -> None:
    assert absolute_source(source, base) == expected


def test_sources_are_relative_to_the_current_directory_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert absolute_source("a") == absolute_source("a", "document.cwl") == f"file://{tmp_path}/a"


def test_a_directory_is_walked_whole_and_in_order(store: FileJobStore, tmp_path: Path) -> None:
    for name in ("top/b", "top/a%/x y", "top/c/d/e"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "top" / "empty").mkdir()
    entries = list(walk_directory(store, f"{tmp_path}/top/"))
    assert sorted(entry.path for entry in entries if entry.is_directory) == ["a%", "c", "c/d", "empty"]
    files = [entry for entry in entries if not entry.is_directory]
    assert [entry.path for entry in files] == ["b", "a%/x y", "c/d/e"]
    found = import_files(store, [entry.url for entry in files])
    assert [text_of(store, found[entry.url]) for entry in files] == [f"top/{entry.path}" for entry in files]


def test_a_directory_that_holds_itself_is_told(store: FileJobStore, tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "loop").symlink_to(tmp_path / "a")
    with pytest.raises(InvalidImportExportUrlException, match="loop': it is a link to a directory that it is in"):
        list(walk_directory(store, str(tmp_path / "a")))


def test_files_go_to_a_job_store_elsewhere_several_at_a_time(
    store: FileJobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(store.storage), "prefers_caching", True)
    together = threading.Barrier(2, timeout=30)
    import_file = store.import_file

    def slowly(url: str, symlink: bool) -> FileID | None:
        together.wait()
        return import_file(url, symlink=symlink)

    monkeypatch.setattr(store, "import_file", slowly)
    sources = [str(tmp_path / name) for name in "ab"]
    for source in sources:
        Path(source).write_text(source)
    found = import_files(store, sources)
    assert [text_of(store, found[source]) for source in sources] == sources
