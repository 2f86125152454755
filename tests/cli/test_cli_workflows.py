"""Whole workflows under `toil run`, from the first line to the exit status."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

ROOT = Path(__file__).parents[2]

WORKFLOW = """
import os
import sys

from toil.common import Toil
from toil.job import Job


def greet(name):
    if os.path.exists("broken"):
        raise RuntimeError("the machine is broken")
    return f"Hello, {name}!"


if __name__ == "__main__":
    parser = Job.Runner.getDefaultArgumentParser()
    parser.add_argument("--name", default="world")
    options = parser.parse_args()
    with Toil(options) as toil:
        if options.restart:
            print(toil.restart())
        else:
            print(toil.start(Job.wrapFn(greet, options.name)))
"""


@pytest.fixture
def workflow(tmp_path: Path) -> Path:
    """A workflow of one job, which fails while a file called 'broken' is there."""
    source = WORKFLOW.replace('os.path.exists("broken")', f"os.path.exists({str(tmp_path / 'broken')!r})")
    path = tmp_path / "hello.py"
    path.write_text(source)
    return path


def stores(where: Path) -> list[str]:
    return sorted(name for name in os.listdir(where) if name.startswith("toil-hello-"))


@pytest.mark.usefixtures("workflow")
def test_a_workflow_without_a_job_store_gets_one_that_is_gone_after_a_success(toil: Run, tmp_path: Path) -> None:
    result = toil("run", "hello.py", "--", "--name", "moon")
    assert (result.returncode, result.stdout) == (0, "Hello, moon!\n")
    assert f"The job store of this run is file:{tmp_path}/toil-hello-" in result.stderr
    assert stores(tmp_path) == []


@pytest.mark.usefixtures("workflow")
def test_a_workflow_uses_the_job_store_that_is_named(toil: Run, tmp_path: Path) -> None:
    result = toil("run", "hello.py", "file:store", "--clean=never")
    assert (result.returncode, result.stdout) == (0, "Hello, world!\n")
    assert "The job store of this run" not in result.stderr
    assert (tmp_path / "store").is_dir()
    assert "completed successfully" in toil("status", "file:store").stdout


@pytest.mark.usefixtures("workflow")
def test_a_failed_workflow_ends_with_1_and_can_be_restarted(toil: Run, tmp_path: Path) -> None:
    (tmp_path / "broken").touch()
    failed = toil("run", "hello.py", "file:store", "--retryCount=0")
    assert failed.returncode == 1
    assert "the machine is broken" in failed.stderr
    assert 'File "' + str(ROOT / "toil_c") not in failed.stderr
    assert "1 totally failed jobs" in toil("status", "file:store").stdout
    (tmp_path / "broken").unlink()
    again = toil("run", "hello.py", "file:store", "--restart")
    assert (again.returncode, again.stdout) == (0, "Hello, world!\n")


@pytest.mark.usefixtures("workflow")
def test_a_script_run_by_python_itself_behaves_alike(toil: Run, python: Run, tmp_path: Path) -> None:
    (tmp_path / "broken").touch()
    under_toil = toil("run", "hello.py", "file:one", "--retryCount=0")
    direct = python("hello.py", "file:two", "--retryCount=0")
    assert direct.returncode == under_toil.returncode == 1
    assert direct.stderr.splitlines()[-1] == under_toil.stderr.splitlines()[-1].replace("/one", "/two")


@pytest.mark.usefixtures("workflow")
@pytest.mark.parametrize("store", [(), ("store",), ("file:store",)])
def test_a_failed_run_says_what_to_type_to_continue_it(store: tuple[str, ...], toil: Run, tmp_path: Path) -> None:
    (tmp_path / "broken").touch()
    failed = toil("run", "--retryCount", "0", "hello.py", *store)
    (tmp_path / "broken").unlink()
    (typed,) = [line.split() for line in failed.stderr.splitlines() if line.startswith("    toil run ")]
    again = toil(*typed[1:])
    assert (again.returncode, again.stdout) == (0, "Hello, world!\n")


@pytest.mark.usefixtures("workflow")
def test_what_a_failed_job_printed_is_shown_once(toil: Run, tmp_path: Path) -> None:
    (tmp_path / "broken").touch()
    failed = toil("run", "hello.py", "file:store", "--retryCount=2")
    assert failed.stderr.count("Traceback") == 1
    assert failed.stderr.count("failed for good") == 1
    assert failed.stderr.count("It is tried") == 2


@pytest.mark.usefixtures("workflow")
def test_a_job_store_that_exists_is_a_user_error_in_both_ways(toil: Run, python: Run, tmp_path: Path) -> None:
    assert toil("run", "hello.py", "file:store", "--clean=never").returncode == 0
    for result in (toil("run", "hello.py", "file:store"), python("hello.py", "file:store")):
        assert result.returncode == 2
        assert "already exists" in result.stderr
        assert "toil clean" in result.stderr
        assert "Traceback" not in result.stderr


@pytest.mark.usefixtures("workflow")
def test_an_unknown_batch_system_says_what_to_install(toil: Run) -> None:
    result = toil("run", "hello.py", "--batchSystem=mesos")
    assert result.returncode == 2
    assert "pip install toil-plugin-mesos" in result.stderr
    assert "Traceback" not in result.stderr


SLEEPER = """
import time

from toil.common import Toil
from toil.job import Job


def sleep():
    open({started!r}, "w").close()
    time.sleep(120)


if __name__ == "__main__":
    with Toil(Job.Runner.getDefaultArgumentParser().parse_args()) as toil:
        toil.start(Job.wrapFn(sleep))
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A workflow with job store file:store, one job of which runs."""
    started = tmp_path / "started"
    (tmp_path / "sleeper.py").write_text(SLEEPER.format(started=str(started)))
    process = subprocess.Popen(
        [sys.executable, "-m", "toil_cli", "run", "sleeper.py", "file:store", "--kill_polling_interval=0.1"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    deadline = time.monotonic() + 60
    while not started.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def test_kill_ends_a_run_that_can_be_restarted(running: subprocess.Popen[str], toil: Run) -> None:
    assert "is running" in toil("status", "file:store").stdout
    assert toil("kill", "--wait", "file:store").stdout.endswith("It has stopped.\n")
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 1
    assert "toil kill" in errors
    assert "not running" in toil("status", "file:store").stdout


def test_an_interrupt_tells_how_to_continue_and_ends_with_130(running: subprocess.Popen[str]) -> None:
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "--restart" in errors
    assert "Traceback" not in errors
