"""Workflows to look at: scripts run as users run them, and large ones that are made up."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.understanding.browser import CHROMIUM, Page, browser
from toil_core.inspection.reading import open_workflow, read_workflow
from toil_core.inspection.view import WorkflowView
from toil_core.job_stores.memory import MemoryJobStore
from toil_core.jobs.job import Job
from toil_core.jobs.records import FailureReport, Record, Usage
from toil_core.options.config import Config

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore

ROOT = Path(__file__).parents[2]
STARTED = 1_700_000_000.0

SCRIPT = """
import sys
from toil.common import Toil
from toil.job import Job


def split(job):
    parts = [job.addChildJobFn(work, number, unitName=f"part {number}").rv() for number in range(4)]
    job.addFollowOnJobFn(merge, parts)


def work(job, number):
    path = job.fileStore.getLocalTempFile()
    with open(path, "w") as stream:
        stream.write(f"part {number}")
    job.addChildJobFn(check, job.fileStore.writeGlobalFile(path), number, displayName="check <b>it</b>")
    return number


def check(job, part, number):
    with open(job.fileStore.readGlobalFile(part)) as stream:
        assert stream.read() == f"part {number}"
    print("looked at part", number)
    if number % 2:
        sys.stdout.flush()
        sys.stdout.buffer.write(b"\\x00\\xff\\x1b[31mbytes</pre><script>document.title = 'owned'</script>\\n")
        raise ValueError(f"part {number} is <script>bad</script>")


def merge(job, parts):
    return sum(parts)


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        toil.restart() if options.restart else toil.start(Job.wrapJobFn(split))
"""


class Run:
    """A workflow that was run, in a directory of its own, with its job store beside it."""

    def __init__(self, directory: Path, script: str) -> None:
        self.directory = directory
        self.locator = f"file:{directory / 'store'}"
        (directory / "workflow.py").write_text(script)

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Run the script."""
        return self._process("workflow.py", self.locator, "--clean=never", "--logLevel=WARNING", *options)

    def toil(self, *arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the `toil` command."""
        return self._process("-m", "toil_cli", *arguments, stdin=stdin, **environment)

    def view(self) -> WorkflowView:
        """Read the workflow."""
        return open_workflow(self.locator)

    def job(self, name: str, state: str = "") -> str:
        """Return the ID of the first job of a name, and in a state if one is given."""
        return next(one.id for one in self.view() if one.name == name and one.state.value in (state or one.state.value))

    def _process(self, *command: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
        return subprocess.run(
            [sys.executable, *command],
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            cwd=self.directory,
            env={**os.environ, "PYTHONPATH": path, "XDG_STATE_HOME": str(self.directory / "state"), **environment},
            check=False,
            timeout=120,
        )


@pytest.fixture(scope="module")
def failed_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run in which two of four jobs of a kind failed twice and another one still waits; tests leave it as it is."""
    run = Run(tmp_path_factory.mktemp("failed"), SCRIPT)
    result = run.run("--retryCount=1")
    assert result.returncode == 1 and "2 jobs failed" in result.stderr, result.stderr
    return run


@pytest.fixture
def run(tmp_path: Path) -> Callable[[str], Run]:
    """Return a way to make a workflow of a script."""
    return lambda script: Run(tmp_path, script)


def nothing() -> None:
    """What jobs that are made up would do."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[AbstractJobStore]:
    """A job store without jobs."""
    job_store = MemoryJobStore(f"memory:{tmp_path}")
    job_store.initialize(Config())
    yield job_store
    job_store.destroy()


@pytest.fixture
def large(store: AbstractJobStore) -> Callable[[int], WorkflowView]:
    """Return a way to make up a workflow of so many jobs on 4 machines; every 17th call has failed once."""

    def make(jobs: int) -> WorkflowView:
        root = Job.wrapFn(nothing, displayName="prepare", memory="1G")
        for number in range((jobs - 1) // 3):
            child = root.addChildFn(nothing, displayName="align", unitName=f"sample {number}", memory="8G", cores=4)
            after = child.addChildFn(nothing, displayName="sort", unitName=f"sample {number}", memory="2G")
            after.addFollowOnFn(nothing, displayName="call", unitName=f"sample {number}", memory="4G", cores=2)
        root.saveAsRootJob(store)
        free, calls = [STARTED] * 64, 0
        for number, description in enumerate(store.read_descriptions(str(root.jobStoreID).rpartition("-")[0])):
            worker = number % 64
            wall = 1.0 + number % 7
            usage = Usage(free[worker], wall, wall * 0.8, (200 << 20) + number)
            free[worker] += wall + 0.1
            host, job = f"node{worker % 4}", str(description.jobStoreID)
            calls += description.displayName == "call"
            if description.displayName == "call" and calls % 17 == 1:
                error = f"ValueError: sample {number} has no reference"
                store.write_failure(FailureReport(job, 1, error, b"line\n" * 500, usage=usage, host=host))
            else:
                store.commit(job, Record(usage=usage, host=host))
        return read_workflow(store)

    return make


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page in a browser; left out, with the reason, where there is no Chromium."""
    if CHROMIUM is None:
        reason = "Chromium is not installed (Debian's package chromium)"
        if "SERVICES_REQUIRED" in os.environ:
            pytest.fail(reason)
        pytest.skip(reason)
    with browser(tmp_path_factory.mktemp("profile")) as page:
        yield page
