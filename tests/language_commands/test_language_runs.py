"""What workflow languages share while they run: loaded documents in workers, names of steps, failures explained."""

from __future__ import annotations

import subprocess
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


@pytest.mark.parametrize("option", ["--realTimeLogging", "--clusterStats=use.json"])
def test_watching_a_run_in_threads_does_not_keep_workers_from_being_forked(
    option: str, toil: Run, document: Write
) -> None:
    document("look")
    assert shown(toil("moon", "x.moon", option, MOON_FORKS="1"))["value"]["loaded"] == {"document": "look"}


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


@pytest.fixture
def failed(toil: Run, document: Write) -> None:
    """Leave a workflow of which a step has failed."""
    document("burn")
    done = toil("moon", "x.moon", "--retryCount", "0", "--jobStore", "file:s")
    assert "The job Burn main.burn (" in done.stderr, done.stderr


@pytest.mark.usefixtures("failed")
def test_a_failed_step_is_laid_out_with_its_command_and_inputs(toil: Run, tmp_path: Path) -> None:
    done = toil("debug-job", "file:s", "main.burn", "--prepare", "--directory", "by-hand")
    assert done.returncode == 0, done.stderr
    assert "Step:  main.burn\n" in done.stdout
    script = tmp_path / "by-hand" / "command.sh"
    assert str(script) in done.stdout
    ran = subprocess.run([script], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (4, "full moon a lot\n")


@pytest.mark.usefixtures("failed")
def test_a_shell_starts_in_the_directory_of_a_failed_step(toil: Run) -> None:
    done = toil(
        "debug-job", "file:s", "main.burn", "--shell", stdin='cat fuel; echo " $PHASE"; exit 3', SHELL="/bin/sh"
    )
    assert done.returncode == 3, done.stderr
    assert done.stdout.endswith("a lot full moon\n")


@pytest.mark.usefixtures("failed")
def test_a_failed_step_runs_again_alone(toil: Run) -> None:
    done = toil("debug-job", "file:s", "main.burn")
    assert done.returncode == 1
    assert "full moon a lot" in done.stdout + done.stderr and "exit status 4" in done.stdout


def test_what_cannot_be_laid_out_is_told(toil: Run, document: Write) -> None:
    document("miss")
    toil("moon", "x.moon", "--retryCount", "0", "--jobStore", "file:s")
    done = toil("debug-job", "file:s", "miss", "--shell")
    assert done.returncode == 2
    assert "it has no command to be run by hand." in done.stderr and "Traceback" not in done.stderr
    document("burn")
    toil("moon", "x.moon", "nothing", "--retryCount", "0", "--jobStore", "file:t")
    done = toil("debug-job", "file:t", "main.burn", "--prepare")
    assert "toil: error: The step main.burn has no command." in done.stderr and "Traceback" not in done.stderr
