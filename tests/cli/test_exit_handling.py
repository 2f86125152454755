"""A script that Python runs itself ends on our errors with a sentence, without our traceback, and the right status."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

START = """
import atexit, sys
from toil_core.console import forget_job_store, install_exit_handling
from toil_core.errors import ToilError, UserError

install_exit_handling("file:store")
atexit.register(print, "at exit")
print("unflushed", end=" ")
"""


@pytest.mark.parametrize(("kind", "status"), [("UserError", 2), ("ToilError", 1)])
def test_our_error_is_its_sentence_and_the_process_ends_as_always(kind: str, status: int, python: Run) -> None:
    result = python("-c", f"{START}\nraise {kind}('The moon is down.', 'Wait for night.')")
    assert result.returncode == status
    assert result.stderr == "toil: error: The moon is down.\nWait for night.\n"
    assert result.stdout == "unflushed at exit\n"


def test_an_error_without_a_hint_is_one_line(python: Run) -> None:
    result = python("-c", f"{START}\nraise ToilError('The moon is down.')")
    assert result.stderr == "toil: error: The moon is down.\n"


def test_with_debug_logging_the_traceback_is_shown_too(python: Run) -> None:
    code = f"{START}\nimport logging\nlogging.basicConfig(level=logging.DEBUG)\nraise UserError('The moon is down.')"
    result = python("-c", code)
    assert "Traceback (most recent call last)" in result.stderr
    assert result.stderr.endswith("toil: error: The moon is down.\n")
    assert result.returncode == 2


def test_other_exceptions_stay_as_they_are(python: Run) -> None:
    bug = "def oops():\n    return 1 / 0\noops()"
    ours, plain = (
        python("-c", f"{START}\n{bug}"),
        python("-c", f"{START.replace('install_exit_handling(', 'str(')}\n{bug}"),
    )
    assert ours.stderr == plain.stderr
    assert ours.returncode == 1


def test_a_hook_that_the_script_had_set_still_sees_its_exceptions(python: Run) -> None:
    hook = "import sys\nsys.excepthook = lambda kind, error, traceback: print('mine:', error)\n"
    result = python("-c", f"{hook}{START}\nraise ValueError('x')")
    assert result.stdout == "unflushed mine: x\nat exit\n"


def test_an_interrupt_tells_how_to_continue_and_ends_with_130(python: Run) -> None:
    result = python("-c", f"{START}\nraise KeyboardInterrupt")
    assert result.returncode == 130
    assert result.stderr.splitlines() == [
        "toil: Interrupted.",
        "To continue: run the same command with --restart.",
        "To give up and remove the job store:",
        "  toil clean file:store",
    ]


def test_an_interrupt_after_the_job_store_is_gone_offers_no_way_on(python: Run) -> None:
    result = python("-c", f"{START}\nforget_job_store()\nraise KeyboardInterrupt")
    assert (result.returncode, result.stderr) == (130, "toil: Interrupted.\n")


def test_the_job_store_of_the_latest_run_counts(python: Run) -> None:
    result = python("-c", f"{START}\ninstall_exit_handling('file:other')\nraise KeyboardInterrupt")
    assert "toil clean file:other" in result.stderr
    assert "file:store" not in result.stderr


def test_an_interactive_session_goes_on(python: Run) -> None:
    result = python("-i", "-c", f"{START}\nraise UserError('The moon is down.')")
    assert "toil: error: The moon is down." in result.stderr
    assert result.returncode == 0
