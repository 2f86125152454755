"""Engines whose containers are made, attached to and started in steps, so that their output can be followed.

The steps are the engine's; how they become a run that is watched, bounded in time and reported is written here.
"""

from __future__ import annotations

import sys
import threading
from abc import abstractmethod
from collections.abc import Iterator

from toil_core.containers.engine import ContainerSpec, Engine, Output
from toil_core.containers.errors import ContainerArgumentError, ContainerFailed, ContainerTookTooLong
from toil_core.containers.opening import NO_HURRY
from toil_core.containers.streams import open_streams

#: How much of the end of standard error a failure quotes, in bytes.
_TAIL = 4096


class AttachedEngine(Engine):
    """An engine that runs containers in steps."""

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

    def execute(self, spec: ContainerSpec, timeout: float | None = None) -> int:
        """Run a container from its start to its end, and remove it."""
        if spec.stdin is not None:
            raise ContainerArgumentError(
                f"Through the API of '{self.name}' no container can read standard input.",
                "Use the engine's command, or have the program read the file by its path.",
            )
        try:
            with open_streams(spec) as (_, stdout, stderr):
                files = {"stdout": stdout or sys.stdout.buffer, "stderr": stderr or sys.stderr.buffer}
                for stream, data in self.run(spec, NO_HURRY if timeout is None else timeout):
                    files[stream].write(data)
        except ContainerFailed as failure:
            return failure.exit_status
        finally:
            if not spec.keep:
                self.remove(spec.name)
        return 0

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
