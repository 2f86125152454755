"""What workflow languages share while they run: loaded documents in workers, names of steps, failures explained."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.language_commands.conftest import Run
from tests.language_commands.test_language_commands import shown

Write = Callable[..., Path]


def test_workers_forked_from_the_leader_find_what_it_has_loaded(toil: Run, document: Write) -> None:
    document("look")
    found = shown(toil("moon", "x.moon", MOON_FORKS="1"))["value"]
    assert found == {"loaded": {"document": "look"}, "click": True, "main": None}


def test_other_workers_are_fresh_and_load_it_once_beforehand(toil: Run, document: Write) -> None:
    document("look")
    found = shown(toil("moon", "x.moon"))["value"]
    assert found == {"loaded": {"document": "preloaded from a FileJobStore"}, "click": False, "main": None}


def test_a_failure_is_told_in_the_words_of_the_job_that_explains_it(toil: Run, document: Write) -> None:
    document("miss")
    done = toil("moon", "x.moon", "--retryCount", "0")
    assert done.returncode == 1
    assert "  The step main.descent missed the moon. Take more fuel." in done.stderr
    assert "  Command:   burn --seconds 3\n" in done.stderr
    assert "  | no fuel\n" in done.stderr
    assert "Traceback" not in done.stderr and "moon_language.py" not in done.stderr and "Its log:" not in done.stderr


def test_a_failed_step_is_named_as_soon_as_it_fails(toil: Run, document: Write) -> None:
    document("miss")
    (line,) = (line for line in toil("moon", "x.moon", "--retryCount", "0").stderr.splitlines() if "for good" in line)
    assert "The job miss main.descent (" in line


@pytest.mark.parametrize("command", ["status", "why"])
def test_the_explanation_can_be_read_later(command: str, toil: Run, document: Write) -> None:
    document("miss")
    toil("moon", "x.moon", "--retryCount", "0", "--jobStore", "file:s")
    arguments = ("status", "file:s", "--printLogs") if command == "status" else ("why", "file:s", "miss")
    done = toil(*arguments)
    assert "burn --seconds 3" in done.stdout, done.stdout + done.stderr
    assert "main.descent" in done.stdout and "Traceback" not in done.stdout


def test_statistics_are_grouped_by_the_names_that_the_language_gives(toil: Run, document: Write) -> None:
    document("land")
    shown(toil("moon", "x.moon", "--stats", "--jobStore", "file:s"))
    assert "file:///x.moon" in toil("stats", "file:s").stdout
