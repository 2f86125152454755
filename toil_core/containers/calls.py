"""Running a program in a container from a job: `apiDockerCall`, and the shorter `dockerCall`."""

from __future__ import annotations

import codecs
import io
import logging
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

from toil_core.containers.cleanup import after_the_job, getContainerName
from toil_core.containers.docker_arguments import parse_docker_arguments
from toil_core.containers.engine import ContainerSpec, Mount, Output
from toil_core.containers.errors import ContainerArgumentError, command_line
from toil_core.containers.opening import NO_HURRY
from toil_core.containers.pipelines import invocation

if TYPE_CHECKING:
    from toil_core.containers.docker_engine import DockerEngine
    from toil_core.jobs.job import Job

logger = logging.getLogger(__name__)

#: Where a container sees the job's directory unless volumes are given.
DATA = "/data"

Pair = tuple[bytes | None, bytes | None]
Environment = Mapping[str, str | None] | Sequence[str] | None
Volumes = Mapping[str, Any] | Sequence[str] | None
OutputFile = str | os.PathLike[str] | IO[bytes] | IO[str]


def apiDockerCall(
    job: Job,
    image: str,
    parameters: Sequence[Any] | str | None = None,
    deferParam: int | None = None,
    volumes: Volumes = None,
    working_dir: str | None = None,
    containerName: str | None = None,
    entrypoint: Sequence[str] | str | None = None,
    detach: bool = False,
    log_config: Mapping[str, Any] | None = None,
    auto_remove: bool | None = None,
    remove: bool = False,
    user: str | int | None = None,
    environment: Environment = None,
    stdout: bool | None = None,
    stderr: bool = False,
    stream: bool = False,
    demux: bool = False,
    streamfile: OutputFile | None = None,
    timeout: float = NO_HURRY,
    **kwargs: Any,
) -> Any:
    """Run a program in a container, wait for it, and return what it wrote to standard output, as bytes.

    :param job: the running job; whatever becomes of it, the container does not outlive it.
    :param image: the image's name, with or without a tag; it is fetched where it is not at hand.
    :param parameters: the words of the command, or a list of such lists for a pipe of commands. They are the arguments
        of the entry point where there is one.
    :param deferParam: what becomes of the container after the job: RM (the default) kills and removes it, STOP asks
        it to end and keeps it, FORGO leaves it running.
    :param volumes: what the container sees of this machine, `{'/here': {'bind': '/there', 'mode': 'rw'}}`; directories
        that are not there yet are made. By default `working_dir` is seen as `/data`.
    :param working_dir: a directory of this machine, by default the current one. Where the container sees it, the
        program starts in it; with volumes that do not hold it, it is a path in the container.
    :param containerName: by default a new name that has the job's in it.
    :param entrypoint: what takes the place of the image's entry point.
    :param detach: return at once, with the SDK's `Container`; the program goes on until it ends or the job does.
    :param log_config: how the engine keeps the container's output.
    :param auto_remove: the same as `remove`; with `detach`, the engine removes the container when it ends.
    :param remove: remove the container when the program has ended, not only when the job has.
    :param user: a name or number, possibly with a group, by default the image's.
    :param environment: variables, as a mapping or as a list of `NAME=value`.
    :param stdout: whether to return standard output; by default so.
    :param stderr: whether to return standard error.
    :param stream: return an iterator over the output as it comes; its end is the program's, and raises its failure.
    :param demux: return a pair for standard output and standard error in place of one value.
    :param streamfile: a path or an open file to write the output to as it comes; nothing is returned then.
    :param timeout: how many seconds the program, and each request to the engine, may take.
    :param kwargs: any other keyword argument of `run` in Docker's SDK.
    :raises EngineUnavailable: if no engine answers, or Docker's SDK is not installed.
    :raises ContainerArgumentError: if the arguments contradict each other.
    :raises ImageUnavailable: if the image cannot be had.
    :raises ContainerNotStarted: if the engine refuses, as when the program is not in the image.
    :raises ContainerFailed: if the program ends with a status other than 0.
    :raises ContainerTookTooLong: if its time is over.
    """
    if detach and (stream or streamfile is not None):
        raise ContainerArgumentError("A detached container's output cannot be streamed.", "Leave out one of the two.")
    start = invocation(parameters, entrypoint)
    mounts, options, start_in = _files(volumes, working_dir)
    options.update(kwargs)
    if log_config is not None:
        options["log_config"] = log_config
    own_name = options.pop("name", None)
    spec = ContainerSpec(
        image=image,
        command=start.command,
        name=containerName or own_name or getContainerName(job),
        entrypoint=start.entrypoint,
        mounts=mounts,
        working_dir=start_in,
        user=None if user is None else str(user),
        environment=_variables(environment),
        options=options,
    )
    streams = {name for name, wanted in (("stdout", stdout is not False), ("stderr", stderr)) if wanted}
    engine = _docker_engine(timeout)
    with ExitStack() as resources:
        resources.enter_context(engine)
        after_the_job(job, engine, spec.name, deferParam)
        logger.info("Running in a container of '%s', named '%s': %s", image, spec.name, command_line(spec.command))
        if detach:
            resources.pop_all()
            return _detached(engine, spec, bool(remove or auto_remove))
        output: Iterator[Output] = (piece for piece in engine.run(spec, timeout) if piece.stream in streams)
        if remove or auto_remove:
            output = _then_removed(output, engine, spec.name)
        if streamfile is not None:
            _write(output, streamfile)
            return None
        if stream:
            return _streamed(output, demux, resources.pop_all())
        return _collected(output, demux, streams)


