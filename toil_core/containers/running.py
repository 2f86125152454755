"""From a spec to an exit status: running one program in a container, as part of a job, with nothing left behind.

    run_container(spec, engine="auto", *, job=None, timeout=None) -> int

    spec      ContainerSpec(image, command, mounts=(Mount(source, target, "ro"), ...), working_dir=..., environment=...,
              user=..., network=..., gpus=..., cpus=..., memory=..., read_only=..., pull=..., stdin=..., stdout=...,
              stderr=...)
    engine    auto, docker, podman, singularity, apptainer, udocker, none, or docker-api; or an open Engine
    job       the running job: whatever becomes of its process, the container does not outlive it
    returns   the program's exit status; everything else is an error: ImageUnavailable, ContainerNotStarted,
              ContainerTookTooLong, EngineUnavailable, ContainerArgumentError

`choose_engine()` tells which engine `auto` stands for here, and `open_engine(name)` gives one to ask other things of:
`engine.isolates` (whether programs see the mounts' targets), `has_image`, `fetch`, `load`.
"""

from __future__ import annotations

import logging
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from toil_core.containers.cleanup import RM, STOP, after_the_job, finished, getContainerName
from toil_core.containers.engine import ContainerSpec, Engine
from toil_core.containers.errors import command_line
from toil_core.containers.opening import open_engine

if TYPE_CHECKING:
    from toil_core.jobs.job import Job

logger = logging.getLogger(__name__)


def run_container(
    spec: ContainerSpec, engine: str | Engine = "auto", *, job: Job | None = None, timeout: float | None = None
) -> int:
    """Run a container to its end, with its image fetched where it is not at hand, and remove it.

    :param spec: what to run; without a name, it gets a new one.
    :param engine: the name of an engine, `auto` for the first that works, or an open one.
    :param job: the running job; its container is removed even if its process is killed.
    :param timeout: how many seconds the program may take; it is killed after that.
    :raises EngineUnavailable: if the engine cannot be used.
    :raises ContainerArgumentError: if the engine cannot do what is asked.
    :raises ImageUnavailable: if the image cannot be had.
    :raises ContainerNotStarted: if the engine refuses.
    :raises ContainerTookTooLong: if its time is over.
    :returns: the exit status of the program, 128 and the number of the signal if one ended it.
    """
    if isinstance(engine, str):
        with open_engine(engine) as opened:
            return run_container(spec, opened, job=job, timeout=timeout)
    if not spec.name:
        name = getContainerName(job) if job is not None else f"toil--{secrets.token_hex(8)}"
        spec = replace(spec, name=name)
    if job is not None:
        after_the_job(job, engine, spec.name, STOP if spec.keep else RM)
    where = f"a container of '{spec.image}'" if engine.isolates else "no container"
    logger.info("Running with %s, in %s, named '%s': %s", engine.name, where, spec.name, command_line(spec.words))
    status = engine.execute(spec, timeout)
    finished(spec.name)
    return status
