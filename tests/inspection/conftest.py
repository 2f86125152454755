"""Workflows to look at: scripts run as users run them, and job stores filled by hand."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from toil_core.inspection.reading import open_workflow
from toil_core.inspection.view import WorkflowView
from toil_core.job_stores.opening import job_store_for
from toil_core.jobs.job import Job
from toil_core.jobs.records import Record
from toil_core.options.config import Config

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore

MAIN = """
if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        toil.restart() if options.restart else toil.start(root())
"""


class Script:
    """A workflow in a directory of its own, with its job store beside it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.locator = f"file:{directory / 'store'}"
        self.environment = {**os.environ, "XDG_STATE_HOME": str(directory / "state")}

    def write(self, body: str) -> None:
        """Write the script: `body` has to define `root()`, which returns the first job."""
        imports = "import os, time\nfrom toil.common import Toil\nfrom toil.job import Job\n"
        (self.directory / "workflow.py").write_text(imports + textwrap.dedent(body) + MAIN)

    def start(self, *options: str) -> subprocess.Popen[str]:
        """Start the script; it keeps its job store."""
        return self._start("workflow.py", self.locator, "--clean=never", *options)

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Run the script to its end; it keeps its job store."""
        return self._finish(self.start(*options))

    def toil(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the `toil` command."""
        return self._finish(self._start("-m", "toil_cli", *arguments))

    def view(self) -> WorkflowView:
        """Read the workflow."""
        return open_workflow(self.locator)

    def _start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=self.directory, env=self.environment, stdout=pipe, stderr=pipe, text=True)

    @staticmethod
    def _finish(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@pytest.fixture
def script(tmp_path: Path) -> Script:
    """An empty workflow."""
    return Script(tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> AbstractJobStore:
    """A job store without jobs."""
    job_store = job_store_for(f"file:{tmp_path / 'store'}")
    job_store.initialize(Config())
    return job_store


def nothing() -> None:
    """What jobs made by hand would do."""


@pytest.fixture
def save(store: AbstractJobStore) -> Callable[..., dict[str, str]]:
    """Save a job, which need not be run, with all that comes after it; return the IDs of all jobs by unit name."""

    def save_jobs(root: Job) -> dict[str, str]:
        root.saveAsRootJob(store)
        segment = str(root.jobStoreID).rpartition("-")[0]
        return {one.unitName: str(one.jobStoreID) for one in store.read_descriptions(segment)}

    return save_jobs


@pytest.fixture
def commit(store: AbstractJobStore) -> Callable[[str], None]:
    """Leave a record of a job, as if it had been run."""

    def leave(job: str) -> None:
        assert store.commit(job, Record(host="here"))

    return leave
