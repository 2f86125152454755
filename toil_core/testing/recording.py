"""A plugin of pytest for `toil plugins check`: one line of JSON for each clause, with its outcome and why."""

from __future__ import annotations

import json
import os

import pytest

#: The environment variable that names the file to write to.
VARIABLE = "TOIL_CHECK_RESULTS"
_WORTH_TELLING = 20


@pytest.hookimpl
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Write down what came of a clause: of its body, or of a fixture that failed or skipped it."""
    if report.when != "call" and report.passed:
        return
    with open(os.environ[VARIABLE], "a", encoding="utf-8") as stream:
        stream.write(json.dumps([_in_words(report.nodeid), report.outcome, _why(report)]) + "\n")


def _in_words(nodeid: str) -> str:
    name, _, variant = nodeid.partition("[")
    words = name.rpartition("::")[2].removeprefix("test_").replace("_", " ")
    return f"{words} ({variant[:-1]})" if variant else words


def _why(report: pytest.TestReport) -> str:
    if report.passed:
        return ""
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    lines = [line[1:].strip() for line in report.longreprtext.splitlines() if line.startswith("E ")]
    return "\n".join(lines[:_WORTH_TELLING])
