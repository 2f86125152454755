"""What is handed over to a scheduler is no more than it takes."""

from __future__ import annotations

import contextlib
import os
import shlex
from pathlib import Path

import pytest

from tests.batch_systems.scheduler.toy import DIRECTORY, Toy
from toil_core.batch_systems.bundling import Bundling
from toil_core.batch_systems.notes import Scratchpad
from toil_core.batch_systems.scheduler.batch_system import CommandLineBatchSystem
from toil_core.batch_systems.scheduler.commands import Command, Runner
from toil_core.batch_systems.scheduler.handing_over import HandingOver, Place, UnreadableAnswer
from toil_core.batch_systems.scheduler.jobs import IssuedJob, Needs
from toil_core.batch_systems.scheduler.journal import Journal
from toil_core.batch_systems.scheduler.live_tasks import LiveTask
from toil_core.batch_systems.scheduler.script import Worker
from toil_core.batch_systems.scheduler.tasks import Submission
from toil_core.jobs.requirements import Allocation
from toil_core.options.config import Config
from toil_core.testing.playing_leader import PlayedLeader, until_still


class Small(Toy):
    """Takes small arrays, of which it tells, and short scripts."""

    largest_script = 2500

    def array_limit(self) -> int:
        return 3


def handing_over(
    kind: type[Toy], count: int, command: str, queue: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[HandingOver, list[LiveTask]]:
    """Return what is to hand over so many jobs, and the list that tasks are added to which the scheduler has taken."""
    monkeypatch.setenv(DIRECTORY, str(queue))
    taken: list[LiveTask] = []
    runner = Runner("Toy")
    place = Place("test", "", str(queue), Worker("/bin/worker"))
    over = HandingOver(
        kind(Config(), runner), runner, Journal(Scratchpad(), "toy"), Bundling(0), place, taken.append, lambda *_: None
    )
    needs = Needs(Allocation(1, 1 << 20, 0), ())
    for number in range(count):
        over.add(IssuedJob(number, f"job-{number}", "small", needs, None, command, None))
    return over, taken


def test_an_array_is_no_larger_than_the_scheduler_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    over, taken = handing_over(Small, 7, "true", tmp_path, monkeypatch)
    assert over.submit() is None
    assert [task.task for task in taken] == ["1_0", "1_1", "1_2", "2_0", "2_1", "2_2", "3"]


def test_a_script_is_no_longer_than_the_scheduler_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    over, taken = handing_over(Small, 3, f"true {'x' * 700}", tmp_path, monkeypatch)
    assert over.submit() is None
    assert [task.task for task in taken] == ["1_0", "1_1", "2"]


def test_what_room_there_is_in_a_queue_is_used_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "full").write_text("3")
    over, taken = handing_over(Toy, 7, "true", tmp_path, monkeypatch)
    assert over.submit() == 0
    assert over.submit() == 0
    assert [task.task for task in taken] == ["1_0", "1_1", "1_2"]
    pause = over.submit()
    assert pause, "the scheduler is left alone for some time"
    assert len(over) == 4


class Garbled(Toy):
    """Answers a submission with nonsense while there is a file `garbled` in the queue."""

    def submission_id(self, output: str) -> str:
        return super().submission_id("?" if Path(os.environ[DIRECTORY], "garbled").exists() else output)


class GarbledBatchSystem(CommandLineBatchSystem):
    """Runs jobs by it."""

    dialect_type = Garbled


def test_what_runs_already_is_ended_when_a_run_ends_for_an_answer_that_nobody_understands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(DIRECTORY, str(tmp_path))
    config = Config()
    config.workflowID, config.workDir = "garbled", str(tmp_path)
    leader = PlayedLeader(GarbledBatchSystem(config), tmp_path, 60)
    number, path = leader.issue_endless()
    leader.until_written(path)
    leader.until_running(number)
    (tmp_path / "garbled").touch()
    leader.issue("true")
    with pytest.raises(UnreadableAnswer, match="Toy took a job"):
        leader.listen(60)
    assert leader.batch_system.getIssuedBatchJobIDs()[0] == number
    leader.batch_system.shutdown()
    until_still(path, 60)
    assert "did not end in time" not in caplog.text


class Mute(Toy):
    """Takes jobs, and never gets to say so."""

    def submit_command(self, submission: Submission) -> Command:
        real = super().submit_command(submission)
        return Command(("/bin/sh", "-c", f"{shlex.join(real.arguments)}; kill -KILL $$"), real.stdin)


@pytest.mark.parametrize("kind", [Mute, Garbled])
def test_what_was_taken_without_an_answer_is_found_when_all_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Toy]
) -> None:
    (tmp_path / "garbled").touch()
    over, taken = handing_over(kind, 2, "true", tmp_path, monkeypatch)
    with contextlib.suppress(UnreadableAnswer):
        over.submit()
    assert not taken
    over.give_up()
    assert [(task.task, task.jobs) for task in taken] == [("1_0", []), ("1_1", [])]
    assert over.submit() is None
