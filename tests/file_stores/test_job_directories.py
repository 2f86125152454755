"""The temporary directory of a job, and the commit of what the job did."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.file_stores.conftest import Start
from tests.file_stores.stores import Node
from toil_core.file_stores import directories
from toil_core.file_stores.abstract import AbstractFileStore
from toil_core.jobs.job import Job
from toil_core.jobs.records import Record
from toil_core.worker.node import workflow_dir


def jobs_left(node: Node) -> list[str]:
    return [name for name in os.listdir(node.directory) if name.startswith("job-")]


def test_a_job_runs_in_a_directory_of_its_own_that_nobody_else_can_read(node: Node) -> None:
    before = os.getcwd()
    with node.job() as store:
        assert os.path.samefile(os.getcwd(), store.localTempDir)
        assert os.path.dirname(store.localTempDir) == str(node.directory)
        assert str(store.jobDesc.jobStoreID) in store.localTempDir
        assert stat.S_IMODE(os.stat(store.localTempDir).st_mode) == 0o700
        assert stat.S_IMODE(os.stat(store.getLocalTempDir()).st_mode) == 0o700
    assert os.getcwd() == before and jobs_left(node) == []


def test_temporary_names_are_never_given_out_twice(node: Node) -> None:
    with node.job() as store:
        Path("tmp1.tmp").touch()
        os.mkdir("tmp2")
        paths = [store.getLocalTempFileName(), store.getLocalTempDir(), store.getLocalTempFileName()]
        paths += [store.getLocalTempFile(), store.getLocalTempDir(), store.getLocalTempFile(suffix=".x", prefix="y")]
        assert len(set(paths)) == 6 and all(os.path.dirname(path) == store.localTempDir for path in paths)
        assert [os.path.exists(path) for path in paths] == [False, True, False, True, True, True]
        assert os.path.basename(paths[5]).startswith("y") and paths[5].endswith(".x")
        assert os.path.basename(paths[0]).startswith("tmp") and paths[0].endswith(".tmp")
        assert not store.getLocalTempFileName(suffix="", prefix="a").endswith(".tmp")


def test_everything_a_job_leaves_is_removed_even_what_it_made_read_only(node: Node) -> None:
    with node.job() as store:
        directory = Path(store.getLocalTempDir())
        (directory / "file").touch()
        directory.chmod(0o500)
        Path(store.localTempDir, "link").symlink_to("/nowhere")
    assert jobs_left(node) == []


def test_the_directory_goes_when_the_job_fails_and_when_the_job_has_removed_it_itself(node: Node) -> None:
    def leave_a_file_and_fail() -> None:
        with node.job() as store:
            Path(store.getLocalTempFile()).write_bytes(b"x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        leave_a_file_and_fail()
    with node.job() as store:
        os.rmdir(store.localTempDir)
    assert jobs_left(node) == []


@pytest.mark.parametrize(
    ("policy", "after_success", "after_failure"),
    [("always", 0, 0), ("never", 1, 1), ("onSuccess", 0, 1), ("onError", 1, 0)],
)
def test_clean_work_dir_decides_what_stays(node: Node, policy: str, after_success: int, after_failure: int) -> None:
    node.job_store.config.cleanWorkDir = policy
    with node.job():
        pass
    assert len(jobs_left(node)) == after_success
    with pytest.raises(RuntimeError, match="failed"), node.job():
        raise RuntimeError("failed")
    assert len(jobs_left(node)) == after_success + after_failure


def test_jobs_can_be_opened_within_each_other(node: Node) -> None:
    with node.job() as outer:
        with node.job() as inner:
            assert os.path.samefile(os.getcwd(), inner.localTempDir)
        assert os.path.samefile(os.getcwd(), outer.localTempDir)
        with outer.open(Job()):
            nested = outer.localTempDir
        assert nested != outer.localTempDir and os.path.samefile(os.getcwd(), outer.localTempDir)
        assert not os.path.exists(nested)


def test_two_attempts_at_one_job_do_not_meet(node: Node) -> None:
    description = node.description()
    one, other = node.file_store(description), node.file_store(description)
    with one.open(Job()), other.open(Job()):
        assert one.localTempDir != other.localTempDir
    assert jobs_left(node) == []


def test_the_next_attempt_clears_away_what_a_killed_one_left(far: Node, start: Start) -> None:
    description = far.description()
    process = start("sit_in_job", str(description.jobStoreID))
    assert process.stdout is not None
    left = process.stdout.readline().strip()
    store = far.file_store(description)
    with store.open(Job()):
        assert store.localTempDir != left and os.path.exists(left)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert os.listdir(left)
    with store.open(Job()):
        assert store.localTempDir == left and os.listdir(left) == []
    assert jobs_left(far) == []


# Committing


def test_a_commit_waits_for_the_previous_job_and_comes_before_the_deletions(node: Node) -> None:
    file_id = node.write(b"x")
    description = node.description()
    order = []

    def previous() -> None:
        order.append((node.job_store.read_record(str(description.jobStoreID)), node.job_store.file_exists(file_id)))

    store = node.file_store(description, previous)
    with store.open(Job()):
        store.deleteGlobalFile(file_id)
        store.startCommit(jobState=True)
    assert order == [(None, True)]
    record = node.job_store.read_record(str(description.jobStoreID))
    assert record is not None and record.delete_files == (file_id,)
    assert store.committed and not node.job_store.file_exists(file_id)


def test_an_attempt_that_comes_too_late_changes_nothing(node: Node) -> None:
    file_id = node.write(b"x")
    description = node.description()
    first, late = node.file_store(description), node.file_store(description)
    first.record, late.record = Record(host="first"), Record(host="late", delete_files=(file_id,))
    with first.open(Job()), late.open(Job()):
        first.startCommit(jobState=True)
        late.deleteGlobalFile(file_id)
        late.startCommit(jobState=True)
    assert (first.committed, late.committed) == (True, False)
    record = node.job_store.read_record(str(description.jobStoreID))
    assert record is not None and record.host == "first" and node.job_store.file_exists(file_id)


def test_a_deletion_that_fails_does_not_undo_the_commit(
    node: Node, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(ids: object) -> None:
        raise ConnectionError("gone away")

    monkeypatch.setattr(node.job_store, "delete_files", fail)
    with node.job() as store:
        store.deleteGlobalFile(node.write(b"x"))
        store.startCommit(jobState=True)
        assert store.committed
    assert "gone away" in caplog.text


def test_the_shutdown_of_a_node_removes_jobs_and_cache(
    node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOIL_WORKDIR_OVERRIDE", raising=False)
    node.directory = Path(workflow_dir("some-workflow", str(tmp_path)))
    node.job_store.config.cleanWorkDir = "never"
    with node.job() as store:
        Path("x").write_bytes(b"x")
        store.readGlobalFile(store.writeGlobalFile("x"))
    assert os.listdir(node.directory)
    AbstractFileStore.shutdownFileStore("some-workflow", str(tmp_path), None)
    assert os.listdir(node.directory) == []


@pytest.fixture
def lent(node: Node) -> Iterator[int]:
    """A directory that this process was lent for its jobs."""
    node.directory.mkdir(exist_ok=True, parents=True)
    spare = node.directory / "job-spare"
    spare.mkdir(0o700)
    directory = os.open(spare, os.O_RDONLY | os.O_DIRECTORY)
    directories.lend(directory)
    yield directory
    directories.lend(-1)
    with contextlib.suppress(OSError):  # One that is not used again has been closed.
        os.close(directory)


def test_a_directory_that_was_lent_is_used_again_under_the_name_of_each_job(node: Node, lent: int) -> None:
    seen = []
    for _ in range(2):
        with node.job() as store:
            assert os.listdir() == []
            assert str(store.jobDesc.jobStoreID) in store.localTempDir
            assert os.path.samefile(os.getcwd(), store.localTempDir)
            Path("left").touch()
            seen.append(os.stat(store.localTempDir).st_ino)
    assert seen == [os.fstat(lent).st_ino] * 2
    assert len(jobs_left(node)) == 1


@pytest.mark.parametrize("deed", ["os.mkdir('left')", "os.rmdir(os.getcwd())", "os.chmod('.', 0o755)"])
def test_a_directory_that_was_lent_is_not_used_again_when_it_is_not_as_it_was(node: Node, lent: int, deed: str) -> None:
    for _ in range(2):
        with node.job() as store:
            assert os.listdir() == []
            assert stat.S_IMODE(os.stat(store.localTempDir).st_mode) == 0o700
            exec(deed)  # noqa: S102 - it is written above
    assert jobs_left(node) == []
