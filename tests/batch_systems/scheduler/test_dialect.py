"""What every dialect has from its base: commands that may be refused, and commands that name many jobs."""

from __future__ import annotations

import pytest

from tests.batch_systems.scheduler.toy import Toy
from toil_core.batch_systems.scheduler.commands import CommandFailed, Runner
from toil_core.options.config import Config


@pytest.fixture
def toy() -> Toy:
    return Toy(Config(), Runner("Toy"))


def test_what_is_refused_may_count_as_saying_nothing(toy: Toy) -> None:
    assert toy.run_if_allowed("sh", "-c", "echo hosts") == "hosts\n"
    assert toy.run_if_allowed("sh", "-c", "echo hosts; echo permission denied >&2; exit 1") == ""


def test_a_scheduler_that_does_not_answer_has_not_refused(toy: Toy) -> None:
    with pytest.raises(CommandFailed):
        toy.run_if_allowed("sh", "-c", "echo nobody is there >&2; exit 1")


def test_many_jobs_are_named_in_portions_that_leave_none_out(toy: Toy) -> None:
    tasks = [str(number) for number in range(1201)]
    portions = list(toy.portions(tasks))
    assert [len(portion) for portion in portions] == [500, 500, 201]
    assert [task for portion in portions for task in portion] == tasks
    assert list(toy.portions([])) == []
