"""What is special about a job store in a directory: what it refuses to delete, links, modes, leftovers, durability."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from toil_core.job_stores.errors import (
    IncompatibleJobStoreException,
    JobStoreExistsException,
    LocatorException,
    NoSuchFileException,
    NoSuchJobStoreException,
    NotAJobStoreException,
)
from toil_core.job_stores.file import FileJobStore
from toil_core.options.config import Config
from toil_core.testing import racing


@pytest.fixture
def store(tmp_path: Path) -> FileJobStore:
    """Return a job store in a directory of its own."""
    made = FileJobStore(str(tmp_path / "store"))
    made.initialize(Config())
    return made


def leftovers(store: FileJobStore) -> list[str]:
    """Return the files that are being written, or were."""
    return os.listdir(Path(store.storage.name) / ".toil" / "unfinished")


def test_a_directory_that_is_no_job_store_is_not_deleted(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("...")
    store = FileJobStore(f"file:{tmp_path / 'thesis'}")
    with pytest.raises(NotAJobStoreException, match="thesis"):
        store.destroy()
    with pytest.raises(NoSuchJobStoreException):
        store.resume()
    with pytest.raises(JobStoreExistsException):
        store.initialize(Config())
    assert (tmp_path / "thesis" / "chapter1.tex").read_text() == "..."


def test_a_file_is_no_job_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(NotAJobStoreException):
        FileJobStore(str(tmp_path / "file")).destroy()
    with pytest.raises(LocatorException):
        FileJobStore(str(tmp_path / "file" / "store")).initialize(Config())
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("missing", ["config.json", ".toil/complete", ".toil"])
def test_a_creation_or_deletion_that_was_cut_off_can_only_be_deleted(tmp_path: Path, missing: str) -> None:
    whole = FileJobStore(str(tmp_path / "store"))
    whole.storage.create()
    (tmp_path / "store" / missing).unlink(missing_ok=True) if missing != ".toil" else _empty(tmp_path / "store")
    other = FileJobStore(str(tmp_path / "store"))
    with pytest.raises(IncompatibleJobStoreException):
        other.resume()
    other.destroy()
    assert not (tmp_path / "store").exists()


def _empty(directory: Path) -> None:
    import shutil

    shutil.rmtree(directory / ".toil")


def test_locators_mean_the_same_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    expected = f"file:{tmp_path}/a b"
    for locator in (
        "a b",
        "file:a b",
        f"{tmp_path}/a b",
        f"file:{tmp_path}/a b",
        f"file://{tmp_path}/a%20b",
        "./x/../a b",
    ):
        assert FileJobStore(locator).locator == expected


@pytest.mark.parametrize("locator", ["file:", "file:/", "file://elsewhere/store"])
def test_locators_that_lead_nowhere_are_refused(locator: str) -> None:
    with pytest.raises(LocatorException):
        FileJobStore(locator)


def test_stored_files_are_read_only_and_shared_as_hard_links(store: FileJobStore, tmp_path: Path) -> None:
    for mode, expected in ((0o640, 0o444), (0o750, 0o555)):
        source = tmp_path / f"source{mode:o}"
        source.write_text("content")
        source.chmod(mode)
        file_id = store.write_file(str(source))
        copy = tmp_path / f"copy{mode:o}"
        store.read_file(file_id, str(copy))
        found = copy.stat()
        assert stat.S_IMODE(found.st_mode) == expected and found.st_nlink == 2
        assert source.stat().st_nlink == 1 and stat.S_IMODE(source.stat().st_mode) == mode


def test_a_reader_may_get_a_symbolic_link(store: FileJobStore, tmp_path: Path) -> None:
    with store.write_file_stream() as (stream, file_id):
        stream.write(b"content")
    store.read_file(file_id, str(tmp_path / "link"), symlink=True)
    assert (tmp_path / "link").is_symlink() and (tmp_path / "link").read_bytes() == b"content"


def test_a_linked_import_takes_no_space_and_protects_its_source(store: FileJobStore, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("content")
    file_id = store.import_file(str(source), symlink=True)
    assert file_id is not None
    stored = Path(store.storage.name) / file_id
    assert stored.is_symlink() and os.readlink(stored) == str(source)
    store.read_file(file_id, str(tmp_path / "copy"))
    assert (tmp_path / "copy").stat().st_ino != source.stat().st_ino
    with store.update_file_stream(file_id) as stream:
        stream.write(b"replaced")
    assert source.read_text() == "content" and not stored.is_symlink()


def test_a_linked_import_whose_source_is_gone_is_missed(store: FileJobStore, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("content")
    file_id = store.import_file(str(source), symlink=True)
    assert file_id is not None
    source.unlink()
    assert not store.file_exists(file_id)
    with pytest.raises(NoSuchFileException):
        store.read_file(file_id, str(tmp_path / "copy"))
    store.delete_file(file_id)
    assert not os.path.lexists(Path(store.storage.name) / file_id)


@pytest.mark.parametrize(
    ("option", "asked", "linked"), [(None, True, True), (None, False, False), (True, False, True), (False, True, False)]
)
def test_the_option_decides_over_links(
    store: FileJobStore, tmp_path: Path, option: bool | None, asked: bool, linked: bool
) -> None:
    store.config.linkImports = option
    source = tmp_path / "source"
    source.write_text("content")
    file_id = store.import_file(str(source), symlink=asked)
    assert file_id is not None
    assert (Path(store.storage.name) / file_id).is_symlink() is linked


def test_a_hard_link_import_shares_the_source(store: FileJobStore, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_text("content")
    file_id = store.import_file(str(source), hardlink=True)
    assert file_id is not None
    assert (Path(store.storage.name) / file_id).stat().st_ino == source.stat().st_ino


def test_a_moved_export_leaves_a_link(store: FileJobStore, tmp_path: Path) -> None:
    store.config.moveExports = True
    with store.write_file_stream() as (stream, file_id):
        stream.write(b"content")
    store.export_file(file_id, str(tmp_path / "target"))
    assert os.readlink(Path(store.storage.name) / file_id) == str(tmp_path / "target")
    store.destroy()
    assert (tmp_path / "target").read_bytes() == b"content"


def test_leftovers_of_dead_processes_are_discarded(store: FileJobStore) -> None:
    with store.storage.open_write("mine") as stream:
        stream.write(b"mine")
        with racing.doomed(store.storage, "half_write", "theirs"):
            assert len(leftovers(store)) == 2
        store.storage.discard_unfinished()
        assert len(leftovers(store)) == 1
    assert leftovers(store) == []


def test_a_put_that_fails_leaves_nothing(store: FileJobStore) -> None:
    store.storage.put("a", b"")
    with pytest.raises(NotADirectoryError):
        store.storage.put("a/b", b"")
    assert leftovers(store) == []


def test_durable_puts_are_synced_before_they_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []

    def watched(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def call(*args: Any, **options: Any) -> Any:
            events.append(name)
            return real(*args, **options)

        return call

    for name in ("fsync", "replace", "link"):
        monkeypatch.setattr(os, name, watched(name))
    config = Config()
    config.durable = True
    store = FileJobStore(str(tmp_path / "store"))
    store.initialize(config)
    store.storage.put("warm", b"")
    events.clear()
    store.storage.put("a", b"value")
    assert events == ["fsync", "replace", "fsync"]
    events.clear()
    store.storage.put("b", b"value", if_absent=True)
    assert events == ["fsync", "link", "fsync"]
    events.clear()
    with store.storage.open_write("c") as stream:
        stream.write(b"value")
    assert events == ["fsync", "replace", "fsync"]
    assert FileJobStore(store.locator).storage.durable is False
    reopened = FileJobStore(store.locator)
    reopened.resume()
    assert reopened.storage.durable is True


def test_deleting_the_last_file_of_a_job_deletes_its_directory(store: FileJobStore) -> None:
    job = f"{store.new_segment()}-0"
    ids = [store.get_empty_file_store_id(job) for _ in range(2)]
    directory = Path(store.storage.name) / "files" / job
    store.delete_file(ids[0])
    assert directory.is_dir()
    store.delete_file(ids[1])
    assert not directory.exists()
    assert store.file_exists(store.get_empty_file_store_id(job))
