"""What is handed over to a scheduler is no more than it takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.batch_systems.scheduler.toy import DIRECTORY, Toy
from toil_core.batch_systems.bundling import Bundling
from toil_core.batch_systems.notes import Scratchpad
from toil_core.batch_systems.scheduler.commands import Runner
from toil_core.batch_systems.scheduler.handing_over import HandingOver, Place
from toil_core.batch_systems.scheduler.jobs import IssuedJob, Needs
from toil_core.batch_systems.scheduler.journal import Journal
from toil_core.batch_systems.scheduler.live_tasks import LiveTask
from toil_core.batch_systems.scheduler.script import Worker
from toil_core.jobs.requirements import Allocation
from toil_core.options.config import Config


class Small(Toy):
    """Takes small arrays, of which it tells, and short scripts."""

    largest_script = 2500

    def array_limit(self) -> int:
        return 3


def sizes(count: int, command: str, queue: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Hand over so many jobs, and return what the tasks are called, in order."""
    monkeypatch.setenv(DIRECTORY, str(queue))
    taken: list[LiveTask] = []
    runner = Runner("Small")
    place = Place("test", "", Worker("/bin/worker"))
    over = HandingOver(
        Small(Config(), runner), runner, Journal(Scratchpad()), Bundling(0), place, taken.append, lambda *_: None
    )
    needs = Needs(Allocation(1, 1 << 20, 0), ())
    for number in range(count):
        over.add(IssuedJob(number, f"job-{number}", "small", needs, None, command, None))
    assert over.submit() is None
    return [task.task for task in taken]


def test_an_array_is_no_larger_than_the_scheduler_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sizes(7, "true", tmp_path, monkeypatch) == ["1_0", "1_1", "1_2", "2_0", "2_1", "2_2", "3"]


def test_a_script_is_no_longer_than_the_scheduler_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sizes(3, f"true {'x' * 700}", tmp_path, monkeypatch) == ["1_0", "1_1", "2"]
