"""What Parasol is told about jobs, and what is made of its files of results."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from toil_plugin_parasol.answers import ResultsFile, listed_jobs
from toil_plugin_parasol.plugin import toil_batch_systems
from toil_plugin_parasol.scheduler import Parasol

from tests.services.running import simulated
from tests.services.simulated_faults import use
from toil_core.api import (
    Allocation,
    BatchJobExitReason,
    CommandMissing,
    Config,
    Runner,
    Submission,
    TaskState,
    TaskStatus,
)

LINE = "{status} node1 7 {program} 12 0 100 110 150 ann /tmp/para7.err '/shared/toil.sh'\n"


@pytest.fixture
def parasol(monkeypatch: pytest.MonkeyPatch) -> Iterator[Parasol]:
    """Yield the dialect on a simulated cluster, with the options' defaults."""
    with simulated("parasol") as variables:
        use(variables, monkeypatch)
        yield dialect()


def dialect(**settings: object) -> Parasol:
    """Return the dialect with some options."""
    config = Config()
    vars(config).update({"parasolCommand": "parasol", "parasolMaxBatches": 1000, **settings})
    return Parasol(config, Runner("Parasol"))


def submission(
    directory: Path, name: str = "toil-1", cores: float = 1, wall_time: float = 0, run: str = ":"
) -> Submission:
    """Return a submission of one task that runs a command."""
    script = f"#!/bin/sh\n{run}\n"
    allocation = Allocation(cores, 64 << 20, 0)
    return Submission(name, "a job", 1, allocation, wall_time, script, {}, "kind-f", "", str(directory))


def end(parasol: Parasol, task: str) -> TaskStatus:
    """Wait until a task has ended, and return how."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if task not in parasol.poll([task]) and (ended := parasol.look_back([task])):
            return ended[task]
        time.sleep(0.05)
    raise AssertionError(f"{task} did not end")


def submit(parasol: Parasol, what: Submission) -> str:
    """Hand a task over and return its ID."""
    command = parasol.submit_command(what)
    return parasol.submission_id(parasol.run(*command.arguments))


def test_the_command_says_what_a_job_needs(tmp_path: Path) -> None:
    words = dialect(parasolCommand="/opt/bin/parasol").submit_command(submission(tmp_path, cores=1.5)).arguments
    results = f"-results={tmp_path}/parasol-2-{64 << 20}.results"
    assert words[:5] == ["/opt/bin/parasol", "-verbose", f"-ram={64 << 20}", "-cpu=2", results]
    assert words[5:] == ["add", "job", f"{tmp_path}/toil-1.sh"]


def test_a_job_ends_with_its_exit_status(parasol: Parasol, tmp_path: Path) -> None:
    ended = end(parasol, submit(parasol, submission(tmp_path, run="exit 3")))
    assert (ended.exit_status, ended.reason) == (3, BatchJobExitReason.FAILED)


def test_a_job_that_takes_longer_than_it_asked_for_is_ended_for_that(parasol: Parasol, tmp_path: Path) -> None:
    ended = end(parasol, submit(parasol, submission(tmp_path, wall_time=0.5, run="exec sleep 60")))
    assert ended.reason is BatchJobExitReason.TIMELIMIT


def test_a_job_is_found_by_its_name_and_its_results_by_a_new_leader(parasol: Parasol, tmp_path: Path) -> None:
    go = tmp_path / "go"
    task = submit(parasol, submission(tmp_path, "toil-mine", run=f"while [ ! -e {go} ]; do sleep 0.05; done"))
    later = dialect()
    assert later.find(["toil-mine", "toil-other"]) == {"toil-mine": task}
    assert task in later.poll([task])
    go.touch()
    assert end(later, task).exit_status == 0


def test_jobs_that_would_take_one_batch_too_many_are_refused_and_others_are_not(tmp_path: Path) -> None:
    parasol = dialect(parasolMaxBatches=1)
    parasol.submit_command(submission(tmp_path))
    assert parasol.unsatisfiable(submission(tmp_path, "toil-2")) == ""
    assert "--parasolMaxBatches allows no more than 1" in parasol.unsatisfiable(submission(tmp_path, cores=2))


def test_paths_with_spaces_are_refused(tmp_path: Path) -> None:
    assert "set another --workDir" in dialect().unsatisfiable(submission(tmp_path / "my work"))


def test_a_program_that_is_not_there_is_told_by_its_name() -> None:
    with pytest.raises(CommandMissing, match="'/nowhere/parasol' of Parasol was not found"):
        dialect(parasolCommand="/nowhere/parasol").poll(["1"])


def test_the_number_of_batches_is_at_least_one() -> None:
    (spec,) = toil_batch_systems()
    (option,) = [one for one in spec.options if one.name == "parasolMaxBatches"]
    assert option.parse("5") == 5
    with pytest.raises(ValueError, match="at least 1"):
        option.parse("0")


@pytest.mark.parametrize(
    ("status", "program", "code", "reason"),
    [
        (0, "toil.sh", 0, BatchJobExitReason.FINISHED),
        (256, "toil.sh", 1, BatchJobExitReason.FAILED),
        (9, "toil.sh", -9, BatchJobExitReason.KILLED),
        (124 << 8, "toil.sh", 124, BatchJobExitReason.FAILED),
        (124 << 8, "timeout", 124, BatchJobExitReason.TIMELIMIT),
        (65280, "toil.sh", 255, BatchJobExitReason.FAILED),
    ],
)
def test_a_line_of_results_tells_how_a_job_ended(
    tmp_path: Path, status: int, program: str, code: int, reason: BatchJobExitReason
) -> None:
    results = ResultsFile(str(tmp_path / "results"))
    (tmp_path / "results").write_text(LINE.format(status=status, program=program))
    results.read()
    ended = results.ends["7"]
    assert (ended.state, ended.exit_status, ended.reason, ended.seconds) == (TaskState.ENDED, code, reason, 40)


def test_a_line_that_is_half_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    path, line = tmp_path / "results", LINE.format(status=0, program="toil.sh")
    results = ResultsFile(str(path))
    results.read()
    path.write_text(line[:20])
    results.read()
    assert results.ends == {}
    path.write_text(line)
    results.read()
    assert list(results.ends) == ["7"]


def test_jobs_that_wait_have_no_machine() -> None:
    listed = "7    none       ann        2026/01/02 03:04:05 timeout 60 /shared/toil-1.sh /shared/x.results\n"
    (job,) = listed_jobs(listed)
    assert job == ("7", False, "toil-1", "/shared/x.results")
