"""Reaching an engine that speaks Docker's API: where it is, and what to say when it is not there."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from toil_core.containers.errors import EngineUnavailable

if TYPE_CHECKING:
    from docker import DockerClient
    from docker.errors import APIError

_VARIABLES = ("DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_CONTEXT", "DOCKER_CONFIG")
_USUAL_SOCKET = "/var/run/docker.sock"
_START = "Start Docker, or 'podman system service', and name its socket in DOCKER_HOST where it is not the usual one."
_JOIN = "Docker has to be usable without sudo: become a member of the group that owns the socket, often 'docker'."


def docker_settings() -> dict[str, str]:
    """Return how this process's environment says to reach the engine.

    Where it says nothing and Docker's usual socket is not there, sockets of engines without a daemon of root's are
    taken.
    """
    settings = {name: os.environ[name] for name in _VARIABLES if os.environ.get(name)}
    chosen = "DOCKER_HOST" in settings or "DOCKER_CONTEXT" in settings
    if not chosen and not os.path.exists(_USUAL_SOCKET):
        found = next(filter(os.path.exists, _other_sockets()), None)
        if found:
            settings["DOCKER_HOST"] = f"unix://{found}"
    return settings


def _other_sockets() -> Iterator[str]:
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    if runtime:
        yield f"{runtime}/docker.sock"
        yield f"{runtime}/podman/podman.sock"
    yield "/run/podman/podman.sock"


def connect(settings: Mapping[str, str], timeout: float) -> DockerClient:
    """Return a client of the engine.

    :param settings: variables as `docker_settings` returns them.
    :param timeout: how many seconds one request may take.
    :raises EngineUnavailable: if it does not answer.
    """
    from docker import DockerClient
    from docker.errors import DockerException

    try:
        # An empty environment would make the SDK look into the process's own.
        environment = dict(settings) or {"DOCKER_HOST": ""}
        return DockerClient.from_env(version="auto", timeout=max(1, round(timeout)), environment=environment)
    except DockerException as error:
        raise _unavailable(settings.get("DOCKER_HOST", f"unix://{_USUAL_SOCKET}"), error) from error


def sdk_missing() -> EngineUnavailable:
    """Return the error for an environment without Docker's SDK."""
    return EngineUnavailable(
        "docker",
        "",
        "Running containers needs Docker's SDK for Python, which is not installed.",
        "pip install 'toil[docker]'",
    )


def explanation(error: APIError) -> str:
    """Return what the engine said, without the address it was asked at."""
    return str(error.explanation or error)


def _unavailable(address: str, error: BaseException) -> EngineUnavailable:
    cause = next((found for found in _causes(error) if isinstance(found, OSError) and found.errno), None)
    reason = cause.strerror.lower() if cause is not None and cause.strerror else str(error)
    hint = _JOIN if cause is not None and cause.errno in (errno.EACCES, errno.EPERM) else _START
    return EngineUnavailable("docker", address, f"No container engine answers at '{address}': {reason}.", hint)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it came from; the SDK and what it builds on hide errors in each other's arguments."""
    to_see, seen = [error], set()
    while to_see:
        error = to_see.pop()
        if id(error) not in seen:
            seen.add(id(error))
            yield error
            within = (error.__cause__, error.__context__, getattr(error, "reason", None), *error.args)
            to_see += [found for found in within if isinstance(found, BaseException)]
