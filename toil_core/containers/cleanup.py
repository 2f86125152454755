"""Ending containers: by name, and by themselves when the job that started them is over, however that ended."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING

from toil_core.containers.engine import ContainerState, Engine
from toil_core.containers.errors import ContainerArgumentError
from toil_core.containers.opening import NO_HURRY, open_engine

if TYPE_CHECKING:
    from toil_core.jobs.job import Job

logger = logging.getLogger(__name__)

#: What becomes of a container after its job: it is left alone; it is asked to end, then killed, and kept for
#: inspection; it is killed and removed.
FORGO, STOP, RM = 0, 1, 2


def getContainerName(job: Job) -> str:
    """Return a new name for a container, in which the job can be recognised."""
    readable = re.sub(r"[^a-zA-Z0-9_.-]+", "-", job.description.jobName).strip("-._")[:80] or "job"
    return f"{readable}--{secrets.token_hex(8)}"


def containerIsRunning(container_name: str, timeout: float = NO_HURRY) -> bool | None:
    """Return whether a container runs, or None where there is none of that name.

    :param timeout: how many seconds one request to the engine may take.
    :raises EngineUnavailable: if no engine answers.
    """
    with open_engine("docker-api", timeout=timeout) as engine:
        state = engine.state(container_name)
    return None if state is ContainerState.ABSENT else state is ContainerState.RUNNING


def dockerStop(container_name: str, remove: bool = False, timeout: float = NO_HURRY) -> None:
    """Ask a container to end, and kill it when it has not after ten seconds; one that is gone is fine.

    :param remove: whether to remove it then.
    :param timeout: how many seconds one request to the engine may take.
    :raises EngineUnavailable: if no engine answers.
    """
    dockerKill(container_name, gentleKill=True, remove=remove, timeout=timeout)


def dockerKill(container_name: str, gentleKill: bool = False, remove: bool = False, timeout: float = NO_HURRY) -> None:
    """Kill a container at once; one that is gone is fine.

    :param gentleKill: ask it to end first, and wait for up to ten seconds.
    :param remove: whether to remove it then.
    :param timeout: how many seconds one request to the engine may take.
    :raises EngineUnavailable: if no engine answers.
    """
    with open_engine("docker-api", timeout=timeout) as engine:
        if gentleKill:
            engine.stop(container_name)
        elif not remove:
            engine.kill(container_name)
        if remove:
            engine.remove(container_name)


def after_the_job(job: Job, engine: Engine, container_name: str, action: int | None) -> None:
    """Have something done about a container when the attempt at a job is over, even if its process is killed.

    Called before the container is made, so that there is no moment at which nobody knows of it.

    :param action: FORGO, STOP or RM; None stands for RM.
    :raises ContainerArgumentError: if it is none of them.
    """
    action = RM if action is None else action
    if action not in (FORGO, STOP, RM):
        raise ContainerArgumentError(f"deferParam is {action!r}.", "Use FORGO, STOP or RM of toil.lib.docker.")
    if action != FORGO:
        job.defer(conclude, engine.name, engine.settings, container_name, action)


#: The containers of this process that are known to be gone, so that nobody asks the engine again.
_gone: set[str] = set()


def finished(container_name: str) -> None:
    """Note that a container is gone, and that nothing needs to be done about it after the job."""
    _gone.add(container_name)


def conclude(engine_name: str, settings: Mapping[str, str], container_name: str, action: int) -> None:
    """Stop or remove a container that may be gone already, in an engine that another process used.

    :param settings: those of the engine.
    """
    if container_name in _gone:
        _gone.discard(container_name)
        return
    with open_engine(engine_name, settings) as engine:
        if action == STOP:
            engine.stop(container_name)
        else:
            engine.remove(container_name)
    logger.debug("The container '%s' has been seen to.", container_name)
