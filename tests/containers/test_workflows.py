"""Containers in workflows, with a real engine: also those whose workers are killed leave nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.containers.conftest import Engine
from toil_core.containers.engine import ContainerState
from toil_core.containers.opening import open_engine

SECONDS = 120

SCRIPT = """
import os, sys
from toil.common import Toil
from toil.job import Job
from toil.lib.docker import apiDockerCall
from toil_core.api import ContainerSpec, run_container

def first_hangs(job, directory):
    first = not os.path.exists(os.path.join(directory, "pid"))
    if first:
        with open(os.path.join(directory, "pid.new"), "w") as stream:
            stream.write(str(os.getpid()))
        os.rename(os.path.join(directory, "pid.new"), os.path.join(directory, "pid"))
    return apiDockerCall(
        job, "ubuntu", ["sleep", "600"] if first else ["echo", "done"], working_dir=directory, containerName="fixed"
    ).decode()

def fails(job):
    apiDockerCall(job, "ubuntu", ["sh", "-c", "echo the reason >&2; exit 4"])

def first_hangs_in_a_foreground(job, directory):
    first = not os.path.exists(os.path.join(directory, "pid"))
    if first:
        with open(os.path.join(directory, "pid.new"), "w") as stream:
            stream.write(str(os.getpid()))
        os.rename(os.path.join(directory, "pid.new"), os.path.join(directory, "pid"))
    script = "setsid sleep 600 & sleep 600" if first else "echo done"
    out = os.path.join(directory, "out")
    spec = ContainerSpec("ubuntu", ["sh", "-c", script], name=os.environ["CONTAINER"], stdout=out)
    return run_container(spec, os.environ["ENGINE"], job=job), open(out).read()

roots = {
    "first_hangs_in_a_foreground": lambda: Job.wrapJobFn(first_hangs_in_a_foreground, os.getcwd()),
    "call": lambda: Job.wrapJobFn(apiDockerCall, image="ubuntu", working_dir=os.getcwd(), parameters=["pwd"]),
    "first_hangs": lambda: Job.wrapJobFn(first_hangs, os.getcwd()),
    "fails": lambda: Job.wrapJobFn(fails),
}

if __name__ == "__main__":
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("root")
    options = parser.parse_args()
    with Toil(options) as toil:
        print(toil.restart() if options.restart else toil.start(roots[options.root]()))
"""


class Run:
    """A workflow in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        (directory / "workflow.py").write_text(SCRIPT)

    def start(self, root: str, *options: str) -> subprocess.Popen[str]:
        command = [sys.executable, "workflow.py", "file:store", root, *options]
        return subprocess.Popen(command, cwd=self.directory, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def run(engine: Engine, tmp_path: Path) -> Run:
    return Run(tmp_path)


def wait_until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < end, f"waited {SECONDS} s for {what}"
        time.sleep(0.1)


def test_a_call_is_a_job(run: Run, engine: Engine) -> None:
    out, err = run.start("call").communicate(timeout=SECONDS)
    assert out == "b'/data\\n'\n", err
    assert engine.new_names() == set()


def test_a_failed_call_is_told_by_its_job_and_leaves_no_container(run: Run, engine: Engine) -> None:
    process = run.start("fails", "--retryCount", "0")
    _, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 1
    assert "ended with status 4: sh -c 'echo the reason >&2; exit 4'" in err
    assert "the reason" in err
    assert engine.new_names() == set()


@pytest.mark.parametrize("is_last", [False, True])
def test_a_killed_worker_leaves_no_container_and_the_name_is_free_for_the_next_attempt(
    run: Run, engine: Engine, is_last: bool
) -> None:
    process = run.start("first_hangs", "--retryCount", "0" if is_last else "1")
    wait_until(lambda: engine.state_of("fixed") == "running", "the container")
    os.kill(int((run.directory / "pid").read_text()), signal.SIGKILL)
    out, err = process.communicate(timeout=SECONDS)
    if is_last:
        assert process.returncode == 1, err
        assert engine.new_names() == set()
    else:
        assert out == "done\n\n", err
    assert engine.new_names() == set()


def test_a_container_of_a_run_whose_leader_was_killed_is_gone_before_its_job_runs_again(
    run: Run, engine: Engine
) -> None:
    leader = run.start("first_hangs")
    wait_until(lambda: engine.state_of("fixed") == "running", "the container")
    leader.kill()
    leader.communicate(timeout=SECONDS)
    out, err = run.start("first_hangs", "--restart").communicate(timeout=SECONDS)
    assert out == "done\n\n", err
    assert engine.new_names() == set()


@pytest.mark.parametrize("name", ["podman", "none"])
def test_what_a_killed_worker_ran_in_the_foreground_ends_and_the_name_is_free_for_the_next_attempt(
    name: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    container = f"foreground-{os.getpid()}-{time.monotonic_ns()}"
    monkeypatch.setenv("ENGINE", name)
    monkeypatch.setenv("CONTAINER", container)
    process = run.start("first_hangs_in_a_foreground", "--retryCount", "1")
    with open_engine(name) as runner:
        wait_until(lambda: runner.state(container) is ContainerState.RUNNING, "the container")
        os.kill(int((run.directory / "pid").read_text()), signal.SIGKILL)
        out, err = process.communicate(timeout=SECONDS)
        assert out == "(0, 'done\\n')\n", err
        assert runner.state(container) is ContainerState.ABSENT
