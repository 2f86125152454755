"""Running a scheduler's commands: Ctrl-C, commands that are killed, and characters of all kinds."""

from __future__ import annotations

import os
import sys

import pytest

from tests.batch_systems.scheduler.toy import Toy
from toil_core.batch_systems.scheduler.commands import Command, CommandFailed, Runner, Trouble
from toil_core.options.config import Config


def test_commands_are_not_in_the_leaders_session_so_that_ctrl_c_does_not_reach_them() -> None:
    printed = Runner("Toy").run(Command((sys.executable, "-c", "import os; print(os.getsid(0))")))
    assert int(printed) != os.getsid(0)


def test_a_command_that_was_killed_says_nothing_of_what_the_scheduler_did() -> None:
    runner = Runner("Toy")
    with pytest.raises(CommandFailed) as caught:
        runner.run(Command(("/bin/sh", "-c", "kill -INT $$")))
    assert Toy(Config(), runner).trouble(caught.value) is Trouble.UNREACHABLE


def test_scripts_reach_the_scheduler_byte_by_byte() -> None:
    script = os.fsdecode(b"name=\xff\xc3\xa9\n")
    assert Runner("Toy").run(Command(("od", "-An", "-tx1"), script)).split() == [
        "6e",
        "61",
        "6d",
        "65",
        "3d",
        "ff",
        "c3",
        "a9",
        "0a",
    ]
