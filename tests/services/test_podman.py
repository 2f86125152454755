"""The scripts that start and stop podman may be called again, and leave nothing."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.services.running import SERVICES, service


@pytest.fixture
def run_directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="toil-", dir="/tmp") as directory:
        yield Path(directory)


def call(name: str, directory: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "SERVICES_RUN": str(directory), **settings}
    return subprocess.run(
        [SERVICES / "podman" / name], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def processes_of(directory: Path) -> list[str]:
    found = psutil.process_iter(["cmdline"])
    return [" ".join(words) for process in found if str(directory) in " ".join(words := process.info["cmdline"] or [])]


@pytest.mark.usefixtures("podman")
def test_starting_and_stopping_twice_is_fine_and_leaves_nothing(run_directory: Path) -> None:
    first = call("start", run_directory, API="1")
    running = processes_of(run_directory)
    again = call("start", run_directory, API="1")
    assert (first.returncode, first.stdout) == (again.returncode, again.stdout), again.stderr
    assert "DOCKER_HOST" in first.stdout
    assert len(running) == 1
    assert processes_of(run_directory) == running
    for _ in range(2):
        stopped = call("stop", run_directory)
        assert (stopped.returncode, stopped.stderr) == (0, "")
        assert processes_of(run_directory) == []
        assert list(run_directory.iterdir()) == []


@pytest.fixture
def path_without_podman(run_directory: Path) -> str:
    """A PATH with no more than the scripts need to find out that there is no podman."""
    programs = run_directory / "bin"
    programs.mkdir()
    for name in ("bash", "dirname", "env", "readlink"):
        (programs / name).symlink_to(f"/usr/bin/{name}")
    return str(programs)


def test_what_is_missing_is_named_with_the_packages_that_have_it(run_directory: Path, path_without_podman: str) -> None:
    done = call("start", run_directory, PATH=path_without_podman)
    assert done.returncode == 1
    assert done.stderr == "There is no podman; on Debian: apt-get install podman runc busybox-static\n"


@pytest.mark.parametrize(("required", "outcome"), [(False, "Skipped"), (True, "Failed")])
def test_a_service_that_cannot_be_started_is_left_out_unless_it_is_required(
    required: bool, outcome: str, path_without_podman: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SERVICES_REQUIRED", raising=False)
    if required:
        monkeypatch.setenv("SERVICES_REQUIRED", "1")
    # What pytest raises to skip and to fail is no ordinary exception.
    reason = "podman cannot be started: There is no podman"
    with pytest.raises(BaseException, match=reason) as caught, service("podman", PATH=path_without_podman):
        raise AssertionError("unreachable")
    assert type(caught.value).__name__ == outcome
