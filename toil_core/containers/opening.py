"""Choosing a container engine by name, or the first that works."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module

from toil_core.containers.engine import Engine
from toil_core.containers.errors import ContainerArgumentError, EngineUnavailable

#: A year: requests to an engine may take as long as what they wait for.
NO_HURRY = 365 * 24 * 60 * 60
#: Engines that stand in for the first of the others that works.
AUTO = "auto"

_ENGINES = {
    "docker": "toil_core.containers.command_engine:DockerCommand",
    "podman": "toil_core.containers.command_engine:PodmanCommand",
    "apptainer": "toil_core.containers.singularity:Apptainer",
    "singularity": "toil_core.containers.singularity:Singularity",
    "udocker": "toil_core.containers.udocker:Udocker",
    "none": "toil_core.containers.host:NoContainer",
    "docker-api": "toil_core.containers.docker_engine:DockerEngine",
}
#: In which order they are tried.
_CANDIDATES = ("docker", "podman", "apptainer", "singularity", "udocker")

#: What users may choose from.
ENGINE_NAMES = (AUTO, *_CANDIDATES, "none")


def engine_class(name: str) -> type[Engine]:
    """Return the class of an engine.

    :param name: one of the names, or `module:Class` of an engine from elsewhere.
    :raises ContainerArgumentError: if there is none of that name.
    """
    module, _, attribute = _ENGINES.get(name, name).partition(":")
    if not attribute:
        raise ContainerArgumentError(f"There is no container engine '{name}'.", f"Known: {', '.join(_ENGINES)}.")
    found: type[Engine] = getattr(import_module(module), attribute)
    return found


def open_engine(name: str, settings: Mapping[str, str] | None = None, timeout: float = NO_HURRY) -> Engine:
    """Return an engine.

    :param name: one of the names, `auto` for the first that works, or `module:Class` of an engine from elsewhere.
    :param settings: those of an engine that was opened before; by default those of this process's environment.
    :param timeout: how many seconds one request may take.
    :raises EngineUnavailable: if it does not answer, or what is needed to talk to it is not installed.
    """
    kind = engine_class(choose_engine() if name == AUTO else name)
    return kind(kind.current_settings() if settings is None else settings, timeout)


def choose_engine(candidates: Sequence[str] = _CANDIDATES) -> str:
    """Return the name of the first engine that seems to work on this machine.

    :param candidates: the names to try, in this order.
    :raises EngineUnavailable: if none does; it tells what is the matter with each.
    """
    obstacles = {}
    for name in candidates:
        obstacles[name] = _obstacle(name)
        if not obstacles[name]:
            return name
    told = "; ".join(f"{name}: {obstacle}" for name, obstacle in obstacles.items())
    raise EngineUnavailable(
        AUTO,
        "",
        f"No container engine can be used on this machine ({told}).",
        "Install one, or run without containers.",
    )


@cache
def _obstacle(name: str) -> str:
    kind = engine_class(name)
    return kind.obstacle(kind.current_settings())
