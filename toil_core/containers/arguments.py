"""What to run becomes command lines: one pure function for each engine that is driven by a command."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from toil_core.containers.engine import ContainerSpec, Mount
from toil_core.containers.errors import ContainerArgumentError
from toil_core.containers.images import without_scheme


def docker_arguments(spec: ContainerSpec) -> list[str]:
    """Return the command that runs a container in the foreground with Docker, and leaves it to be removed.

    Not `--rm`: engines that merely speak Docker's API forget the program's status with the container.
    """
    arguments = ["docker", "run", "--pull", "never", *_shared(spec), *_docker_gpus(spec.gpus)]
    # A variable without a value that is not set here is taken out of the image's own.
    arguments += [f"--env={name}" for name, value in spec.environment.items() if value is None]
    return [*arguments, *_image_and_command(spec)]


def podman_arguments(spec: ContainerSpec, user: str = "") -> list[str]:
    """Return the command that runs a container in the foreground with podman, and removes it.

    :param user: whoever runs it, as `uid:gid`; empty for root.
    """
    arguments = [
        "podman",
        "run",
        *([] if spec.keep else ["--rm"]),
        "--pull",
        "never",
        *_shared(spec),
        *_podman_gpus(spec.gpus),
    ]
    if user and spec.user in (user, user.partition(":")[0]):
        # Without root's rights only one user of the machine can be anyone in the container.
        arguments.append("--userns=keep-id")
    arguments += [f"--unsetenv={name}" for name, value in spec.environment.items() if value is None]
    return [*arguments, *_image_and_command(spec)]


def udocker_arguments(spec: ContainerSpec, as_root: bool = False) -> list[str]:
    """Return the command that runs a container in the foreground with udocker, and removes it.

    It has neither a network nor limits of its own: what the program uses is the machine's.

    :param as_root: whether root runs it.
    """
    arguments = ["udocker", *(["--allow-root"] if as_root else []), "--quiet", "run", "--nobanner", "--rm"]
    if spec.name:
        arguments.append(f"--name={spec.name}")
    for mount in spec.mounts:
        _see_plain(mount, ":", "udocker")
        arguments.append(f"--volume={mount.source}:{mount.target}")
    if spec.working_dir is not None:
        arguments.append(f"--workdir={spec.working_dir}")
    if spec.user is not None:
        arguments.append(f"--user={spec.user.partition(':')[0]}")
    arguments += [f"--env={name}={value}" for name, value in spec.environment.items() if value is not None]
    arguments += _own(spec.options)
    return [*arguments, *_image_and_command(spec)]


def singularity_arguments(spec: ContainerSpec, image: str, program: str = "singularity") -> list[str]:
    """Return the command that runs a program in the foreground with Singularity or Apptainer.

    Limits on memory and CPUs are left out: few installations can keep them, and all others would refuse to run.

    :param image: the path of the image's file.
    :param program: `singularity` or `apptainer`.
    """
    runs = spec.entrypoint is None
    arguments = [program, "--quiet", "run" if runs else "exec", "--contain", "--ipc", "--cleanenv"]
    if not spec.read_only:
        arguments.append("--writable-tmpfs")
    if spec.network is False:
        arguments += ["--net", "--network", "none"]
    if spec.gpus:
        arguments.append("--nv")
    for mount in spec.mounts:
        arguments += _singularity_mount(mount)
    if spec.working_dir is not None:
        arguments += ["--pwd", spec.working_dir]
    arguments += _own(spec.options)
    return [*arguments, image, *_words(spec.entrypoint or ()), *spec.words]


def singularity_environment(spec: ContainerSpec, program: str = "singularity") -> dict[str, str]:
    """Return the variables through which the command gets those of the program."""
    prefix = program.upper()
    own = {f"{prefix}ENV_{name}": value for name, value in spec.environment.items() if value is not None}
    # Values and arguments are taken as they are and not once more by a shell, where the version knows that.
    return {f"{prefix}_NO_EVAL": "1", **own}


def host_arguments(spec: ContainerSpec) -> list[str]:
    """Return the command that runs a program without a container.

    :raises ContainerArgumentError: if there is none, or it is to see files elsewhere than where they are.
    """
    for mount in spec.mounts:
        if os.path.abspath(mount.source) != os.path.abspath(mount.target):
            raise ContainerArgumentError(
                f"Without a container, no program can see '{mount.source}' as '{mount.target}'.",
                "Run it in a container, or give it the paths that files have on this machine.",
            )
    words = [*_words(spec.entrypoint or ()), *spec.words]
    if not words:
        raise ContainerArgumentError("Without a container there has to be a command to run.", "Give one.")
    return words


def _shared(spec: ContainerSpec) -> Iterator[str]:
    """Return the options that Docker and podman have in common."""
    if spec.name:
        yield f"--name={spec.name}"
    # Output goes through this command; the engine need not keep it, too.
    yield "--log-driver=none"
    if spec.stdin is not None:
        yield "--interactive"
    for mount in spec.mounts:
        yield f"--mount={_mount(mount)}"
    if spec.working_dir is not None:
        yield f"--workdir={spec.working_dir}"
    if spec.user is not None:
        yield f"--user={spec.user}"
    if spec.network is False:
        yield "--network=none"
    if spec.cpus is not None:
        yield f"--cpus={spec.cpus:g}"
    if spec.memory is not None:
        yield f"--memory={spec.memory}"
    if spec.read_only:
        yield "--read-only"
    for name, value in spec.environment.items():
        if value is not None:
            yield f"--env={name}={value}"
    yield from _own(spec.options)


def _mount(mount: Mount) -> str:
    kind = "bind" if os.path.isabs(mount.source) else "volume"
    fields = [f"type={kind}", f"source={mount.source}", f"target={mount.target}"]
    if mount.mode == "ro":
        fields.append("readonly")
    elif mount.mode != "rw":
        raise ContainerArgumentError(f"'{mount.source}' cannot be mounted as '{mount.mode}'.", "Use 'rw' or 'ro'.")
    return _as_csv(fields)


def _singularity_mount(mount: Mount) -> list[str]:
    options = "" if mount.mode == "rw" else f":{mount.mode}"
    if not {":", ",", '"'} & {*mount.source, *mount.target}:
        return ["--bind", f"{mount.source}:{mount.target}{options}"]
    # Only newer versions have this one, which takes any path.
    fields = ["type=bind", f"source={mount.source}", f"destination={mount.target}", *(["ro"] if options else [])]
    return ["--mount", _as_csv(fields)]


def _see_plain(mount: Mount, separators: str, engine: str) -> None:
    for path in (mount.source, mount.target):
        if {*separators} & {*path}:
            raise ContainerArgumentError(
                f"A path with '{separators}' in it cannot be mounted with {engine}: {path}.", "Rename it."
            )


def _docker_gpus(gpus: int | Sequence[str]) -> list[str]:
    if not gpus:
        return []
    if isinstance(gpus, int):
        return [f"--gpus={'all' if gpus < 0 else gpus}"]
    return [f"--gpus={_as_csv(['device=' + ','.join(gpus)])}"]


def _podman_gpus(gpus: int | Sequence[str]) -> list[str]:
    if not gpus:
        return []
    if isinstance(gpus, int):
        gpus = ["all"] if gpus < 0 else [str(number) for number in range(gpus)]
    return [f"--device=nvidia.com/gpu={gpu}" for gpu in gpus]


def _image_and_command(spec: ContainerSpec) -> list[str]:
    # The option takes one word; the rest of the entry point comes before the command.
    entrypoint = None if spec.entrypoint is None else _words(spec.entrypoint)
    if entrypoint is None:
        return [without_scheme(spec.image), *spec.words]
    first, rest = (entrypoint[0], entrypoint[1:]) if entrypoint else ("", [])
    return [f"--entrypoint={first}", without_scheme(spec.image), *rest, *spec.words]


def _words(entrypoint: Sequence[str] | str) -> list[str]:
    return [entrypoint] if isinstance(entrypoint, str) else list(entrypoint)


def _own(options: Mapping[str, Any]) -> Iterator[str]:
    """Return the options that only one engine understands as its command takes them."""
    for name, value in options.items():
        if value is True:
            yield f"--{name}"
        elif isinstance(value, (list, tuple)):
            yield from (f"--{name}={one}" for one in value)
        elif value is not None and value is not False:
            yield f"--{name}={value}"


def _as_csv(fields: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(fields)
    return line.getvalue()
