"""What is said where no container can be run; no engine is needed here."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.containers.conftest import RunningJob
from toil.lib.docker import apiDockerCall, containerIsRunning, dockerKill, getContainerName
from toil_core.containers.docker_client import docker_settings
from toil_core.containers.errors import ContainerArgumentError, EngineUnavailable
from toil_core.containers.opening import engine_class

# Docker's SDK forgets sockets that it could not connect.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def test_an_engine_that_is_not_there_is_told_with_its_address_and_what_to_do(
    job: RunningJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    for use in (
        lambda: apiDockerCall(job.as_job(), "ubuntu", ["true"]),
        lambda: containerIsRunning("any"),
        lambda: dockerKill("any"),
    ):
        with pytest.raises(
            EngineUnavailable, match=f"answers at 'unix://{tmp_path}/none.sock': no such file"
        ) as caught:
            use()
        assert "DOCKER_HOST" in caught.value.hint
    assert job.deferred == []


def test_an_address_where_nobody_listens_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{unused.getsockname()[1]}")
        with pytest.raises(EngineUnavailable, match="refused"):
            containerIsRunning("any")


def test_an_address_that_makes_no_sense_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "nonsense")
    with pytest.raises(EngineUnavailable, match=r"answers at 'nonsense': .*Invalid"):
        containerIsRunning("any")


def test_a_missing_sdk_is_told_with_the_line_to_install_it() -> None:
    program = (
        "import sys; sys.modules['docker'] = None\n"
        "from toil.lib.docker import apiDockerCall\n"
        "from unittest.mock import Mock\n"
        "try: apiDockerCall(Mock(), 'ubuntu', containerName='any')\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("EngineUnavailable ")
    assert "pip install 'toil[docker]'" in done.stdout


def test_importing_the_documented_functions_loads_neither_the_sdk_nor_what_retries() -> None:
    program = "import sys, toil.lib.docker, toil.lib.retry; print(*{'docker', 'requests', 'tenacity'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_an_engine_without_a_daemon_of_roots_is_found_where_no_other_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toil_core.containers.docker_client._USUAL_SOCKET", str(tmp_path / "docker.sock"))
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    (tmp_path / "podman").mkdir()
    (tmp_path / "podman" / "podman.sock").touch()
    found = f"unix://{tmp_path}/podman/podman.sock"
    assert docker_settings().get("DOCKER_HOST") == found
    (tmp_path / "docker.sock").touch()
    assert "DOCKER_HOST" not in docker_settings()
    monkeypatch.setenv("DOCKER_HOST", "tcp://elsewhere:1")
    assert docker_settings()["DOCKER_HOST"] == "tcp://elsewhere:1"


def test_an_engine_that_does_not_exist_is_told_with_those_that_do() -> None:
    with pytest.raises(ContainerArgumentError, match=r"no container engine 'dokcer'.*docker"):
        engine_class("dokcer")


def test_names_of_containers_are_new_each_time_and_tell_the_job(job: RunningJob) -> None:
    names = {getContainerName(job.as_job()) for _ in range(10)}
    assert len(names) == 10
    assert all(name.startswith("a-job-of-mine--") for name in names)
    job.jobName = "÷/"
    assert getContainerName(job.as_job()).startswith("job--")
