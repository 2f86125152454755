"""The contract of a container engine: what to run, and what an engine has to be able to do.

An engine implements small steps (fetch an image, create, start, follow, wait, stop, remove); how these become a run
that is watched, bounded in time and reported is written once, here.
"""

from __future__ import annotations

import enum
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, ClassVar, Literal, NamedTuple

from toil_core.containers.errors import ContainerFailed, ContainerTookTooLong

#: How much of the end of standard error a failure quotes, in bytes.
_TAIL = 4096


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

    :ivar image: the name of the image, with or without a tag.
    :ivar command: what to run, or the arguments of the entry point where there is one.
    :ivar name: the container's name.
    :ivar environment: variables; None as a value removes what the image sets.
    :ivar user: a name or number, possibly with a group: `1000:1000`.
    :ivar working_dir: a path in the container.
    :ivar options: what only one engine understands, by that engine's own names.
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

    @abstractmethod
    def has_image(self, image: str) -> bool:
        """Return whether an image is at hand."""

    @abstractmethod
    def fetch(self, image: str) -> None:
        """Get an image from its registry.

        :raises ImageUnavailable: if it cannot be had.
        """

    @abstractmethod
    def create(self, spec: ContainerSpec) -> str:
        """Make a container without starting it, fetching its image where it is not at hand; return its ID.

        :raises ImageUnavailable: if the image cannot be had.
        :raises ContainerNotStarted: if the engine refuses.
        """

    @abstractmethod
    def attach(self, container: str) -> Iterator[Output]:
        """Return what a created container is going to write once it is started; ends when the container does.

        :raises ContainerNotStarted: if the engine refuses.
        """

    @abstractmethod
    def start(self, container: str) -> None:
        """Start a created container.

        :raises ContainerNotStarted: if the engine refuses.
        """

    @abstractmethod
    def wait(self, container: str) -> int:
        """Return the exit status of a container once it has ended."""

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

    def failure(self, spec: ContainerSpec, container: str, status: int, stderr: bytes) -> ContainerFailed:
        """Return the error for a container that ended with a status other than 0.

        :param stderr: the last that it wrote to standard error.
        """
        return ContainerFailed(spec.image, spec.command, status, stderr, container)

    def run(self, spec: ContainerSpec, timeout: float) -> Iterator[Output]:
        """Start a container at once, and return what it writes as it comes; the end is the container's end.

        :param timeout: how many seconds it may run; it is killed after that.
        :raises ImageUnavailable: at once, if the image cannot be had.
        :raises ContainerNotStarted: at once, if the engine refuses.
        :raises ContainerTookTooLong: at the end, if it was killed for its time.
        :raises ContainerFailed: at the end, if its exit status is not 0.
        """
        container = self.create(spec)
        output = self.attach(container)
        self.start(container)
        return self._watched(spec, container, output, timeout)

    def _watched(
        self, spec: ContainerSpec, container: str, output: Iterator[Output], timeout: float
    ) -> Iterator[Output]:
        tail = b""
        overdue = threading.Event()
        timer = threading.Timer(min(timeout, threading.TIMEOUT_MAX), self._cut_off, (container, overdue))
        timer.daemon = True
        timer.start()
        try:
            for piece in output:
                if piece.stream == "stderr":
                    tail = (tail + piece.data)[-_TAIL:]
                yield piece
            status = self.wait(container)
        finally:
            timer.cancel()
        if overdue.is_set():
            raise ContainerTookTooLong(spec.image, spec.command, timeout, tail, container)
        if status:
            raise self.failure(spec, container, status, tail)

    def _cut_off(self, container: str, overdue: threading.Event) -> None:
        overdue.set()
        self.kill(container)
