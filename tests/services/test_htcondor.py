"""The HTCondor that tests use limits, remembers and reports what a plugin for HTCondor relies on."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.services.jobs import once, output, run

# What HTCondor calls the states of a job.
IDLE, RUNNING, REMOVED, COMPLETED, HELD = "1", "2", "3", "4", "5"


def submit(htcondor: Mapping[str, str], directory: Path, command: str, *lines: str, queue: str = "queue") -> str:
    """Submit a shell command and return the number of its cluster.

    :param lines: more lines of the description.
    """
    script = directory / "script"
    script.write_text(f"#!/bin/sh\n{command}\n")
    script.chmod(0o755)
    description = [f"executable = {script}", "output = out", "error = err", "getenv = True", "request_disk = 1MB"]
    (directory / "description").write_text("\n".join([*description, *lines, queue, ""]))
    first = output(htcondor, "condor_submit", "-terse", "description", directory=directory)
    return first.partition(".")[0]


def remembered(htcondor: Mapping[str, str], job: str, *attributes: str, jobs: int = 1) -> list[str]:
    """These attributes of each job of a cluster, once it is over."""
    command = ["condor_history", job, "-af", *attributes]
    return once(lambda: output(htcondor, *command).splitlines(), lambda lines: len(lines) == jobs)


def queued(htcondor: Mapping[str, str], job: str, *attributes: str) -> str:
    return output(htcondor, "condor_q", job, "-af", *attributes)


def test_a_job_that_exits_3_is_remembered_as_that(htcondor: dict[str, str], tmp_path: Path) -> None:
    job = submit(htcondor, tmp_path, "echo said; exit 3")
    assert remembered(htcondor, job, "JobStatus", "ExitBySignal", "ExitCode") == [f"{COMPLETED} false 3"]
    assert (tmp_path / "out").read_text() == "said\n"


def test_a_job_that_a_signal_ends_is_told_apart(htcondor: dict[str, str], tmp_path: Path) -> None:
    job = submit(htcondor, tmp_path, "kill -9 $$")
    assert remembered(htcondor, job, "JobStatus", "ExitBySignal", "ExitSignal") == [f"{COMPLETED} true 9"]


def test_a_job_that_takes_too_much_memory_is_held_and_told_apart(htcondor: dict[str, str], tmp_path: Path) -> None:
    greedy = f"exec {sys.executable} -c 'import time; x = [b\"x\" * (8 << 20) for _ in range(64)]; time.sleep(60)'"
    job = submit(htcondor, tmp_path, greedy, "request_memory = 100MB")
    once(lambda: queued(htcondor, job, "JobStatus"), lambda status: status == HELD)
    assert queued(htcondor, job, "HoldReasonCode", "HoldReasonSubCode") == "21 102"
    output(htcondor, "condor_rm", job)


def test_a_job_that_takes_longer_than_it_may_is_held_and_told_apart(htcondor: dict[str, str], tmp_path: Path) -> None:
    job = submit(htcondor, tmp_path, "sleep 300", "allowed_job_duration = 2")
    once(lambda: queued(htcondor, job, "JobStatus"), lambda status: status == HELD)
    assert queued(htcondor, job, "HoldReasonCode") == "46"
    output(htcondor, "condor_rm", job)


def test_each_job_of_a_cluster_is_remembered_alone(htcondor: dict[str, str], tmp_path: Path) -> None:
    job = submit(htcondor, tmp_path, "exit $1", "arguments = $(Process)", queue="queue 3")
    assert sorted(remembered(htcondor, job, "ProcId", "ExitCode", jobs=3)) == ["0 0", "1 1", "2 2"]


def test_cores_and_memory_are_given_as_asked(htcondor: dict[str, str], tmp_path: Path) -> None:
    job = submit(
        htcondor,
        tmp_path,
        "grep -E '^(Cpus|Memory) ' $_CONDOR_MACHINE_AD",
        "request_cpus = 3",
        "request_memory = 256MB",
    )
    assert remembered(htcondor, job, "RequestCpus", "RequestMemory") == ["3 256"]
    assert sorted((tmp_path / "out").read_text().splitlines()) == ["Cpus = 3", "Memory = 256"]


def test_more_cores_than_there_are_wait(htcondor: dict[str, str], tmp_path: Path) -> None:
    job = submit(htcondor, tmp_path, "true", "request_cpus = 9")
    analyse = ["condor_q", "-better-analyze", job]
    once(lambda: output(htcondor, *analyse), lambda text: "No machines matched" in text)
    assert queued(htcondor, job, "JobStatus") == IDLE
    output(htcondor, "condor_rm", job)


def test_values_with_spaces_and_commas_reach_the_job(htcondor: dict[str, str], tmp_path: Path) -> None:
    value = "a b,c=d 'e'"
    job = submit({**htcondor, "ODD": value}, tmp_path, 'printf %s "$ODD"')
    remembered(htcondor, job, "ExitCode")
    assert (tmp_path / "out").read_text() == value


def test_a_removed_job_is_told_apart(htcondor: dict[str, str], tmp_path: Path) -> None:
    job = submit(htcondor, tmp_path, "sleep 300")
    once(lambda: queued(htcondor, job, "JobStatus"), lambda status: status == RUNNING)
    output(htcondor, "condor_rm", job)
    assert remembered(htcondor, job, "JobStatus") == [REMOVED]


def test_a_job_runs_the_interpreter_of_the_tests_and_writes_files_of_their_user(
    htcondor: dict[str, str], tmp_path: Path
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    code = f"import pytest; open('{closed}/file', 'w')"
    job = submit(htcondor, tmp_path, f'exec {sys.executable} -c "{code}"')
    assert remembered(htcondor, job, "ExitCode") == ["0"], (tmp_path / "err").read_text()
    assert (closed / "file").stat().st_uid == os.getuid()


def test_a_job_that_never_was_is_neither_queued_nor_remembered(htcondor: dict[str, str]) -> None:
    assert queued(htcondor, "999999", "JobStatus") == ""
    assert run(htcondor, "condor_history", "999999", "-af", "JobStatus").stdout == ""
