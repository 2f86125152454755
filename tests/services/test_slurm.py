"""The Slurm that tests use limits, accounts for and reports what a plugin for Slurm relies on."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.services.jobs import SECONDS, once, output, run

# Half a gigabyte in pieces, of which a limit of 100 MiB allows few.
GREEDY = "python3 -c 'import time; x = [b\"x\" * (8 << 20) for _ in range(64)]; time.sleep(60)'"


def submit(slurm: Mapping[str, str], command: str, *options: str, directory: Path | str = "/tmp") -> str:
    log = "/dev/null" if not isinstance(directory, Path) else "log"
    words = ["sbatch", "--parsable", "--output", log, *options, "--wrap", command]
    return output(slurm, *words, directory=directory)


def accounted(
    slurm: Mapping[str, str], job: str, fields: str, good: Callable[[list[list[str]]], bool], seconds: float = SECONDS
) -> list[list[str]]:
    """These fields of a job, or of each task of an array, once they are good: a row is not written all at once."""
    command = ["sacct", "--noheader", "--allocations", "--parsable2", "--jobs", job, "--format", fields]
    return once(lambda: [line.split("|") for line in output(slurm, *command).splitlines()], good, seconds)


def becomes(slurm: Mapping[str, str], job: str, fields: str, *rows: str, seconds: float = SECONDS) -> None:
    """Wait until this is what is accounted for a job, or for the tasks of an array."""
    accounted(slurm, job, fields, lambda found: ["|".join(row) for row in found] == list(rows), seconds)


def state_of(slurm: Mapping[str, str], job: str) -> str:
    return output(slurm, "squeue", "--noheader", "--jobs", job, "--format", "%T")


def test_a_job_that_exits_3_is_accounted_for_as_that(slurm: dict[str, str], tmp_path: Path) -> None:
    job = submit(slurm, "echo said; exit 3", directory=tmp_path)
    becomes(slurm, job, "State,ExitCode", "FAILED|3:0")
    assert (tmp_path / "log").read_text() == "said\n"


def test_a_job_that_takes_too_much_memory_is_killed_and_told_apart(slurm: dict[str, str]) -> None:
    job = submit(slurm, GREEDY, "--mem", "100M")
    limited = "proctrack/cgroup" in output(slurm, "scontrol", "show", "config")
    becomes(slurm, job, "State,ExitCode", "OUT_OF_MEMORY|0:125" if limited else "FAILED|0:9")


@pytest.mark.slow
def test_a_job_that_takes_longer_than_it_may_is_killed_and_told_apart(slurm: dict[str, str]) -> None:
    job = submit(slurm, "sleep 300", "--time", "1")
    # Slurm rounds to minutes, and looks every half a minute.
    becomes(slurm, job, "State,ExitCode", "TIMEOUT|0:0", seconds=180)


def test_each_task_of_an_array_is_accounted_for_alone(slurm: dict[str, str]) -> None:
    job = submit(slurm, "exit $SLURM_ARRAY_TASK_ID", "--array", "0-3")
    rows = [f"{job}_0|COMPLETED|0:0", f"{job}_1|FAILED|1:0", f"{job}_2|FAILED|2:0", f"{job}_3|FAILED|3:0"]
    accounted(slurm, job, "JobID,State,ExitCode", lambda found: sorted("|".join(row) for row in found) == rows)


def test_a_job_may_have_both_nodes_of_the_partition(slurm: dict[str, str], tmp_path: Path) -> None:
    job = submit(slurm, "srun printenv SLURMD_NODENAME", "--nodes", "2", directory=tmp_path)
    becomes(slurm, job, "State,NNodes", "COMPLETED|2")
    nodes = output(slurm, "sinfo", "--noheader", "--Node", "--partition", "main", "--format", "%N")
    assert sorted((tmp_path / "log").read_text().split()) == sorted(nodes.split())


def test_cores_and_memory_are_given_as_asked(slurm: dict[str, str]) -> None:
    job = submit(slurm, "true", "--cpus-per-task", "3", "--mem", "300M")
    becomes(slurm, job, "State,ReqCPUS,ReqMem", "COMPLETED|3|300M")


def test_more_cores_than_a_node_has_are_refused(slurm: dict[str, str]) -> None:
    refused = run(slurm, "sbatch", "--cpus-per-task", "9", "--wrap", "true")
    assert refused.returncode == 1
    assert "Requested node configuration is not available" in refused.stderr


def test_gpus_are_given_and_named_to_the_job(slurm: dict[str, str], tmp_path: Path) -> None:
    job = submit(slurm, "echo $CUDA_VISIBLE_DEVICES", "--gres", "gpu:2", directory=tmp_path)
    becomes(slurm, job, "State,AllocTRES", "COMPLETED|billing=1,cpu=1,gres/gpu=2,mem=256M,node=1")
    assert (tmp_path / "log").read_text() == "0,1\n"


def test_values_with_spaces_and_commas_reach_the_job(slurm: dict[str, str], tmp_path: Path) -> None:
    value = "a b,c=d 'e'"
    job = submit({**slurm, "ODD": value}, 'printf %s "$ODD"', "--export", "ALL", directory=tmp_path)
    becomes(slurm, job, "State", "COMPLETED")
    assert (tmp_path / "log").read_text() == value


def test_a_cancelled_job_is_told_apart(slurm: dict[str, str]) -> None:
    job = submit(slurm, "sleep 300")
    once(lambda: state_of(slurm, job), lambda state: state == "RUNNING")
    output(slurm, "scancel", job)
    becomes(slurm, job, "State", f"CANCELLED by {os.getuid()}")


def test_a_job_that_gives_way_is_told_apart(slurm: dict[str, str]) -> None:
    first = submit(slurm, "sleep 300", "--partition", "scavenge", "--cpus-per-task", "8")
    once(lambda: state_of(slurm, first), lambda state: state == "RUNNING")
    second = submit(slurm, "true", "--partition", "spare", "--cpus-per-task", "8")
    becomes(slurm, first, "State", "PREEMPTED")
    becomes(slurm, second, "State", "COMPLETED")


def test_one_job_more_than_may_be_queued_is_refused(slurm: dict[str, str]) -> None:
    limited = ["--qos", "limited", "--begin", "now+1hour"]
    jobs = [submit(slurm, "true", *limited) for _ in range(3)]
    refused = run(slurm, "sbatch", *limited, "--wrap", "true")
    output(slurm, "scancel", *jobs)
    assert refused.returncode == 1
    assert "QOSMaxSubmitJobPerUserLimit" in refused.stderr


def test_without_accounting_the_controller_alone_knows_how_a_job_ended(
    slurm_without_accounting: dict[str, str],
) -> None:
    job = submit(slurm_without_accounting, "exit 3")
    shown = once(
        lambda: output(slurm_without_accounting, "scontrol", "--oneliner", "show", "job", job),
        lambda line: "JobState=FAILED" in line,
    )
    assert "ExitCode=3:0" in shown.split()
    sacct = run(slurm_without_accounting, "sacct", "--jobs", job)
    assert "accounting storage is disabled" in sacct.stderr
