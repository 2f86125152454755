"""Engines that are driven by a command: a container is a process in the foreground, and so is all else that is asked.

Docker and podman are here, since their commands agree in almost everything; `singularity`, `udocker` and `host` build
on the same base.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import socket
import subprocess
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from toil_core.containers.arguments import docker_arguments, podman_arguments
from toil_core.containers.engine import ContainerSpec, ContainerState, Engine
from toil_core.containers.errors import ContainerNotStarted, ContainerTookTooLong, EngineUnavailable, ImageUnavailable
from toil_core.containers.images import is_archive, qualified, without_scheme
from toil_core.containers.processes import LONGEST, end_of, run_in_foreground

logger = logging.getLogger(__name__)

#: The status of these commands when it is they who failed and not the program.
_ENGINE_FAILED = 125
#: How what they then write to standard error begins.
_COMPLAINTS = (b"docker:", b"Error:", b"Error response from daemon:", b"Unable to find image")
_OF_OPTIONS = (b"invalid argument", b"unknown flag", b"unknown shorthand flag")
#: How many seconds pass before each further attempt to get an image.
_PAUSES = (1, 4, 10)
#: What is said when another attempt would say the same.
_FINAL = ("not found", "manifest unknown", "unauthorized", "denied", "invalid reference", "does not exist", "refused")


class CommandEngine(Engine):
    """An engine with a command that runs a container in the foreground.

    :raises EngineUnavailable: if the command is not installed.
    """

    #: The command, and how people get it.
    program: ClassVar[str]
    hint: ClassVar[str]
    #: The variables that say where the engine is.
    variables: ClassVar[tuple[str, ...]] = ()

    def __init__(self, settings: Mapping[str, str], timeout: float) -> None:
        super().__init__(settings, timeout)
        if shutil.which(self.program) is None:
            raise EngineUnavailable(self.name, "", f"There is no command '{self.program}' on this machine.", self.hint)

    @classmethod
    def current_settings(cls) -> dict[str, str]:
        return {name: os.environ[name] for name in cls.variables if os.environ.get(name)}

    @classmethod
    def obstacle(cls, settings: Mapping[str, str]) -> str:
        return "" if shutil.which(cls.program) else f"there is no command '{cls.program}'"

    def close(self) -> None:
        """Do nothing: no connection outlives a command."""

    def execute(self, spec: ContainerSpec, timeout: float | None = None) -> int:
        """Run a container from its start to its end, and remove it."""
        spec = self.with_image(spec)
        status = self.run_command(spec, timeout)
        if status is None:
            assert timeout is not None
            raise ContainerTookTooLong(spec.image, spec.command, timeout, end_of(spec.stderr), spec.name)
        return status

    def with_image(self, spec: ContainerSpec) -> ContainerSpec:
        """Return what to run with an image that the engine has, or is going to get."""
        return replace(spec, image=self.load(spec.image)) if is_archive(spec.image) else spec

    def obtain(self, spec: ContainerSpec) -> None:
        """Get the image from its registry if it is not here, or if that is asked for.

        :raises ImageUnavailable: if it cannot be had.
        """
        if spec.pull != "always" and self.has_image(spec.image):
            return
        see_that_it_may_be_fetched(spec)
        self.fetch(spec.image)

    @abstractmethod
    def run_command(self, spec: ContainerSpec, timeout: float | None) -> int | None:
        """Run the command to its end; return its status, or None if its time was over and it was ended.

        :raises ContainerNotStarted: if the engine refuses.
        """

    @property
    def environment(self) -> dict[str, str]:
        """The variables of the engine's command."""
        return {**os.environ, **self.settings}

    def ask(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the engine's command with other arguments, and return what it said.

        :raises EngineUnavailable: if it does not answer within the time of one request.
        """
        try:
            return subprocess.run(
                [self.program, *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=min(self.timeout, LONGEST),
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise EngineUnavailable(
                self.name, "", f"'{self.program} {arguments[0]}' took over {self.timeout:g} seconds.", self.hint
            ) from error

    def fetch_with(self, image: str, *arguments: str) -> None:
        """Have the command get an image, more than once if what goes wrong may pass.

        :raises ImageUnavailable: if it cannot be had.
        """
        from toil_core.retrying import ErrorCondition, retry

        @retry(_PAUSES, errors=[_MayPass, ErrorCondition(_Final, retry_on_this_condition=False)])
        def attempt() -> None:
            done = self.ask(*arguments)
            if done.returncode:
                said = _complaint_in(done.stderr.encode()) or f"status {done.returncode}"
                raise (_Final if any(word in said.lower() for word in _FINAL) else _MayPass)(image, said)

        logger.info("Getting the image '%s' with %s.", image, self.name)
        attempt()


class _MayPass(ImageUnavailable):
    """A failure that may be gone at the next attempt."""


class _Final(ImageUnavailable):
    """A failure that stays."""


class DockerLike(CommandEngine):
    """What the commands of Docker and podman have in common."""

    #: Whether a container that is removed is asked to end first, and has ten seconds for that.
    removes_gently: ClassVar[bool] = False

    def has_image(self, image: str) -> bool:
        return self.ask("image", "inspect", "--format", "{{.Id}}", without_scheme(image)).returncode == 0

    def fetch(self, image: str) -> None:
        self.fetch_with(image, "pull", "--quiet", qualified(image))

    def load(self, archive: str) -> str:
        done = self.ask("load", "--quiet", "--input", archive)
        said = done.stdout.strip().splitlines()
        if done.returncode or not said:
            raise ImageUnavailable(archive, _complaint_in(done.stderr.encode()) or "there is no image in it")
        # "Loaded image: NAME", "Loaded image ID: sha256:…", and several names after a comma with podman.
        return said[-1].partition(": ")[2].split(",")[0].strip()

    def import_file_system(self, archive: str, image: str) -> None:
        self._make(image, self.ask("import", archive, image))

    def build(self, dockerfile: str, image: str) -> None:
        self._make(image, self.ask("build", "--file", dockerfile, "--tag", image, os.path.dirname(dockerfile) or "."))

    @staticmethod
    def _make(image: str, done: subprocess.CompletedProcess[str]) -> None:
        if done.returncode:
            raise ImageUnavailable(image, _complaint_in(done.stderr.encode()) or done.stderr)

    def run_command(self, spec: ContainerSpec, timeout: float | None) -> int | None:
        if spec.pull == "always":
            self.fetch(spec.image)
        status = self._run_once(spec, timeout)
        if status != _ENGINE_FAILED:
            return status
        if not self.has_image(spec.image):
            see_that_it_may_be_fetched(spec)
            # Looking first would cost each run that finds its image a command more.
            self.fetch(spec.image)
            status = self._run_once(spec, timeout)
        if status == _ENGINE_FAILED:
            complaint = _complaint_in(end_of(spec.stderr), only_known=spec.stderr is not None)
            if complaint or spec.stderr is None:
                reason = complaint or "see what was written to standard error"
                raise ContainerNotStarted(f"A container of '{spec.image}'", reason)
        return status

    def _run_once(self, spec: ContainerSpec, timeout: float | None) -> int | None:
        arguments = self.arguments_for(spec)
        return run_in_foreground(arguments, spec, self.environment, timeout, lambda: self.remove(spec.name))

    @abstractmethod
    def arguments_for(self, spec: ContainerSpec) -> list[str]:
        """Return the command that runs a container."""

    def state(self, container: str) -> ContainerState:
        done = self.ask("container", "inspect", "--format", "{{.State.Running}}", container)
        if done.returncode:
            return ContainerState.ABSENT
        return ContainerState.RUNNING if done.stdout.strip() == "true" else ContainerState.STOPPED

    def stop(self, container: str, grace: int = 10) -> None:
        self._bring_about("stop", "-t", str(grace), container)

    def kill(self, container: str) -> None:
        if self.state(container) is ContainerState.RUNNING:
            self._bring_about("kill", container)

    def remove(self, container: str) -> None:
        if self.removes_gently:
            self.ask("kill", container)
        self._bring_about("rm", "--force", "--volumes", container)

    def _bring_about(self, *arguments: str) -> None:
        done = self.ask(*arguments)
        if done.returncode:
            said = _complaint_in(done.stderr.encode())
            if "no such container" not in said.lower() and self.state(arguments[-1]) is not ContainerState.ABSENT:
                logger.warning("'%s %s' failed: %s", self.program, " ".join(arguments), said)


class DockerCommand(DockerLike):
    """Docker, by its command."""

    name = "docker"
    program = "docker"
    hint = "Install Docker, or choose another engine."
    variables = ("DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_CONTEXT", "DOCKER_CONFIG")

    @classmethod
    def current_settings(cls) -> dict[str, str]:
        from toil_core.containers.docker_client import docker_settings

        return docker_settings()

    @classmethod
    def obstacle(cls, settings: Mapping[str, str]) -> str:
        missing = super().obstacle(settings)
        host = settings.get("DOCKER_HOST", "" if "DOCKER_CONTEXT" in settings else "unix:///var/run/docker.sock")
        if missing or not host.startswith("unix://"):
            return missing
        path = host.removeprefix("unix://")
        try:
            with contextlib.closing(socket.socket(socket.AF_UNIX)) as connection:
                connection.connect(path)
        except OSError as error:
            return f"nothing that you may use answers at '{path}' ({(error.strerror or str(error)).lower()})"
        return ""

    def arguments_for(self, spec: ContainerSpec) -> list[str]:
        return docker_arguments(spec)

    def execute(self, spec: ContainerSpec, timeout: float | None = None) -> int:
        try:
            return super().execute(spec, timeout)
        finally:
            if not spec.keep:
                self.remove(spec.name)


class PodmanCommand(DockerLike):
    """Podman, by its command."""

    name = "podman"
    program = "podman"
    hint = "Install podman, or choose another engine."
    removes_gently = True
    variables = (
        "CONTAINERS_CONF",
        "CONTAINERS_STORAGE_CONF",
        "CONTAINERS_REGISTRIES_CONF",
        "CONTAINER_HOST",
        "HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_RUNTIME_DIR",
    )

    def arguments_for(self, spec: ContainerSpec) -> list[str]:
        return podman_arguments(spec, f"{os.getuid()}:{os.getgid()}" if os.getuid() else "")


def see_that_it_may_be_fetched(spec: ContainerSpec) -> None:
    """Refuse to get an image that is to be here already.

    :raises ImageUnavailable: if it is.
    """
    if spec.pull == "never":
        raise ImageUnavailable(spec.image, "it is not on this machine, and images are not to be fetched")


def _complaint_in(stderr: bytes, only_known: bool = False) -> str:
    """Return what an engine says went wrong, on the last line that has something.

    :param only_known: whether a line has to begin as complaints of engines do, since others may have written, too.
    """
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    known = [line for line in lines if line.startswith(_COMPLAINTS + _OF_OPTIONS)]
    found = known or ([] if only_known else lines)
    if not found:
        return ""
    text = found[-1].decode(errors="replace")
    for beginning in (b"docker: Error response from daemon:", *_COMPLAINTS):
        text = text.removeprefix(beginning.decode()).strip()
    return text
