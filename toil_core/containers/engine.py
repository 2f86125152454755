"""The contract of a container engine: what to run, and what an engine has to be able to do.

`ContainerSpec` says what to run, in words that every engine understands. An engine gets images, executes a spec from
its start to its end, and knows its containers by name; how it does that is in modules of its own.
"""

from __future__ import annotations

import enum
import shlex
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, ClassVar, Literal, NamedTuple

from toil_core.containers.errors import ContainerArgumentError

_USE_ANOTHER = "Use docker or podman, or name an image that exists."


class Mount(NamedTuple):
    """A file or directory of the machine, or a volume of the engine, that a container sees.

    :ivar source: an absolute path, or the name of a volume.
    :ivar target: where the container sees it.
    :ivar mode: `rw`, `ro`, or what else the engine knows.
    """

    source: str
    target: str
    mode: str = "rw"


@dataclass(frozen=True)
class ContainerSpec:
    """What to run, in words that every engine understands; None leaves a choice to the image.

    :ivar image: the name of the image, with or without a tag or `docker://` before it, or the path of an image file.
    :ivar command: what to run, or the arguments of the entry point where there is one.
    :ivar name: the container's name; nothing else on the machine may have it.
    :ivar entrypoint: what takes the place of the image's entry point; an empty list does away with it.
    :ivar working_dir: a path in the container.
    :ivar user: a name or number, possibly with a group: `1000:1000`.
    :ivar environment: variables; None as a value removes what the image sets.
    :ivar options: what only one engine understands, by that engine's own names: keyword arguments of Docker's SDK, or
        options of a command without their dashes.
    :ivar network: whether the program sees a network.
    :ivar gpus: how many GPUs it sees, -1 for all, or the names of those.
    :ivar cpus: how many CPUs it may use at once.
    :ivar memory: how many bytes of memory it may use.
    :ivar read_only: whether it may change nothing but what is mounted for that.
    :ivar pull: when to get the image from its registry: if it is `missing` here, `always`, or `never`.
    :ivar keep: whether engines that keep containers at all keep this one when it has ended, for people to look at.
    :ivar stdin: the path of a file of this machine that it reads; by default it reads nothing.
    :ivar stdout: the path of a file of this machine that it writes to, anew; by default this process's own output.
    :ivar stderr: likewise for standard error; it may be the same file.
    """

    image: str
    command: Sequence[str] | str = ()
    name: str = ""
    entrypoint: Sequence[str] | str | None = None
    mounts: tuple[Mount, ...] = ()
    working_dir: str | None = None
    user: str | None = None
    environment: Mapping[str, str | None] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    network: bool | None = None
    gpus: int | Sequence[str] = 0
    cpus: float | None = None
    memory: int | None = None
    read_only: bool = False
    pull: Literal["missing", "always", "never"] = "missing"
    keep: bool = False
    stdin: str | None = None
    stdout: str | None = None
    stderr: str | None = None

    @property
    def words(self) -> list[str]:
        """The command as a list of words."""
        return shlex.split(self.command) if isinstance(self.command, str) else list(self.command)


class Output(NamedTuple):
    """Something that a container wrote, in the order in which it arrived."""

    stream: Literal["stdout", "stderr"]
    data: bytes


class ContainerState(enum.Enum):
    """Whether there is a container of some name, and whether it runs."""

    ABSENT = "absent"
    STOPPED = "stopped"
    RUNNING = "running"


class Engine(ABC):
    """Something that runs containers; use it in a `with` statement, or close it.

    :param settings: where the engine is and how to talk to it; an engine opened elsewhere on the machine with the same
        settings knows the same containers.
    :param timeout: how many seconds one request may take.
    """

    #: What people call it.
    name: ClassVar[str]
    #: Whether programs see the mounts' targets and the image's files; otherwise they see this machine as it is.
    isolates: ClassVar[bool] = True

    def __init__(self, settings: Mapping[str, str], timeout: float) -> None:
        self.settings = dict(settings)
        self.timeout = timeout

    @classmethod
    @abstractmethod
    def current_settings(cls) -> dict[str, str]:
        """Return the settings that this process's environment asks for."""

    @abstractmethod
    def close(self) -> None:
        """Let go of connections; containers are not touched."""

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @classmethod
    def obstacle(cls, settings: Mapping[str, str]) -> str:
        """Return why this engine cannot be used on this machine, as a clause, or nothing if it seems that it can.

        :param settings: where the engine is.
        """
        return ""

    @abstractmethod
    def has_image(self, image: str) -> bool:
        """Return whether an image is at hand."""

    @abstractmethod
    def fetch(self, image: str) -> None:
        """Get an image from its registry.

        :raises ImageUnavailable: if it cannot be had.
        """

    @abstractmethod
    def load(self, archive: str) -> str:
        """Make the image in an archive that `docker save` wrote, or one of the OCI's format, available.

        :param archive: its path.
        :raises ImageUnavailable: if there is none that the engine understands.
        :returns: the name to run it by.
        """

    def import_file_system(self, archive: str, image: str) -> None:
        """Make an image of an archive of a whole file system.

        :param archive: its path.
        :param image: the name to give to it.
        :raises ContainerArgumentError: if the engine cannot do that.
        :raises ImageUnavailable: if it fails.
        """
        raise ContainerArgumentError(f"No images can be made of file systems with {self.name}.", _USE_ANOTHER)

    def build(self, dockerfile: str, image: str) -> None:
        """Build an image.

        :param dockerfile: the path of a file, whose directory is the build's.
        :param image: the name to give to it.
        :raises ContainerArgumentError: if the engine cannot do that.
        :raises ImageUnavailable: if it fails.
        """
        raise ContainerArgumentError(f"No images can be built with {self.name}.", _USE_ANOTHER)

    @abstractmethod
    def execute(self, spec: ContainerSpec, timeout: float | None = None) -> int:
        """Run a container from its start to its end, and remove it.

        :param timeout: how many seconds it may run; it is killed after that.
        :raises ImageUnavailable: if the image is not at hand and cannot be had.
        :raises ContainerNotStarted: if the engine refuses.
        :raises ContainerTookTooLong: if it was killed for its time.
        :raises ContainerArgumentError: if it is asked for what the engine cannot do.
        :returns: the exit status of the program, 128 and the number of the signal if one ended it.
        """

    @abstractmethod
    def state(self, container: str) -> ContainerState:
        """Return whether a container is there and runs."""

    @abstractmethod
    def stop(self, container: str, grace: int = 10) -> None:
        """Ask a container to end, and kill it when it has not after so many seconds; one that is gone is fine."""

    @abstractmethod
    def kill(self, container: str) -> None:
        """Kill what runs in a container; one that is gone or has ended is fine."""

    @abstractmethod
    def remove(self, container: str) -> None:
        """Remove a container, killing it where it runs; one that is gone is fine."""
