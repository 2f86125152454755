"""What a job can do with files, the same whether they are cached or not and wherever the job store is."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.file_stores.stores import Node
from toil_core.file_stores.errors import DiskFullError, FileStoreClosedError
from toil_core.job_stores.errors import NoSuchFileException
from toil_core.job_stores.file_ids import FileID


def test_what_one_job_writes_another_reads(node: Node) -> None:
    with node.job() as store:
        Path("data.txt").write_bytes(b"tangled web")
        file_id = store.writeGlobalFile("data.txt")
        store.startCommit(jobState=True)
        assert store.waitForCommit() is True
    with node.job() as store:
        assert Path(store.readGlobalFile(file_id)).read_bytes() == b"tangled web"
        with store.readGlobalFileStream(file_id) as stream:
            assert stream.read() == b"tangled web"


def test_a_job_reads_what_it_has_written_before_it_commits(node: Node) -> None:
    with node.job() as store:
        path = store.getLocalTempFile()
        Path(path).write_bytes(b"abc")
        file_id = store.writeGlobalFile(path)
        copy = store.readGlobalFile(file_id)
        assert copy != path and Path(copy).read_bytes() == b"abc"
        with store.readGlobalFileStream(str(file_id)) as stream:
            assert stream.read() == b"abc"
        assert store.globalFileExists(file_id) and store.getGlobalFileSize(str(file_id)) == 3


def test_an_id_knows_its_size_and_whether_the_file_was_executable(node: Node) -> None:
    with node.job() as store:
        Path("tool.sh").write_bytes(b"#!/bin/sh\n")
        os.chmod("tool.sh", 0o755)
        tool = store.writeGlobalFile("tool.sh")
        Path("data").write_bytes(b"12345")
        data = store.writeGlobalFile("data")
        assert isinstance(tool, FileID) and (tool.size, tool.executable) == (10, True)
        assert (data.size, data.executable) == (5, False)
        for mutable in (False, True):
            assert os.access(store.readGlobalFile(str(tool), mutable=mutable), os.X_OK)
            assert not stat.S_IMODE(os.stat(store.readGlobalFile(data, mutable=mutable)).st_mode) & 0o111


def test_changing_the_local_file_afterwards_does_not_change_the_stored_one(node: Node) -> None:
    with node.job() as store:
        path = Path(store.getLocalTempFile())
        path.write_bytes(b"before")
        file_id = store.writeGlobalFile(str(path))
        with path.open("r+b") as stream:
            stream.write(b"AFTER!")
        assert Path(store.readGlobalFile(file_id)).read_bytes() == b"before"
        store.startCommit(jobState=True)
    with node.job_store.read_file_stream(file_id) as stored:
        assert stored.read() == b"before"


def test_a_mutable_copy_can_be_changed_without_changing_what_others_read(node: Node) -> None:
    file_id = node.write(b"original")
    with node.job() as one, node.job() as other:
        before = other.readGlobalFile(file_id)
        path = one.readGlobalFile(file_id, mutable=True)
        assert os.stat(path).st_mode & stat.S_IWUSR
        with open(path, "r+b") as stream:
            stream.write(b"CHANGED!")
        assert Path(before).read_bytes() == b"original"
        assert Path(other.readGlobalFile(file_id)).read_bytes() == b"original"
    with node.job_store.read_file_stream(file_id) as stored:
        assert stored.read() == b"original"


@pytest.mark.parametrize("cache", [True, False])
def test_an_immutable_copy_of_a_far_file_is_read_only(node: Node, cache: bool) -> None:
    file_id = node.write(b"x")
    with node.job() as store:
        path = store.readGlobalFile(file_id, cache=cache)
        linked_to_the_job_store = os.stat(path).st_nlink > 1 and not node.cached()
        assert linked_to_the_job_store or not os.stat(path).st_mode & 0o222


def test_relative_paths_start_at_the_temporary_directory_wherever_the_job_went(node: Node, tmp_path: Path) -> None:
    with node.job() as store:
        (Path(store.localTempDir) / "in.txt").write_bytes(b"x")
        os.chdir(tmp_path)
        file_id = store.writeGlobalFile("in.txt")
        path = store.readGlobalFile(file_id, userPath="out.txt")
        assert path == os.path.join(store.localTempDir, "out.txt") and Path(path).read_bytes() == b"x"
        assert store.readGlobalFile(file_id, localFilePath="older.txt").endswith("older.txt")


@pytest.mark.parametrize("mutable", [False, True])
def test_a_file_at_the_destination_is_replaced(node: Node, mutable: bool) -> None:
    first, second = node.write(b"first"), node.write(b"second")
    with node.job() as store:
        path = store.getLocalTempFile()
        for file_id, content in ((first, b"first"), (second, b"second"), (second, b"second")):
            assert store.readGlobalFile(file_id, path, mutable=mutable) == path
            assert Path(path).read_bytes() == content
        assert os.listdir(store.localTempDir) == [os.path.basename(path)]
        with pytest.raises(FileNotFoundError):
            store.deleteLocalFile(first)


def test_directories_are_neither_written_nor_overwritten(node: Node) -> None:
    file_id = node.write(b"x")
    with node.job() as store:
        directory = store.getLocalTempDir()
        with pytest.raises(IsADirectoryError):
            store.readGlobalFile(file_id, directory)
        with pytest.raises(IsADirectoryError):
            store.writeGlobalFile(directory)


@pytest.mark.parametrize("symlink", [False, True])
def test_a_copy_outside_the_temporary_directory_belongs_to_the_user(node: Node, tmp_path: Path, symlink: bool) -> None:
    file_id = node.write(b"result")
    target = tmp_path / "result.txt"
    with node.job() as store:
        assert store.readGlobalFile(file_id, str(target), symlink=symlink) == str(target)
        with pytest.raises(OSError, match="no copy") as caught:
            store.deleteLocalFile(file_id)
        assert caught.value.errno == errno.ENOENT
    assert not target.is_symlink() and target.stat().st_nlink == 1 and target.stat().st_mode & stat.S_IWUSR
    assert target.read_bytes() == b"result"


def test_a_symbolic_link_is_as_good_as_the_file(node: Node) -> None:
    file_id = node.write(b"linked")
    with node.job() as store:
        path = store.readGlobalFile(file_id, symlink=True)
        assert Path(path).read_bytes() == b"linked"
        changed = store.readGlobalFile(file_id, symlink=True, mutable=True)
        assert not os.path.islink(changed)


def test_a_copy_keeps_the_suffix_of_the_file(node: Node) -> None:
    with node.job() as store:
        Path("reads.bam").write_bytes(b"x")
        assert store.readGlobalFile(store.writeGlobalFile("reads.bam")).endswith(".bam")


def test_reading_what_does_not_exist_names_the_file(node: Node) -> None:
    file_id = node.write(b"x")
    node.job_store.delete_file(file_id)
    with node.job() as store:
        with pytest.raises(NoSuchFileException, match="does not exist"):
            store.readGlobalFile(file_id)
        with pytest.raises(NoSuchFileException, match="does not exist"), store.readGlobalFileStream(file_id):
            pass
        assert not store.globalFileExists(file_id)
        assert os.listdir(store.localTempDir) == []


def test_writing_what_does_not_exist_names_the_file(node: Node) -> None:
    with node.job() as store, pytest.raises(FileNotFoundError, match=r"nothing\.txt"):
        store.writeGlobalFile("nothing.txt")


# Streams


def test_a_written_stream_is_stored_under_an_id_that_then_knows_its_size(node: Node) -> None:
    with node.job() as store:
        with store.writeGlobalFileStream(basename="out.bin") as (stream, file_id):
            assert stream.write(b"Out brief ") == 10
            stream.write(bytearray(b"candle"))
        assert file_id.size == 16
        with store.readGlobalFileStream(file_id) as found:
            assert found.read() == b"Out brief candle"


@pytest.mark.parametrize("closed_by_user", [False, True])
def test_text_streams_use_the_encoding_and_the_way_with_errors(node: Node, closed_by_user: bool) -> None:
    with node.job() as store:
        with store.writeGlobalFileStream(encoding="latin-1", errors="replace") as (stream, file_id):
            stream.write("naïve ☃")
            if closed_by_user:
                stream.close()
        assert file_id.size == 7
        with store.readGlobalFileStream(file_id, encoding="latin-1") as found:
            assert found.read() == "naïve ?"
        with store.readGlobalFileStream(file_id, encoding="ascii", errors="ignore") as found:
            assert found.read() == "nave ?"
        with pytest.raises(UnicodeDecodeError), store.readGlobalFileStream(file_id, encoding="utf-8") as found:
            found.read()


def test_what_others_write_to_the_descriptor_of_a_stream_counts_too(node: Node) -> None:
    with node.job() as store:
        with store.writeGlobalFileStream() as (stream, file_id):
            stream.write(b"ab")
            os.write(stream.fileno(), b"cde")
        assert file_id.size == 5


def test_a_stream_that_ends_in_an_exception_stores_nothing(node: Node) -> None:
    with node.job() as store:
        ids = []

        def write_half() -> None:
            with store.writeGlobalFileStream(encoding="utf-8") as (stream, file_id):
                ids.append(file_id)
                stream.write("half")
                raise RuntimeError("oh")

        with pytest.raises(RuntimeError, match="oh"):
            write_half()
        assert not store.globalFileExists(ids[0])


# Deleting


def test_deleting_local_copies_leaves_the_stored_file_and_works_once(node: Node) -> None:
    with node.job() as store:
        Path("data.txt").write_bytes(b"x")
        file_id = store.writeGlobalFile("data.txt")
        copies = [store.readGlobalFile(file_id), store.readGlobalFile(file_id, mutable=True)]
        store.deleteLocalFile(str(file_id))
        assert not any(os.path.exists(path) for path in ["data.txt", *copies])
        with pytest.raises(OSError, match="no copy") as caught:
            store.deleteLocalFile(file_id)
        assert caught.value.errno == errno.ENOENT
        assert Path(store.readGlobalFile(file_id)).read_bytes() == b"x"


def test_a_deleted_file_goes_only_when_the_job_is_committed(node: Node) -> None:
    file_id = node.write(b"x")
    with node.job() as store:
        copy = store.readGlobalFile(file_id)
        store.deleteGlobalFile(file_id)
        assert not os.path.exists(copy)
        assert node.job_store.file_exists(file_id) and store.files_to_delete == {file_id}
        store.startCommit(jobState=False)
        assert node.job_store.file_exists(file_id)
        store.startCommit(jobState=True)
        assert store.committed and not node.job_store.file_exists(file_id)
    with node.job() as store, pytest.raises(NoSuchFileException):
        store.readGlobalFile(file_id)


def test_a_failed_job_deletes_nothing(node: Node) -> None:
    file_id = node.write(b"x")

    def delete_and_fail() -> None:
        with node.job() as store:
            store.deleteGlobalFile(file_id)
            raise RuntimeError("failed")

    with pytest.raises(RuntimeError, match="failed"):
        delete_and_fail()
    assert node.job_store.file_exists(file_id)


# Files that are replaced


def test_the_content_of_a_file_can_be_replaced(node: Node) -> None:
    with node.job() as store:
        file_id = store.getEmptyFileStoreID()
        assert store.globalFileExists(file_id)
        assert Path(store.readGlobalFile(file_id)).read_bytes() == b""
        Path("new.txt").write_bytes(b"new")
        store.updateGlobalFile(file_id, "new.txt")
        assert Path(store.readGlobalFile(file_id)).read_bytes() == b"new"
        with store.updateGlobalFileStream(file_id, encoding="utf-8") as stream:
            stream.write("newer")
        assert Path(store.readGlobalFile(file_id)).read_bytes() == b"newer"


def test_only_what_exists_can_be_replaced(node: Node) -> None:
    file_id = node.write(b"x")
    node.job_store.delete_file(file_id)
    with node.job() as store:
        Path("new.txt").write_bytes(b"new")
        with pytest.raises(NoSuchFileException):
            store.updateGlobalFile(file_id, "new.txt")


# Outside the workflow


@pytest.mark.parametrize("older", [False, True])
def test_a_running_job_imports_and_exports(node: Node, tmp_path: Path, older: bool) -> None:
    (tmp_path / "in.txt").write_bytes(b"in")
    target = tmp_path / "out.txt"
    with node.job() as store:
        Path("local.txt").write_bytes(b"local")
        imports, exports = (store.importFile, store.exportFile) if older else (store.import_file, store.export_file)
        imported, local = imports(f"file://{tmp_path}/in.txt"), imports("local.txt")
        assert imported is not None and local is not None
        assert Path(store.readGlobalFile(local)).read_bytes() == b"local"
        exports(store.writeGlobalFile(store.readGlobalFile(imported)), f"file://{target}")
    assert target.read_bytes() == b"in"


def test_an_import_under_a_name_has_no_id(node: Node, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_bytes(b"shared")
    with node.job() as store:
        assert store.import_file(str(tmp_path / "in.txt"), "shared.name") is None
    with node.job_store.read_shared_file_stream("shared.name") as stream:
        assert stream.read() == b"shared"


# What the worker and the leader hear of it


def test_messages_and_reads_are_noted_for_the_leader(node: Node, caplog: pytest.LogCaptureFixture) -> None:
    file_id = node.write(b"x")
    with node.job() as store, caplog.at_level("DEBUG"):
        store.logToMaster("hello")
        store.log_to_leader("careful", level=30)
        path = store.readGlobalFile(file_id)
        with store.readGlobalFileStream(file_id):
            pass
        assert store.messages == [(20, "hello"), (30, "careful")]
        assert store.accessed == [(file_id, path), (file_id, "")]
    assert [record.levelno for record in caplog.records if record.message in ("hello", "careful")] == [20, 30]


def test_files_to_clean_up_are_announced(node: Node) -> None:
    with node.job() as store:
        Path("x").write_bytes(b"x")
        store.writeGlobalFile("x")
        assert not store.has_cleanup_files
        store.writeGlobalFile("x", cleanup=True)
        assert store.has_cleanup_files
    with node.job() as store:
        with store.writeGlobalFileStream(cleanup=True):
            pass
        assert store.has_cleanup_files


def test_a_full_disk_is_explained(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    file_id = node.write(b"x")

    def fail(file_id: str, local_path: str, symlink: bool = False) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(node.job_store, "read_file", fail)
    with node.job() as store:
        with pytest.raises(
            DiskFullError, match=r"no room left to write a copy of.* takes 2.0 KiB.*--workDir"
        ) as caught:
            store.readGlobalFile(FileID(file_id, 2048))
        assert caught.value.place == store.localTempDir and caught.value.needed == 2048
        assert store.accessed == []


def test_a_job_store_on_a_full_disk_is_explained(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    class Full(io.BytesIO):
        def write(self, data: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    @contextmanager
    def full(*args: object) -> Iterator[tuple[Full, str]]:
        yield Full(), "some-id"

    monkeypatch.setattr(node.job_store, "write_file_stream", full)
    for method in ("write_file", "new_file_id"):
        monkeypatch.setattr(node.job_store, method, fail)
    with node.job() as store:
        with pytest.raises(DiskFullError, match="room left to store") as caught:
            store.writeGlobalFile(store.getLocalTempFile())
        assert caught.value.place == node.job_store.locator
        with store.writeGlobalFileStream() as (stream, _), pytest.raises(DiskFullError, match="locator"):
            stream.write(b"x")


def test_files_can_be_used_only_while_the_job_runs(node: Node) -> None:
    file_id = node.write(b"x")
    with node.job() as store:
        pass
    with pytest.raises(FileStoreClosedError, match="only be used while it runs"):
        store.getLocalTempDir()
    uses: list[Callable[[], object]] = [
        lambda: store.readGlobalFile(file_id),
        lambda: store.writeGlobalFile("x"),
        lambda: store.getEmptyFileStoreID(),
        lambda: store.deleteGlobalFile(file_id),
        lambda: store.import_file("/etc/hostname"),
        lambda: store.export_file(file_id, "/nowhere"),
        lambda: store.readGlobalFileStream(file_id).__enter__(),
        lambda: store.writeGlobalFileStream().__enter__(),
        lambda: store.updateGlobalFileStream(file_id).__enter__(),
    ]
    for use in uses:
        with pytest.raises(FileStoreClosedError):
            use()
