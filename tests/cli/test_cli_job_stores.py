"""The commands that look into job stores: status, clean, kill, debug-file."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from toil_core.job_stores.opening import job_store_for
from toil_core.jobs.description import JobDescription
from toil_core.options.config import Config

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore

Run = Callable[..., subprocess.CompletedProcess[str]]

DONE = "The root job of the job store is absent, the workflow completed successfully."
ROOT = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> AbstractJobStore:
    """A job store without jobs."""
    job_store = job_store_for(f"file:{tmp_path / 'store'}")
    job_store.initialize(Config())
    return job_store


def add_job(store: AbstractJobStore, name: str, *children: JobDescription) -> JobDescription:
    job = JobDescription({"cores": 1, "memory": 1, "disk": 1}, name, command="true")
    store.assign_job_id(job)
    for child in children:
        job.addChild(str(child.jobStoreID))
    return store.create_job(job)


# status


def test_status_of_a_store_whose_root_job_is_gone_is_complete(store: AbstractJobStore, toil: Run) -> None:
    root = add_job(store, "root")
    store.set_root_job(str(root.jobStoreID))
    store.delete_job(str(root.jobStoreID))
    result = toil("status", "file:store", "--failIfNotComplete")
    assert (result.returncode, result.stdout) == (0, DONE + "\n")


def test_status_of_a_store_without_a_root_job_is_not_complete(store: AbstractJobStore, toil: Run) -> None:
    result = toil("status", store.locator, "--failIfNotComplete")
    assert result.returncode == 1
    assert "has not started" in result.stdout


def test_status_counts_the_jobs_that_are_left(store: AbstractJobStore, toil: Run, tmp_path: Path) -> None:
    root = add_job(store, "root", add_job(store, "a"), add_job(store, "b"))
    store.set_root_job(str(root.jobStoreID))
    result = toil("status", "file:store")
    assert result.returncode == 0
    assert result.stdout.splitlines()[0] == (
        "There are 3 unfinished jobs, 1 parent jobs with children, 0 jobs with services, 0 services, "
        f"and 0 totally failed jobs currently in {store.locator}."
    )
    assert "not running" in result.stdout


def test_status_can_fail_where_the_workflow_is_not_complete(store: AbstractJobStore, toil: Run) -> None:
    store.set_root_job(str(add_job(store, "root").jobStoreID))
    assert toil("status", "file:store", "--failIfNotComplete").returncode == 1


@pytest.mark.parametrize("command", ["status", "kill", "debug-file"])
def test_a_store_that_does_not_exist_is_one_sentence_and_status_2(command: str, toil: Run) -> None:
    more = ["--listFilesInJobStore"] if command == "debug-file" else []
    result = toil(command, "file:nowhere", *more)
    assert result.returncode == 2
    assert "There is no job store 'file:nowhere'." in result.stderr
    assert "Traceback" not in result.stderr


def test_a_job_store_of_a_kind_that_is_not_installed_says_what_to_install(toil: Run) -> None:
    result = toil("status", "aws:us-west-2:bucket")
    assert result.returncode == 2
    assert "pip install toil-plugin-aws" in result.stderr


# clean


def test_clean_deletes_the_store(store: AbstractJobStore, toil: Run, tmp_path: Path) -> None:
    result = toil("clean", "file:store")
    assert result.returncode == 0
    assert not (tmp_path / "store").exists()


def test_clean_of_a_store_that_is_not_there_is_no_error(toil: Run) -> None:
    result = toil("clean", "file:store")
    assert result.returncode == 0
    assert "nothing to delete" in result.stdout


def test_clean_leaves_a_directory_that_is_no_job_store_alone(toil: Run, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "moon.jpg").write_text("moon")
    toil("clean", "file:photos")
    assert (tmp_path / "photos" / "moon.jpg").read_text() == "moon"


# kill


LEADER = """
import sys, time
from toil_core.job_stores.opening import job_store_for

store = job_store_for(sys.argv[1])
store.resume()
store.claim_attempt(0)
store.write_leader_pid()
store.write_leader_node_id()
print("ready", flush=True)
deadline = time.monotonic() + 60
while not store.read_kill_flag() and time.monotonic() < deadline:
    time.sleep(0.02)
