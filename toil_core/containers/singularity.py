"""Singularity and Apptainer: images are files, which are made once on each machine and kept in a directory.

`SINGULARITY_CACHEDIR` (or `APPTAINER_CACHEDIR`) names the directory, `~/.singularity/cache` is the default. Several
jobs may ask for one image at once: one of them gets it, under a lock, and the others wait.
`SINGULARITY_DOCKER_HUB_MIRROR` is the URL of a mirror of Docker Hub that is asked first.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, NamedTuple

from toil_core.containers.arguments import singularity_arguments, singularity_environment
from toil_core.containers.command_engine import CommandEngine
from toil_core.containers.engine import ContainerSpec
from toil_core.containers.errors import ContainerNotStarted, ImageUnavailable
from toil_core.containers.images import is_singularity_file, qualified, with_tag
from toil_core.containers.processes import ProcessesOfThisMachine, end_of, run_in_foreground

#: Where Docker Hub's images are in a full name.
_HUB = "docker.io/"
#: The status with which the command gives up, and how it says so.
_GAVE_UP = 255
_COMPLAINT = b"FATAL:"
# The command may gain root's rights, and nobody sees the environment of such a process; a shell stays its parent.
_WATCHED = ("/bin/sh", "-c", '"$@"; exit $?', "sh")


class Origin(NamedTuple):
    """Where an image can be got from.

    :ivar url: its URL in the command's terms.
    :ivar is_plain: whether the registry speaks plain HTTP.
    """

    url: str
    is_plain: bool = False


class Singularity(ProcessesOfThisMachine, CommandEngine):
    """Singularity, by its command."""

    name = "singularity"
    program = "singularity"
    hint = "Install Singularity or Apptainer, or choose another engine."
    variables: ClassVar[tuple[str, ...]] = (
        "HOME",
        "SINGULARITY_CACHEDIR",
        "SINGULARITY_DOCKER_HUB_MIRROR",
        "SINGULARITY_TMPDIR",
    )

    def has_image(self, image: str) -> bool:
        return is_singularity_file(image) or os.path.exists(self._path_of(image))

    def obtain(self, spec: ContainerSpec) -> None:
        if is_singularity_file(spec.image):
            return
        if spec.pull == "always":
            self._fetch(spec.image, anew=True)
        else:
            super().obtain(spec)

    def fetch(self, image: str) -> None:
        self._fetch(image, anew=False)

    def _fetch(self, image: str, anew: bool) -> None:
        path = self._path_of(image)
        with _locked(path):
            # Another job may have made it while this one waited.
            if os.path.exists(path) and not anew:
                return
            failures = []
            for origin in origins_of(image, self.environment.get("SINGULARITY_DOCKER_HUB_MIRROR", "")):
                try:
                    self._make(path, image, origin)
                    return
                except ImageUnavailable as error:
                    failures.append(error)
            raise failures[-1]

    def load(self, archive: str) -> str:
        found = os.stat(archive)
        path = self._path_of(f"{os.path.abspath(archive)}:{found.st_mtime_ns}-{found.st_size}")
        with _locked(path):
            if not os.path.exists(path):
                self._make(path, archive, Origin(f"docker-archive://{os.path.abspath(archive)}"))
        return path

    def _make(self, path: str, image: str, origin: Origin) -> None:
        partial = f"{path}.part"
        try:
            plain = ["--no-https"] if origin.is_plain else []
            self.fetch_with(image, "build", "--force", *plain, partial, origin.url)
            os.replace(partial, path)
        finally:
            if os.path.exists(partial):
                os.unlink(partial)

    def _path_of(self, image: str) -> str:
        directory = os.path.join(cache_directory(self.environment, self.program), "toil")
        return os.path.join(directory, file_name_of(image))

    def run_command(self, spec: ContainerSpec, timeout: float | None) -> int | None:
        self.obtain(spec)
        image = spec.image if os.path.exists(spec.image) else self._path_of(spec.image)
        arguments = [*_WATCHED, *singularity_arguments(spec, image, self.program)]
        environment = {**self.environment, **singularity_environment(spec, self.program)}
        status = run_in_foreground(arguments, spec, environment, timeout, lambda: self.kill(spec.name))
        if status == _GAVE_UP:
            complaints = [line for line in end_of(spec.stderr).splitlines() if line.startswith(_COMPLAINT)]
            if complaints:
                reason = complaints[-1].removeprefix(_COMPLAINT).decode(errors="replace")
                raise ContainerNotStarted(f"A container of '{spec.image}'", reason)
        return status


class Apptainer(Singularity):
    """Apptainer, as Singularity is called since it moved to the Linux Foundation."""

    name = "apptainer"
    program = "apptainer"
    variables = (*Singularity.variables, "APPTAINER_CACHEDIR", "APPTAINER_TMPDIR")


def cache_directory(environment: dict[str, str], program: str = "singularity") -> str:
    """Return the directory that images are kept in.

    :param environment: the variables that may name it.
    :param program: `singularity` or `apptainer`.
    """
    named = environment.get(f"{program.upper()}_CACHEDIR") or environment.get("SINGULARITY_CACHEDIR")
    return named or os.path.join(environment.get("HOME", "/"), f".{program}", "cache")


def file_name_of(image: str) -> str:
    """Return the name of the file that an image is kept in; no two images have the same."""
    plain = with_tag(qualified(image)) if "://" not in image.removeprefix("docker://") else image
    # What is replaced is told by its code, so that names stay apart.
    return re.sub(r"[^A-Za-z0-9._-]", lambda found: f"={ord(found[0]):x}=", plain) + ".sif"


def origins_of(image: str, mirror: str) -> list[Origin]:
    """Return where an image can be got from, in the order to try.

    :param image: its name as people write it; with another scheme than `docker://`, it is taken as it is.
    :param mirror: the URL of a mirror of Docker Hub, empty for none.
    """
    if "://" in image.removeprefix("docker://"):
        return [Origin(image)]
    name = with_tag(qualified(image))
    hub = Origin(f"docker://{name}")
    if not mirror or not name.startswith(_HUB):
        return [hub]
    scheme, separator, host = mirror.rstrip("/").partition("://")
    if not separator:
        scheme, host = "https", scheme
    return [Origin(f"docker://{host}/{name.removeprefix(_HUB)}", scheme == "http"), hub]


@contextmanager
def _locked(path: str) -> Iterator[None]:
    """Keep others, on all machines that share the directory, from making a file."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
