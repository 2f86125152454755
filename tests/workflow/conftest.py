"""Scripts written by tests, run as users run them: each in a process and a directory of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

PREAMBLE = """
import os, sys, time
from toil.common import Toil
from toil.job import Job, PromisedRequirement

def note(text):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(text + "\\n")
"""

MAIN = """
if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        print("result:", toil.restart() if options.restart else toil.start(root()))
"""


class Workflow:
    """A script in a directory, run again and again against the same job store."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.script = directory / "workflow.py"
        self.store = directory / "store"
        self.notes = directory / "notes.txt"

    def write(self, body: str, main: str = MAIN) -> None:
        """Write the script: `body` has to define `root()`, which returns the root job."""
        self.script.write_text(PREAMBLE + textwrap.dedent(body) + main)

    def environment(self) -> dict[str, str]:
        return {**os.environ, "NOTES": str(self.notes)}

    def start(self, *options: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(self.script), str(self.store), *options]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, cwd=self.directory, env=self.environment(), stdout=pipe, stderr=pipe, text=True
        )

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*options)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def noted(self) -> list[str]:
        """Return what jobs noted, line by line."""
        return self.notes.read_text().splitlines() if self.notes.exists() else []


@pytest.fixture
def workflow(tmp_path: Path) -> Workflow:
    """An empty workflow in a directory of its own."""
    return Workflow(tmp_path)


@pytest.fixture
def result_of(workflow: Workflow) -> Callable[..., str]:
    """Run a script that is expected to succeed; return what it printed as its result."""

    def run(body: str, *options: str) -> str:
        workflow.write(body)
        done = workflow.run(*options)
        assert done.returncode == 0, done.stderr
        return done.stdout.rpartition("result: ")[2].strip()

    return run
