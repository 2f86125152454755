"""The Grid Engine that tests use limits, accounts for and reports what a plugin for Grid Engine relies on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.services.jobs import once, output, run


def submit(grid_engine: Mapping[str, str], directory: Path, command: str, *options: str) -> str:
    script = directory / "script"
    script.write_text(command)
    words = ["qsub", "-terse", "-N", "test", "-cwd", "-V", "-j", "y", "-o", "log", "-S", "/bin/sh", *options]
    return output(grid_engine, *words, str(script), directory=directory).partition(".")[0]


def accounted(grid_engine: Mapping[str, str], job: str, tasks: int = 1) -> list[dict[str, str]]:
    """What is accounted for a job, or for each task of an array, once that is there for all of them."""

    def records() -> list[dict[str, str]]:
        text = run(grid_engine, "qacct", "-j", job).stdout
        lines = [[line.split(None, 1) for line in record.splitlines()] for record in text.split("=" * 62)[1:]]
        return [{words[0]: words[1].strip() for words in record if len(words) == 2} for record in lines]

    return once(records, lambda found: len(found) == tasks)


def state_of(grid_engine: Mapping[str, str], job: str) -> str:
    states = [line.split()[4] for line in output(grid_engine, "qstat").splitlines() if line.split()[0] == job]
    return states[0] if states else ""


def test_a_job_that_exits_3_is_accounted_for_as_that(grid_engine: dict[str, str], tmp_path: Path) -> None:
    job = submit(grid_engine, tmp_path, "echo said; exit 3")
    (record,) = accounted(grid_engine, job)
    assert (record["failed"], record["exit_status"]) == ("0", "3")
    assert (tmp_path / "log").read_text() == "said\n"


def test_a_job_cannot_have_more_memory_than_it_asked_for(grid_engine: dict[str, str], tmp_path: Path) -> None:
    greedy = "exec python3 -c 'x = b\"x\" * (512 << 20)'"
    job = submit(grid_engine, tmp_path, greedy, "-l", "h_vmem=200M")
    (record,) = accounted(grid_engine, job)
    # Memory is refused rather than the job killed.
    assert (record["failed"], record["exit_status"]) == ("0", "1")
    assert "MemoryError" in (tmp_path / "log").read_text()


def test_a_job_that_takes_longer_than_it_may_is_killed_and_told_apart(
    grid_engine: dict[str, str], tmp_path: Path
) -> None:
    job = submit(grid_engine, tmp_path, "sleep 300", "-l", "h_rt=0:0:2")
    (record,) = accounted(grid_engine, job)
    assert record["exit_status"].split() == ["137", "(Killed)"]
    assert record["failed"].split()[0] == "37"


def test_each_task_of_an_array_is_accounted_for_alone(grid_engine: dict[str, str], tmp_path: Path) -> None:
    job = submit(grid_engine, tmp_path, "exit $SGE_TASK_ID", "-t", "1-3")
    records = accounted(grid_engine, job, tasks=3)
    assert sorted((record["taskid"], record["exit_status"]) for record in records) == [
        ("1", "1"),
        ("2", "2"),
        ("3", "3"),
    ]


def test_slots_and_memory_are_given_as_asked(grid_engine: dict[str, str], tmp_path: Path) -> None:
    options = ["-pe", "smp", "3", "-l", "h_vmem=100M,mem_free=100M"]
    job = submit(grid_engine, tmp_path, "echo $NSLOTS", *options)
    (record,) = accounted(grid_engine, job)
    assert (record["slots"], record["granted_pe"]) == ("3", "smp")
    assert (tmp_path / "log").read_text() == "3\n"


def test_more_slots_than_there_are_wait_unless_it_is_asked_first(grid_engine: dict[str, str], tmp_path: Path) -> None:
    job = submit(grid_engine, tmp_path, "true", "-pe", "smp", "9")
    assert state_of(grid_engine, job) == "qw"
    output(grid_engine, "qdel", job)
    words = ["qsub", "-w", "e", "-b", "y", "-N", "test", "-pe", "smp", "9", "true"]
    refused = run(grid_engine, *words, directory=tmp_path)
    assert refused.returncode == 1
    assert "no suitable queues" in refused.stderr


def test_values_with_spaces_and_commas_reach_the_job(grid_engine: dict[str, str], tmp_path: Path) -> None:
    value = "a b,c=d 'e'"
    job = submit({**grid_engine, "ODD": value}, tmp_path, 'printf %s "$ODD"')
    accounted(grid_engine, job)
    assert (tmp_path / "log").read_text() == value


def test_a_deleted_job_is_accounted_for_as_one_that_a_signal_ended(grid_engine: dict[str, str], tmp_path: Path) -> None:
    job = submit(grid_engine, tmp_path, "sleep 300")
    once(lambda: state_of(grid_engine, job), lambda state: state == "r")
    output(grid_engine, "qdel", job)
    (record,) = accounted(grid_engine, job)
    assert record["exit_status"].split() == ["137", "(Killed)"]
    assert record["failed"].split()[0] == "100"


def test_a_job_that_was_deleted_before_it_started_is_not_accounted_for(
    grid_engine: dict[str, str], tmp_path: Path
) -> None:
    held = submit(grid_engine, tmp_path, "true", "-h")
    output(grid_engine, "qdel", held)
    once(lambda: state_of(grid_engine, held), lambda state: state == "")
    later = submit(grid_engine, tmp_path, "true")
    accounted(grid_engine, later)
    assert run(grid_engine, "qacct", "-j", held).returncode == 1
