"""What starts and stops schedulers may be called again and leaves nothing; processes of one session share a service."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.services import running
from tests.services.jobs import once
from tests.services.running import SERVICES, shared_service, started


@pytest.fixture
def run_directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="toil-", dir="/tmp") as directory:
        yield Path(directory)


def environment_for(directory: Path, **settings: str) -> dict[str, str]:
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    return {**os.environ, "PATH": path, "SERVICES_RUN": str(directory), **settings}


def stop(name: str, environment: dict[str, str]) -> tuple[int, str]:
    done = subprocess.run(
        [SERVICES / name / "stop"], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stderr


def is_of(process: psutil.Process, directory: Path) -> bool:
    try:
        return process.environ().get("SERVICES_RUN") == str(directory) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def processes_of(directory: Path) -> set[int]:
    return {process.pid for process in psutil.process_iter() if is_of(process, directory)}


@pytest.mark.parametrize(
    ("name", "settings"), [("slurm", {"DBD": "0"}), ("slurm", {"DBD": "1"}), ("gridengine", {}), ("condor", {})]
)
def test_starting_and_stopping_twice_is_fine_and_leaves_nothing(
    name: str, settings: dict[str, str], run_directory: Path
) -> None:
    environment = environment_for(run_directory, **settings)
    try:
        variables = started(name, environment)
        daemons = processes_of(run_directory)
        assert daemons
        assert started(name, environment) == variables
        assert daemons <= processes_of(run_directory)
    finally:
        stopped = [stop(name, environment) for _ in range(2)]
    assert stopped == [(0, "")] * 2
    assert processes_of(run_directory) == set()
    assert list(run_directory.iterdir()) == []


@pytest.fixture
def made_up(run_directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A service that notes when it is started and stopped; the notes."""
    notes = run_directory / "notes"
    (run_directory / "made-up").mkdir()
    for name in ("start", "stop"):
        script = run_directory / "made-up" / name
        script.write_text(f"#!/bin/sh\necho {name} >> {notes}\necho export WHERE=$SERVICES_RUN\n")
        script.chmod(0o755)
    monkeypatch.setattr(running, "SERVICES", run_directory)
    return notes


def test_what_two_share_is_stopped_by_the_last(made_up: Path) -> None:
    with shared_service("made-up") as outer:
        with shared_service("made-up") as inner:
            assert outer == inner
        assert "stop" not in made_up.read_text()
        assert Path(outer["WHERE"]).is_dir()
    assert made_up.read_text().split() == ["start", "start", "stop"]
    assert not Path(outer["WHERE"]).exists()
    assert not Path(outer["WHERE"]).with_suffix(".lock").exists()


def test_with_other_settings_it_is_another_service(made_up: Path) -> None:
    with shared_service("made-up") as one, shared_service("made-up", DBD="0") as other:
        assert one["WHERE"] != other["WHERE"]
    assert made_up.read_text().split().count("stop") == 2


def test_a_service_ends_with_a_process_that_is_killed(made_up: Path) -> None:
    code = (
        "import pathlib, sys, time; from tests.services import running\n"
        "running.SERVICES = pathlib.Path(sys.argv[1])\n"
        "with running.shared_service('made-up') as variables: print(variables['WHERE'], flush=True); time.sleep(60)"
    )
    words = [sys.executable, "-c", code, str(made_up.parent)]
    with subprocess.Popen(words, cwd=SERVICES.parent.parent, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        where = Path(process.stdout.readline().strip())
        assert where.is_dir()
        process.kill()
    once(where.exists, lambda is_there: not is_there)
    assert made_up.read_text().split() == ["start", "stop"]
