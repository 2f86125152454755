"""The progress bar shows on a terminal only, and gives it back as it was."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys

import pytest

from tests.terminals import run_on_terminal
from toil_core.observe.events import JobFailed, JobIssued, JobStarted
from toil_core.observe.progress import ProgressBar

_RUN = """
import logging, sys
from toil_core.observe import attach_all
from toil_core.observe.bus import MessageBus
from toil_core.observe.events import JobAdded, JobCompleted, JobFailed, JobIssued, WorkflowFinished
from toil_core.observe.logs import set_up_logging
from toil_core.options.config import Config
config, bus = Config(), MessageBus()
config.disableProgress = "--disableProgress" in sys.argv
set_up_logging(config)
watching = attach_all(bus, config)
try:
    for number in range(3):
        bus.publish(JobAdded(f"a-{number}", f"job{number}", ""))
        bus.publish(JobIssued(f"a-{number}", f"job{number}", 1, number, 1.0, 1, 1))
    logging.getLogger("script").warning("a line between")
    if "--long" in sys.argv:
        print(" ".join(["word"] * 50), file=sys.stderr)
    print("result on standard output")
    bus.publish(JobCompleted("a-0", "job0", 0.0, 0.0, 0.0, 0, ""))
    bus.publish(JobFailed("a-1", "job1", 1, 1, "failed", 1))
    bus.publish(JobFailed("a-2", "job2", 1, 1, "failed", 0))
    if "--raise" in sys.argv:
        raise RuntimeError("the script failed")
    bus.publish(WorkflowFinished("w", "file:x", "", 0.0))
finally:
    watching.close()
print("rich" in sys.modules, sys.stderr is sys.__stderr__)
"""
_ESCAPE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


def on_terminal(*arguments: str, columns: int = 160) -> tuple[str, str]:
    """Run the script with standard error on a terminal; return standard output and what the terminal got."""
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": str(columns), "LINES": "40"}
    environment.pop("NO_COLOR", None)
    done = run_on_terminal([sys.executable, "-c", _RUN, *arguments], environment)
    return done.out, done.shown


def test_counts_and_names_show_on_a_terminal_with_log_lines_between() -> None:
    printed, shown = on_terminal()
    text = _ESCAPE.sub("", shown)
    assert "a line between" in text
    assert re.search(r"Done .*1/3 +1 failed", text)
    assert printed == "result on standard output\nTrue True\n"


@pytest.mark.parametrize("arguments", [(), ("--raise",)])
def test_the_cursor_is_shown_again_however_the_run_ends(arguments: tuple[str, ...]) -> None:
    _, shown = on_terminal(*arguments)
    assert "\x1b[?25l" in shown
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")
    assert ("RuntimeError: the script failed" in _ESCAPE.sub("", shown)) == bool(arguments)


def test_there_is_no_bar_when_it_is_disabled() -> None:
    printed, shown = on_terminal("--disableProgress")
    assert printed.endswith("False True\n")
    assert "\x1b" not in shown


def test_there_is_no_bar_and_no_rich_where_standard_error_is_no_terminal() -> None:
    done = subprocess.run([sys.executable, "-c", _RUN], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("False True\n")
    assert "\x1b" not in done.stderr
    assert "1/3" not in done.stderr


def test_long_lines_above_the_bar_are_left_to_the_terminal_to_wrap() -> None:
    _, shown = on_terminal("--long", columns=40)
    assert " ".join(["word"] * 50) in _ESCAPE.sub("", shown)


@pytest.mark.parametrize("columns", [20, 40, 70, 100])
def test_the_counts_show_on_terminals_of_any_width(columns: int) -> None:
    _, shown = on_terminal(columns=columns)
    assert re.search(r"Done.* 1/3 +1 failed", _ESCAPE.sub("", shown))


def test_jobs_count_as_running_once_the_batch_system_says_so() -> None:
    bar = ProgressBar(io.StringIO())
    bar.issued(JobIssued("a-1", "sort", 1, 1, 1.0, 1, 1))
    bar.issued(JobIssued("a-2", "sort", 1, 2, 1.0, 1, 1))
    assert bar.state() == "2 issued"
    bar.started(JobStarted("a-1", 1, 0.0))
    assert bar.state() == "1 running"
    bar.failed(JobFailed("a-1", "sort", 1, 1, "failed", 0))
    assert bar.state() == "0 running, 1 failed"
    bar.close()