"""


@pytest.fixture
def leader(store: AbstractJobStore) -> Iterator[subprocess.Popen[str]]:
    """A process that stands for the leader of the store's workflow: it ends when the kill flag is set."""
    store.set_root_job(str(add_job(store, "root").jobStoreID))
    process = subprocess.Popen(
        [sys.executable, "-c", LEADER, store.locator],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    yield process
    process.kill()
    process.communicate()


def test_kill_stops_the_leader(leader: subprocess.Popen[str], toil: Run) -> None:
    result = toil("kill", "file:store")
    assert result.returncode == 0
    assert f"process {leader.pid} on this machine" in result.stdout
    assert leader.wait(timeout=30) == 0


def test_kill_can_wait_until_the_leader_is_gone(leader: subprocess.Popen[str], toil: Run) -> None:
    result = toil("kill", "--wait", "file:store")
    assert result.stdout.endswith("It has stopped.\n")
    assert leader.wait(timeout=30) == 0


def test_kill_without_a_leader_leaves_the_store_as_it_is(store: AbstractJobStore, toil: Run) -> None:
    result = toil("kill", "file:store")
    assert result.returncode == 0
    assert "No workflow runs" in result.stdout
    assert not store.read_kill_flag()


def test_status_names_the_leader_that_runs(leader: subprocess.Popen[str], toil: Run) -> None:
    assert f"is running: its leader is process {leader.pid} on this machine" in toil("status", "file:store").stdout


def test_clean_refuses_while_the_leader_runs_unless_forced(
    leader: subprocess.Popen[str], toil: Run, tmp_path: Path
) -> None:
    result = toil("clean", "file:store")
    assert result.returncode == 2
    assert "toil kill --wait file:store" in result.stderr
    assert (tmp_path / "store").exists()
    assert toil("clean", "file:store", "--force").returncode == 0
    assert not (tmp_path / "store").exists()


# debug-file


@pytest.fixture
def files(store: AbstractJobStore, tmp_path: Path) -> dict[str, str]:
    """Files in the store, by name, with their IDs."""
    found = {}
    for name in ("overview.txt", "a.bam", "b.bam", "c.fastq"):
        path = tmp_path / name
        path.write_text(f"content of {name}")
        found[name] = str(store.write_file(str(path)))
        path.unlink()
    return found


def test_debug_file_lists_the_files(files: dict[str, str], toil: Run, tmp_path: Path) -> None:
    result = toil("debug-file", "file:store", "--listFilesInJobStore")
    assert result.returncode == 0
    rows = [line.split("\t") for line in (tmp_path / "jobstore_files.txt").read_text().splitlines()]
    assert {(row[0], row[2]) for row in rows} == set(files.items())
    assert {int(row[1]) for row in rows if row[0] == "a.bam"} == {len("content of a.bam")}


@pytest.mark.usefixtures("files")
def test_debug_file_fetches_by_name_and_pattern(toil: Run, tmp_path: Path) -> None:
    result = toil("debug-file", "file:store", "--fetch", "overview.txt", "*.bam", "--localFilePath=found")
    assert result.returncode == 0, result.stderr
    assert sorted(os.listdir(tmp_path / "found")) == ["a.bam", "b.bam", "overview.txt"]
    assert (tmp_path / "found" / "a.bam").read_text() == "content of a.bam"


def test_debug_file_fetches_by_id_as_a_link(files: dict[str, str], toil: Run, tmp_path: Path) -> None:
    result = toil("debug-file", "file:store", "--fetch", files["a.bam"], "--useSymlinks")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "a.bam").is_symlink()
    assert (tmp_path / "a.bam").read_text() == "content of a.bam"


@pytest.mark.usefixtures("files")
def test_debug_file_overwrites_nothing(toil: Run, tmp_path: Path) -> None:
    (tmp_path / "a.bam").write_text("mine")
    toil("debug-file", "file:store", "--fetch", "a.bam")
    assert (tmp_path / "a.bam").read_text() == "mine"
    assert (tmp_path / "a-2.bam").read_text() == "content of a.bam"


@pytest.mark.usefixtures("files")
def test_debug_file_names_the_patterns_that_nothing_matches(toil: Run) -> None:
    result = toil("debug-file", "file:store", "--fetch", "*.bam", "*.vcf", "x.txt")
    assert result.returncode == 2
    assert "is named *.vcf or x.txt" in result.stderr


@pytest.mark.usefixtures("store")
def test_debug_file_without_anything_to_do_says_so(toil: Run) -> None:
    result = toil("debug-file", "file:store")
    assert result.returncode == 2
    assert "There is nothing to do." in result.stderr


@pytest.mark.parametrize("command", [["status"], ["kill"], ["clean"], ["clean", "--force"]])
def test_what_is_no_job_store_is_named_as_such_and_left_alone(command: list[str], toil: Run, tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "thesis.tex").write_text("years of work")
    result = toil(*command, "papers")
    assert (result.returncode, "'papers' is not a job store." in result.stderr) == (2, True)
    assert (tmp_path / "papers" / "thesis.tex").read_text() == "years of work"
