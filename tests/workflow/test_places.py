"""Where job stores and work directories can and cannot be: one sentence where they cannot, and nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflow.conftest import Workflow
from toil_core.job_stores.errors import (
    JobStoreExistsException,
    JobStoreFullError,
    LocatorException,
    PlaceTakenException,
)
from toil_core.job_stores.file import FileJobStore
from toil_core.options.config import Config


def make(path: Path) -> FileJobStore:
    store = FileJobStore(str(path))
    store.initialize(Config())
    return store


@pytest.mark.parametrize("place", ["file", "directory", "file/beneath"])
def test_what_is_no_job_store_is_not_taken_for_one_that_can_be_restarted(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "directory").mkdir()
    (tmp_path / "directory" / "mine").write_text("mine")
    with pytest.raises(PlaceTakenException, match="no job store is in the way") as caught:
        make(tmp_path / place)
    assert "--restart" not in str(caught.value)


def test_a_job_store_is_not_made_twice(tmp_path: Path) -> None:
    make(tmp_path / "store")
    with pytest.raises(JobStoreExistsException, match="--restart"):
        make(tmp_path / "store")


@pytest.fixture
def no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no file grow beyond its beginning, as on a full disk."""
    write = os.write

    def refuse(file: int, data: bytes) -> int:
        if os.fstat(file).st_size + len(data) > 8:
            raise OSError(28, "No space left on device")
        return write(file, data)

    monkeypatch.setattr(os, "write", refuse)


@pytest.mark.usefixtures("no_room")
def test_a_job_store_for_which_there_is_no_room_is_told_in_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(LocatorException, match=r"cannot be made: .*No space left"):
        make(tmp_path / "store")
    assert not (tmp_path / "store").exists()


def test_a_place_that_the_system_refuses_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(LocatorException, match="cannot be made: File name too long"):
        make(tmp_path / ("x" * 300))


def test_a_disk_that_is_full_says_which_and_loses_nothing(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    store = make(tmp_path / "store")
    assert store.storage.put("values/k/0-a", b"before")
    request.getfixturevalue("no_room")
    says = f"no room left where the job store '{tmp_path}/store' is"
    for if_absent in (False, True):
        with pytest.raises(JobStoreFullError, match=says) as caught:
            store.storage.put("values/k/0-b", b"x" * 100, if_absent=if_absent)
        assert caught.value.errno == 28
    assert store.storage.read("values/k/0-a") == b"before"
    assert not any((tmp_path / "store/.toil/unfinished").iterdir())


def test_a_workflow_runs_from_a_directory_that_has_been_deleted(workflow: Workflow) -> None:
    workflow.write("""
    def root():
        return Job.wrapFn(len, "four")
    """)
    command = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" "$1" "$2"'

    def run(store: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", "-c", command, sys.executable, str(workflow.script), store],
            cwd=workflow.directory,
            env=workflow.environment(),
            capture_output=True,
            text=True,
            timeout=60,
        )

    done = run(str(workflow.store))
    assert done.stdout == "result: 4\n", done.stderr
    refused = run("relative")
    assert "which has been deleted" in refused.stderr


def test_a_workflow_runs_in_a_daemon_whose_standard_files_are_closed(workflow: Workflow) -> None:
    workflow.write("""
    def prints(job):
        print("into the log")
        note("ran")
    def root():
        return Job.wrapJobFn(prints)
    """)
    command = 'exec "$0" "$1" "$2" <&- >&- 2>&-'
    done = subprocess.run(
        ["/bin/sh", "-c", command, sys.executable, str(workflow.script), str(workflow.store)],
        cwd=workflow.directory,
        env=workflow.environment(),
        timeout=60,
    )
    assert done.returncode == 0
    assert workflow.noted() == ["ran"]


@pytest.mark.parametrize("option", ["--workDir", "--coordinationDir"])
def test_a_directory_that_cannot_be_used_is_told_before_anything_is_made(workflow: Workflow, option: str) -> None:
    workflow.write("""
    def root():
        return Job()
    """)
    (workflow.directory / "file").touch()
    done = workflow.run(option, str(workflow.directory / "file" / "beneath"))
    assert done.returncode == 2
    assert option in done.stderr
    assert not workflow.store.exists()