def dockerCall(
    job: Job,
    tool: str,
    parameters: Sequence[Any] | str | None = None,
    workDir: str | None = None,
    dockerParameters: Sequence[str] | None = None,
    outfile: OutputFile | None = None,
    defer: int | None = None,
    **kwargs: Any,
) -> Any:
    """Run a tool in a container, wait for it, and return what it wrote to standard output, as bytes.

    :param job: the running job; whatever becomes of it, the container does not outlive it.
    :param tool: the image's name.
    :param parameters: the words of the command, or a list of such lists for a pipe of commands.
    :param workDir: a directory of this machine that the tool sees as `/data`, by default the current one.
    :param dockerParameters: options of the command `docker run`, as typed.
    :param outfile: a path or an open file to write the output to as it comes; nothing is returned then.
    :param defer: what becomes of the container after the job: RM (the default), STOP or FORGO.
    :param kwargs: what else `apiDockerCall` takes.
    :raises ContainerArgumentError: if an option of `docker run` is not known here; and what `apiDockerCall` raises.
    """
    options = parse_docker_arguments(dockerParameters or ())
    volumes = options.get("volumes")
    if volumes is not None and workDir is not None:
        options["volumes"] = [f"{os.path.abspath(workDir)}:{DATA}", *volumes]
        options.setdefault("working_dir", DATA)
    else:
        options.setdefault("working_dir", workDir)
    return apiDockerCall(
        job, tool, parameters, **{"deferParam": defer, "streamfile": outfile, "remove": False, **options, **kwargs}
    )


def _docker_engine(timeout: float) -> DockerEngine:
    from toil_core.containers.docker_engine import DockerEngine

    return DockerEngine(DockerEngine.current_settings(), timeout)


def _files(volumes: Volumes, working_dir: str | None) -> tuple[tuple[Mount, ...], dict[str, Any], str | None]:
    """Return what the container sees, in our words or in the SDK's, and where in it the program starts."""
    here = os.path.abspath(working_dir or os.getcwd())
    if volumes is None:
        os.makedirs(here, exist_ok=True)
        return (Mount(here, DATA),), {}, DATA
    start_in = working_dir
    if isinstance(volumes, Mapping):
        for source, seen in volumes.items():
            if os.path.isabs(source) and not os.path.exists(source):
                os.makedirs(source, exist_ok=True)
            if working_dir is not None and os.path.abspath(source) == here:
                start_in = seen["bind"] if isinstance(seen, Mapping) else seen
    return (), {"volumes": volumes}, start_in


def _variables(environment: Environment) -> dict[str, str | None]:
    if environment is None:
        return {}
    if isinstance(environment, Mapping):
        return {name: None if value is None else str(value) for name, value in environment.items()}
    pairs = (entry.partition("=") for entry in environment)
    return {name: value if equals else None for name, equals, value in pairs}


def _detached(engine: DockerEngine, spec: ContainerSpec, remove: bool) -> Any:
    ours = {"detach": True, **({"auto_remove": True} if remove else {})}
    container = engine.create(replace(spec, options={**spec.options, **ours}))
    engine.start(container)
    return engine.container(container)


def _then_removed(output: Iterator[Output], engine: DockerEngine, container: str) -> Iterator[Output]:
    try:
        yield from output
    finally:
        engine.remove(container)


def _streamed(output: Iterator[Output], demux: bool, resources: ExitStack) -> Iterator[bytes | Pair]:
    with resources:
        for stream, data in output:
            if demux:
                yield (data, None) if stream == "stdout" else (None, data)
            else:
                yield data


def _collected(output: Iterator[Output], demux: bool, streams: Collection[str]) -> bytes | Pair:
    pieces = list(output)
    if not demux:
        return b"".join(data for _, data in pieces)
    out, err = (
        b"".join(data for stream, data in pieces if stream == name) if name in streams else None
        for name in ("stdout", "stderr")
    )
    return out, err


def _write(output: Iterator[Output], file: OutputFile) -> None:
    """Write what comes to a path, or to a file that is open for bytes or for text."""
    if isinstance(file, (str, os.PathLike)):
        with open(file, "wb") as opened:
            _write(output, opened)
        return
    takes_text = isinstance(file, io.TextIOBase) or "b" not in getattr(file, "mode", "b")
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    for _, data in output:
        file.write(decoder.decode(data) if takes_text else data)  # type: ignore[arg-type]
    file.flush()
