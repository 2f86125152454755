"""The same workflows on every scheduler: a sort with many small jobs, and jobs that use a service."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.examples.running import SCRIPTS
from tests.services.running import simulated

REAL = {
    "slurm": "slurm",
    "slurm_without_accounting": "slurm",
    "grid_engine": "grid_engine",
    "torque": "torque",
    "htcondor": "htcondor",
}
SIMULATED = {"slurm": "slurm", "torque": "torque", "htcondor": "htcondor", "lsf": "lsf", "parasol": "parasol"}

SERVICE = '''
import os
import time

from toil.common import Toil
from toil.job import Job


class Noticeboard(Job.Service):
    """A service that lays out a file and takes it away again."""

    def __init__(self, path):
        super().__init__(cores=1, memory="300Mi", disk="1Mi")
        self.path = path

    def start(self, job):
        with open(self.path, "w") as board:
            board.write("open")
        return self.path

    def stop(self, job):
        os.remove(self.path)


def read(path):
    with open(path) as board:
        return board.read()


def plan(job, path):
    board = job.addService(Noticeboard(path))
    return [job.addChildFn(read, board, memory="300Mi").rv() for _ in range(3)]


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    with Toil(options) as toil:
        path = os.path.join(os.getcwd(), "noticeboard")
        print("They read", toil.start(Job.wrapJobFn(plan, path, memory="300Mi")))
        assert not os.path.exists(path)
'''


@pytest.fixture(
    params=[*(f"real-{name}" for name in REAL), *(f"simulated-{name}" for name in SIMULATED)], scope="module"
)
def scheduler(request: pytest.FixtureRequest) -> Iterator[tuple[str, dict[str, str]]]:
    """The name of a batch system, and the environment in which it has its scheduler."""
    kind, _, name = request.param.partition("-")
    if kind == "real":
        yield REAL[name], {**os.environ, **request.getfixturevalue(name)}
        return
    with _simulated(name) as variables:
        yield SIMULATED[name], {**os.environ, **variables}


@contextmanager
def _simulated(name: str) -> Iterator[Mapping[str, str]]:
    with simulated(name, hosts="node1:8:4000,node2:8:4000") as variables:
        yield variables


def run(scheduler: tuple[str, dict[str, str]], directory: Path, *arguments: str) -> str:
    """Run a script on the scheduler, and return what it printed."""
    name, environment = scheduler
    command = [
        sys.executable,
        *arguments,
        "--batchSystem",
        name,
        "--defaultMemory",
        "300Mi",
        "--workDir",
        str(directory),
    ]
    done = subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_file_is_sorted(scheduler: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    lines = [f"{number * 7919 % 1000:04}" for number in range(1000)]
    (tmp_path / "lines.txt").write_text("".join(f"{line}\n" for line in lines))
    script = str(SCRIPTS / "merge_sort.py")
    run(scheduler, tmp_path, script, "store", "--input", "lines.txt", "--output", "sorted.txt", "--piece", "2000")
    assert (tmp_path / "sorted.txt").read_text().split() == sorted(lines)


def test_jobs_use_a_service(scheduler: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    (tmp_path / "services.py").write_text(SERVICE)
    said = run(scheduler, tmp_path, "services.py", "store")
    assert "They read ['open', 'open', 'open']" in said
