"""The cache that workers of a machine share: what it saves, what it keeps, and what it survives."""

from __future__ import annotations

import errno
import os
import random
import signal
import stat
import subprocess
import threading
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

import pytest

from tests.file_stores.conftest import Start
from tests.file_stores.stores import FarJobStore, Node
from toil_core.file_stores.caching import CachingFileStore
from toil_core.file_stores.direct import DirectFileStore
from toil_core.file_stores.errors import UploadError
from toil_core.job_stores.file import FileJobStore
from toil_core.options.config import Config


def reads(node: Node) -> int:
    """Return how often a file was read from the job store."""
    assert isinstance(node.job_store, FarJobStore)
    return len(node.job_store.reads.read_text().splitlines()) if node.job_store.reads.exists() else 0


def limit(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(CachingFileStore, "cache_limit", size)


def read(node: Node, file_id: str) -> bytes:
    with node.job() as store:
        return Path(store.readGlobalFile(file_id)).read_bytes()


@pytest.mark.parametrize(("caching", "kind"), [(True, CachingFileStore), (False, DirectFileStore), (None, None)])
def test_caching_is_as_asked_or_else_as_the_job_store_prefers(
    far: Node, caching: bool | None, kind: type | None
) -> None:
    store = CachingFileStore.createFileStore(far.job_store, far.description(), str(far.directory), bool, caching)
    preferred = CachingFileStore if far.job_store.default_caching() else DirectFileStore
    assert type(store) is (kind or preferred)


def test_a_file_is_read_from_the_job_store_once(far: Node) -> None:
    file_id = far.write(b"popular")
    with far.job() as one, far.job() as other:
        first, second = one.readGlobalFile(file_id), other.readGlobalFile(file_id)
        assert os.path.samefile(first, second) and Path(first).read_bytes() == b"popular"
        assert not os.path.samefile(first, other.readGlobalFile(file_id, mutable=True))
    with far.job() as store, store.readGlobalFileStream(file_id, encoding="ascii") as stream:
        assert stream.read() == "popular"
    assert reads(far) == 1


def test_what_a_job_wrote_need_not_be_read_from_the_job_store(far: Node) -> None:
    with far.job() as store:
        Path("out").write_bytes(b"fresh")
        file_id = store.writeGlobalFile("out")
        store.startCommit(jobState=True)
    assert read(far, file_id) == b"fresh"
    assert reads(far) == 0


def test_a_file_read_without_caching_is_not_kept(far: Node) -> None:
    file_id = far.write(b"once")
    with far.job() as store:
        store.readGlobalFile(file_id, cache=False)
        store.readGlobalFile(file_id, cache=False)
    assert reads(far) == 2 and far.cached() == set()


def test_cached_files_cannot_be_changed_by_accident(far: Node) -> None:
    file_id = far.write(b"x")
    with far.job() as store:
        assert not os.stat(store.readGlobalFile(file_id)).st_mode & 0o222
        Path("tool").write_bytes(b"x")
        os.chmod("tool", 0o755)
        path = store.readGlobalFile(store.writeGlobalFile("tool"))
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o555


def test_a_file_that_the_job_store_shares_by_links_is_not_kept_twice(tmp_path: Path) -> None:
    near = FileJobStore(str(tmp_path / "near"))
    near.initialize(Config())
    node = Node(near, tmp_path / "work")
    file_id = node.write(b"near")
    with node.job() as store:
        path = store.readGlobalFile(file_id)
        assert Path(path).read_bytes() == b"near" and os.stat(path).st_nlink == 2
    assert node.cached() == set() and node.cached_bytes() == 0


def test_where_links_are_impossible_copies_are_made(far: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    def other_device(*args: object, **kwargs: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", other_device)
    file_id = far.write(b"x")
    for _ in range(2):
        with far.job() as store:
            path = store.readGlobalFile(file_id)
            assert Path(path).read_bytes() == b"x" and os.stat(path).st_nlink == 1
    assert reads(far) == 1


def test_ids_of_any_length_can_be_cached(far: Node) -> None:
    with far.job() as store:
        ids = []
        for name in ("ä" * 60 + "1", "ä" * 60 + "2", "plain", ". ?*"):
            Path(name).write_text(name)
            ids.append((store.writeGlobalFile(name), name))
        assert [Path(store.readGlobalFile(file_id)).read_text() for file_id, _ in ids] == [name for _, name in ids]
        assert len(far.cached()) == 4


# Several processes


def test_readers_in_several_processes_download_a_file_once(far: Node, start: Start) -> None:
    file_id = far.write(b"popular" * 1000)
    readers = [start("read_in_process", file_id) for _ in range(4)]
    paths = [reader.stdout.readline().strip() for reader in readers if reader.stdout is not None]
    assert len(set(paths)) == 4 and all(os.path.samefile(path, paths[0]) for path in paths)
    assert reads(far) == 1


def test_a_download_that_was_killed_is_begun_anew_and_was_never_seen(far: Node, start: Start) -> None:
    file_id = far.write(b"complete")
    process = start("stop_in_download", file_id)
    assert process.stdout is not None and process.stdout.readline() == "downloading\n"
    assert far.cached() == set() and far.cached_bytes() == 4
    waiting = start("read_in_process", file_id)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert waiting.stdout is not None
    assert Path(waiting.stdout.readline().strip()).read_bytes() == b"complete"
    assert far.cached() == {b"complete"} and far.cached_bytes() == 8


def test_what_a_killed_download_left_makes_room_for_other_files(
    far: Node, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    abandoned, wanted = far.write(b"x" * 100), far.write(b"y" * 100)
    process = start("stop_in_download", abandoned, limit=150)
    assert process.stdout is not None and process.stdout.readline() == "downloading\n"
    limit(monkeypatch, 150)
    assert read(far, wanted) == b"y" * 100 and far.cached() == set()
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert read(far, wanted) == b"y" * 100 and far.cached() == {b"y" * 100}
    assert far.cached_bytes() == 100 and os.listdir(far.directory / "cache" / "locks") == []


def test_a_file_in_use_is_never_evicted_and_is_given_up_when_its_reader_is_killed(
    far: Node, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    used, wanted = far.write(b"u" * 100), far.write(b"w" * 100)
    reader = start("read_in_process", used, limit=150)
    assert reader.stdout is not None
    path = Path(reader.stdout.readline().strip())
    limit(monkeypatch, 150)
    assert read(far, wanted) == b"w" * 100
    assert far.cached() == {b"u" * 100} and path.read_bytes() == b"u" * 100
    reader.send_signal(signal.SIGKILL)
    reader.wait()
    assert read(far, wanted) == b"w" * 100
    assert far.cached() == {b"w" * 100} and not path.parent.exists()


def test_the_cache_stays_within_its_size_whatever_many_processes_read(far: Node, start: Start) -> None:
    ids = [far.write(bytes([65 + number]) * 1000) for number in range(12)]
    readers = [start("read_many", ",".join(ids[shift:] + ids[:shift]), limit=3500) for shift in (0, 3, 6)]
    sizes = [int(reader.communicate()[0].split()[1]) for reader in readers]
    assert 0 < max(sizes) <= 3500
    assert 0 < far.cached_bytes() <= 3500


def test_workers_killed_at_any_moment_leave_a_cache_that_works_and_keeps_to_its_size(far: Node, start: Start) -> None:
    ids = [far.write(bytes([65 + number]) * 1000) for number in range(40)]
    moments = random.Random(7)
    for _ in range(4):
        readers = [start("read_many", ",".join(ids), limit=3500) for _ in range(2)]
        for reader in readers:
            assert reader.stdout is not None and reader.stdout.readline() == "reading\n"
        for reader in readers:
            with suppress(subprocess.TimeoutExpired):
                reader.wait(moments.uniform(0, 0.01))
            reader.kill()
            reader.wait()
    survivor = start("read_many", ",".join(ids), limit=3500)
    assert 0 < int(survivor.communicate()[0].split()[1]) <= 3500
    assert int((far.directory / "cache" / "total").read_text()) == far.cached_bytes()
    assert os.listdir(far.directory / "cache" / "locks") == [] == os.listdir(far.directory / "cache" / "partial")
    assert [name for name in os.listdir(far.directory) if name.startswith("job-")] == []


# What is evicted


def test_what_was_not_used_for_longest_goes_first(far: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, 350)
    one, two, three, four = (far.write(letter * 100) for letter in (b"1", b"2", b"3", b"4"))
    for file_id in (one, two, three, one, four):
        read(far, file_id)
    assert far.cached() == {b"1" * 100, b"3" * 100, b"4" * 100}
    assert reads(far) == 4


def test_a_file_larger_than_the_cache_does_not_push_others_out(far: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, 100)
    small, large = far.write(b"s" * 50), far.write(b"l" * 101)
    assert read(far, small) == b"s" * 50 and read(far, large) == b"l" * 101
    with far.job() as store:
        Path("out").write_bytes(b"o" * 200)
        file_id = store.writeGlobalFile("out")
        assert far.job_store.file_exists(file_id)
        assert Path(store.readGlobalFile(file_id)).read_bytes() == b"o" * 200
    assert far.cached() == {b"s" * 50}


def test_files_on_their_way_to_the_job_store_are_not_evicted(far: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(monkeypatch, 150)
    other = far.write(b"o" * 100)
    go_on = hold_uploads(far, monkeypatch)
    with far.job() as store:
        Path("out").write_bytes(b"w" * 100)
        file_id = store.writeGlobalFile("out")
        assert read(far, other) == b"o" * 100 and far.cached() == {b"w" * 100}
        go_on.set()
        store.startCommit(jobState=True)
        assert far.job_store.file_exists(file_id)
        assert read(far, other) == b"o" * 100 and far.cached() == {b"o" * 100}


def test_a_deleted_file_leaves_the_cache(far: Node) -> None:
    file_id = far.write(b"x")
    with far.job() as store:
        store.readGlobalFile(file_id)
        store.deleteGlobalFile(file_id)
        assert far.cached() == {b"x"}
        store.startCommit(jobState=True)
    assert far.cached() == set()


def test_by_default_the_cache_leaves_half_of_the_free_disk_alone(far: Node) -> None:
    class Tiny:
        f_bavail, f_frsize = 3, 100

    file_ids = [far.write(letter * 100) for letter in (b"1", b"2")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "statvfs", lambda path: Tiny)
        for file_id in file_ids:
            read(far, file_id)
    assert far.cached() == {b"1" * 100, b"2" * 100}
    Tiny.f_bavail = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "statvfs", lambda path: Tiny)
        assert read(far, far.write(b"3" * 100)) == b"3" * 100
    assert len(far.cached()) <= 1


# Uploads in the background


def hold_uploads(node: Node, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Make uploads wait for the event that is returned."""
    go_on, upload = threading.Event(), node.job_store.upload

    def held(file_id: str, local_path: str, link: bool = False) -> object:
        assert go_on.wait(60)
        return upload(file_id, local_path, link)

    monkeypatch.setattr(node.job_store, "upload", held)
    return go_on


def test_a_job_goes_on_while_its_file_is_uploaded_and_the_commit_waits_for_it(
    far: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = hold_uploads(far, monkeypatch)
    with far.job() as store:
        Path("out").write_bytes(b"x")
        file_id = store.writeGlobalFile("out")
        assert not far.job_store.file_exists(file_id)
        assert Path(store.readGlobalFile(file_id)).read_bytes() == b"x"
        store.deleteLocalFile(file_id)
        committing = threading.Thread(target=store.startCommit, kwargs={"jobState": True})
        committing.start()
        committing.join(0.05)
        assert committing.is_alive() and not store.committed
        go_on.set()
        committing.join()
        assert store.committed and far.job_store.file_exists(file_id)
        assert os.listdir(store.localTempDir) == []


def test_an_upload_that_fails_fails_the_commit(far: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(file_id: str, local_path: str, link: bool = False) -> object:
        raise ConnectionError("the line is dead")

    monkeypatch.setattr(far.job_store, "upload", fail)
    with far.job() as store:
        Path("out").write_bytes(b"x")
        file_id = store.writeGlobalFile("out")
        with pytest.raises(UploadError, match=r"out.*the line is dead") as caught:
            store.startCommit(jobState=True)
        assert isinstance(caught.value.cause, ConnectionError) and caught.value.path.endswith("/out")
        with pytest.raises(UploadError):
            store.export_file(file_id, "file:///nowhere")
    assert not store.committed and far.job_store.read_record(str(store.jobDesc.jobStoreID)) is None


def test_a_failed_job_does_not_begin_further_uploads(far: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = hold_uploads(far, monkeypatch)
    file_ids = []

    def go_on_when_the_rest_is_cancelled(last: Future[None]) -> None:
        if last.cancelled():
            go_on.set()

    def write_and_fail() -> None:
        with far.job() as store:
            for number in range(20):
                Path(f"out{number}").write_bytes(b"x")
                file_ids.append(store.writeGlobalFile(f"out{number}"))
            assert isinstance(store, CachingFileStore) and store._uploads is not None
            store._uploads._uploads[file_ids[-1]].done.add_done_callback(go_on_when_the_rest_is_cancelled)
            raise RuntimeError("failed")

    with pytest.raises(RuntimeError, match="failed"):
        write_and_fail()
    assert go_on.is_set() and sum(map(far.job_store.file_exists, file_ids)) < 20
