"""Which engine is taken where the user leaves that open."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.services.running import SERVICES
from toil_core.containers import opening
from toil_core.containers.errors import EngineUnavailable
from toil_core.containers.opening import ENGINE_NAMES, choose_engine, open_engine


@pytest.fixture(autouse=True)
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only directory with programs, at first none; no socket of an engine is known."""
    directory = tmp_path / "bin"
    directory.mkdir()
    monkeypatch.setenv("PATH", str(directory))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/docker.sock")
    opening._obstacle.cache_clear()
    return directory


def add(programs: Path, *names: str) -> None:
    for name in names:
        (programs / name).symlink_to(SERVICES / "stand_ins" / "singularity")


def test_where_none_works_it_is_told_what_is_the_matter_with_each(programs: Path) -> None:
    add(programs, "docker")
    with pytest.raises(EngineUnavailable) as caught:
        choose_engine()
    told = str(caught.value)
    assert "docker.sock' (no such file or directory)" in told
    for name in ("podman", "apptainer", "singularity", "udocker"):
        assert f"{name}: there is no command '{name}'" in told


def test_docker_is_passed_over_where_its_daemon_does_not_answer(programs: Path, tmp_path: Path) -> None:
    add(programs, "docker", "singularity")
    assert choose_engine() == "singularity"
    opening._obstacle.cache_clear()
    with socket.socket(socket.AF_UNIX) as daemon:
        daemon.bind(str(tmp_path / "docker.sock"))
        daemon.listen()
        assert choose_engine() == "docker"


def test_auto_is_the_first_that_works(programs: Path) -> None:
    add(programs, "singularity", "udocker")
    with open_engine("auto") as engine:
        assert engine.name == "singularity"


def test_every_name_that_users_may_choose_is_an_engine() -> None:
    assert ENGINE_NAMES == ("auto", "docker", "podman", "apptainer", "singularity", "udocker", "none")
    for name in ENGINE_NAMES[1:]:
        assert opening.engine_class(name).name == name
