"""What people give these commands that they cannot use: an answer, and never a traceback of ours."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.understanding.conftest import Run

COMMANDS = {
    "graph": ["-o", "-"],
    "report": ["-o", "-"],
    "why": ["split"],
    "debug-job": ["split", "--directory", "never"],
    "debug-file": ["--fetch", "*"],
}


@pytest.fixture
def answer(failed_run: Run, tmp_path: Path) -> Callable[..., str]:
    """Return a way to run a command on a copy of a job store after something was done to it, and to get its answer."""

    def ask(command: str, damage: Callable[[Path], object]) -> str:
        store = tmp_path / "store"
        shutil.copytree(failed_run.directory / "store", store, symlinks=True)
        damage(store)
        result = failed_run.toil(command, f"file:{store}", *COMMANDS[command])
        assert "Traceback" not in result.stderr, result.stderr
        assert result.returncode == 2, result.stdout + result.stderr
        return result.stderr

    return ask


def of_another_version(store: Path) -> None:
    """Make a job store one that a later version wrote."""
    config = json.loads((store / "config.json").read_text())
    (store / "config.json").unlink()
    (store / "config.json").write_text(json.dumps({**config, "format": 99}))


def half_written(store: Path) -> None:
    """Leave out what is written last when a job store is made."""
    (store / "config.json").unlink()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_store_of_another_version_is_named(command: str, answer: Callable[..., str]) -> None:
    assert "it is of format 99, while this version of Toil reads format" in answer(command, of_another_version)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_half_written_store_is_named(command: str, answer: Callable[..., str]) -> None:
    assert "its creation or its deletion was cut off" in answer(command, half_written)


@pytest.mark.parametrize("command", ["graph", "report", "why", "debug-job"])
def test_a_damaged_record_is_told_as_that(command: str, failed_run: Run, tmp_path: Path) -> None:
    store = tmp_path / "store"
    shutil.copytree(failed_run.directory / "store", store, symlinks=True)
    record = next(path for path in (store / "records").rglob("*") if path.is_file())
    record.unlink()
    record.write_bytes(b"no pickle")
    result = failed_run.toil(command, f"file:{store}", *COMMANDS[command])
    assert result.returncode == 1
    assert result.stderr.startswith("toil: error: A job's record in the job store is damaged")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_a_store_that_is_not_there_is_named(command: str, failed_run: Run) -> None:
    result = failed_run.toil(command, "file:nowhere", *COMMANDS[command])
    assert result.returncode == 2
    assert "There is no job store 'file:nowhere'." in result.stderr and "Traceback" not in result.stderr


@pytest.mark.parametrize("command", ["graph", "report"])
@pytest.mark.parametrize("lost", ["records", "failures", "segments"])
def test_a_store_that_has_lost_something_shows_the_rest(
    command: str, lost: str, failed_run: Run, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    shutil.copytree(failed_run.directory / "store", store, symlinks=True)
    shutil.rmtree(store / lost)
    result = failed_run.toil(command, f"file:{store}", *COMMANDS[command])
    assert "Traceback" not in result.stderr, result.stderr
    assert result.stdout.startswith({"graph": "digraph workflow", "report": "<!doctype html>"}[command])


def test_a_workflow_that_never_started_has_an_empty_report(failed_run: Run, tmp_path: Path) -> None:
    from toil_core.job_stores.opening import job_store_for
    from toil_core.options.config import Config

    job_store_for(f"file:{tmp_path / 'empty'}").initialize(Config())
    result = failed_run.toil("report", f"file:{tmp_path / 'empty'}", "-o", "-")
    assert result.returncode == 0, result.stderr
    assert "The workflow has not started: it has no jobs yet." in result.stdout
    assert "No job has run yet" in result.stdout and "There are no jobs." in result.stdout


def test_a_report_of_a_run_without_statistics_says_what_is_missing(failed_run: Run) -> None:
    page = failed_run.toil("report", failed_run.locator, "-o", "-").stdout
    assert "How much disk jobs used was not measured: run the workflow with <code>--stats</code>" in page


def test_a_report_of_a_run_with_statistics_shows_disk(run: Callable[[str], Run]) -> None:
    workflow = run(
        "from toil.common import Toil\nfrom toil.job import Job\n"
        "def f(job): open(job.fileStore.getLocalTempFile(), 'wb').write(bytes(3 << 20))\n"
        "if __name__ == '__main__':\n"
        "    options = Job.Runner.getDefaultArgumentParser().parse_args()\n"
        "    with Toil(options) as toil:\n"
        "        toil.start(Job.wrapJobFn(f, disk='10Mi'))\n"
    )
    assert workflow.run("--stats").returncode == 0
    page = workflow.toil("report", workflow.locator, "-o", "-").stdout
    assert "was not measured" not in page
    assert "3.0 MiB of 10.0 MiB" in page


def test_a_report_can_be_written_over_an_older_one(failed_run: Run) -> None:
    for _ in range(2):
        assert failed_run.toil("report", failed_run.locator, "-o", "report.html").stdout == "Wrote report.html.\n"
    assert (failed_run.directory / "report.html").read_text().startswith("<!doctype html>")
    assert not list(failed_run.directory.glob("report.html.*"))


def test_a_report_that_cannot_be_written_is_named(failed_run: Run) -> None:
    result = failed_run.toil("report", failed_run.locator, "-o", "/proc/report.html")
    assert result.returncode == 2
    assert "'/proc/report.html' cannot be written" in result.stderr


def test_the_end_of_a_failed_run_names_each_failure_once_and_what_to_type(run: Callable[[str], Run]) -> None:
    workflow = run(
        "import sys\nfrom toil.common import Toil\nfrom toil.job import Job\n"
        "def f(n):\n"
        "    sys.stdout.buffer.write(b'\\xff\\x00\\x1b[2Jlog\\n')\n"
        "    raise ValueError(f'no part {n}')\n"
        "if __name__ == '__main__':\n"
        "    options = Job.Runner.getDefaultArgumentParser().parse_args()\n"
        "    root = Job()\n"
        "    for number in range(100):\n"
        "        root.addChildFn(f, number)\n"
        "    with Toil(options) as toil:\n"
        "        toil.start(root)\n"
    )
    result = workflow.run("--retryCount=0")
    assert result.returncode == 1
    end = result.stderr[result.stderr.index("toil: error:") :]
    assert end.startswith("toil: error: 100 jobs failed in the workflow")
    assert end.count("100 jobs 'f' failed alike") == 1
    assert end.count("ValueError: no part") == 2, "once in its headline, once in its log"
    assert "(and 99 like it)" in end
    assert f"toil debug-job {workflow.locator} " in end
    assert "--restart" in end
    assert all(letter == "\n" or letter.isprintable() for letter in end)
    command = next(line for line in end.splitlines() if "toil debug-job" in line).split()
    assert workflow.toil(*command[1:]).returncode == 1
