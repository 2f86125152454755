"""Choosing a container engine by name."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from toil_core.containers.engine import Engine
from toil_core.containers.errors import ContainerArgumentError

#: A year: requests to an engine may take as long as what they wait for.
NO_HURRY = 365 * 24 * 60 * 60

_ENGINES = {"docker": "toil_core.containers.docker_engine:DockerEngine"}


def engine_class(name: str) -> type[Engine]:
    """Return the class of an engine.

    :param name: `docker`, or `module:Class` of an engine from elsewhere.
    :raises ContainerArgumentError: if there is none of that name.
    """
    module, _, attribute = _ENGINES.get(name, name).partition(":")
    if not attribute:
        raise ContainerArgumentError(f"There is no container engine '{name}'.", f"Known: {', '.join(_ENGINES)}.")
    found: type[Engine] = getattr(import_module(module), attribute)
    return found


def open_engine(name: str = "docker", settings: Mapping[str, str] | None = None, timeout: float = NO_HURRY) -> Engine:
    """Return an engine that answers.

    :param name: `docker`, or `module:Class` of an engine from elsewhere.
    :param settings: those of an engine that was opened before; by default those of this process's environment.
    :param timeout: how many seconds one request may take.
    :raises EngineUnavailable: if it does not answer, or what is needed to talk to it is not installed.
    """
    kind = engine_class(name)
    return kind(kind.current_settings() if settings is None else settings, timeout)
