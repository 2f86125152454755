"""The simulated Parasol speaks as the program does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.jobs import once, output, run
from tests.services.running import simulated


@pytest.fixture
def parasol() -> Iterator[dict[str, str]]:
    """The variables to use the simulated cluster with."""
    with simulated("parasol", grace=0.2) as variables:
        yield variables


def results(path: Path, count: int) -> list[list[str]]:
    """The lines of a file of results, in words, once there are so many."""
    lines = once(lambda: path.read_text().splitlines() if path.exists() else [], lambda found: len(found) == count)
    return [line.split() for line in lines]


def test_a_job_leaves_a_line_in_the_file_of_results(parasol: dict[str, str], tmp_path: Path) -> None:
    said = output(parasol, "parasol", "-verbose", f"-results={tmp_path}/results", "add", "job", "/bin/false", "$JOB_ID")
    assert said == 'your job 1 ("/bin/false $JOB_ID") has been submitted'
    (words,) = results(tmp_path / "results", 1)
    # Status as wait() has it, host, number, program, ticks, three times, user, file of errors, command.
    assert words[:4] == ["256", "node1", "1", "false"]
    assert len(words) == 13
    assert words[11:] == ["'/bin/false", "$JOB_ID'"]


def test_a_removed_job_leaves_none(parasol: dict[str, str], tmp_path: Path) -> None:
    add = ["parasol", f"-results={tmp_path}/results", "add", "job"]
    output(parasol, *add, "sleep", "60")
    once(lambda: output(parasol, "parasol", "list", "jobs"), bool)
    output(parasol, "parasol", "remove", "job", "1")
    once(lambda: output(parasol, "parasol", "list", "jobs"), lambda shown: not shown)
    output(parasol, *add, "true")
    assert [words[2] for words in results(tmp_path / "results", 1)] == ["2"]


def test_jobs_are_listed_with_their_machine_and_batch(parasol: dict[str, str], tmp_path: Path) -> None:
    output(parasol, "parasol", f"-results={tmp_path}/results", "add", "job", "sleep", "60")
    line = once(lambda: output(parasol, "parasol", "-extended", "list", "jobs"), lambda shown: "node1" in shown)
    words = line.split()
    assert [words[0], words[1], *words[-3:]] == ["1", "node1", "sleep", "60", f"{tmp_path}/results"]
    assert output(parasol, "parasol", "pstat2").split()[:2] == ["r", "1"]


def test_only_so_many_start_as_their_memory_allows(parasol: dict[str, str]) -> None:
    for _ in range(3):
        output(parasol, "parasol", "-ram=8g", "-results=/dev/null", "add", "job", "sleep", "60")
    listed = once(
        lambda: output(parasol, "parasol", "list", "jobs").splitlines(),
        lambda lines: [line.split()[1] for line in lines] == ["node1", "node2", "none"],
    )
    assert len(listed) == 3


def test_a_command_that_does_not_fit_a_message_is_refused(parasol: dict[str, str]) -> None:
    done = run(parasol, "parasol", "add", "job", "echo", "x" * 1500)
    assert done.returncode == 255
    assert "but can only be 1428" in done.stderr


def test_the_environment_of_a_job_is_that_of_the_node(parasol: dict[str, str], tmp_path: Path) -> None:
    add = ["parasol", f"-results={tmp_path}/results", f"-out={tmp_path}/out", "add", "job", "env"]
    output({**parasol, "MINE": "x"}, *add)
    results(tmp_path / "results", 1)
    lines = (tmp_path / "out").read_text().splitlines()
    assert "JOB_ID=1" in lines
    assert not any(line.startswith("MINE=") for line in lines)
    assert "MINE" not in os.environ


def test_a_sick_batch_takes_no_jobs(parasol: dict[str, str]) -> None:
    output(parasol, "simctl", "set", "refuse=1")
    done = run(parasol, "parasol", "add", "job", "true")
    assert (done.returncode, done.stderr) == (255, "sick batch?: hub returned jobId==0\n")
