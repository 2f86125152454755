"""What the batch system and its zygote say to each other: one length-prefixed pickle for each message."""

from __future__ import annotations

import pickle
import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

_LENGTH = struct.Struct("<I")


class Prepare(NamedTuple):
    """To the zygote, before anything else: how to treat what jobs print.

    :ivar log_dir: where files for output are made, which have no names; empty to let output go where the zygote's goes.
    :ivar log_limit: how much of a log to send, as `capture.window` understands it.
    """

    log_dir: str
    log_limit: int


class Open(NamedTuple):
    """To the zygote, once, before the first order: connect to the workflow and load the user's module.

    :ivar locator: the job store, with its scheme.
    :ivar implementation: its class, as `"module:Class"`, or empty.
    """

    locator: str
    implementation: str


class Run(NamedTuple):
    """To the zygote: carry out orders, one after the other, in a process forked for them.

    :ivar numbers: the batch system's IDs for the jobs; one, or those of a bundle.
    :ivar orders: the list of their orders, pickled.
    :ivar environment: variables for these jobs, on top of those that they start from.
    :ivar kill_after: seconds after which the process is to be killed, for testing, or None.
    :ivar patience: seconds after which jobs that have not begun are to be taken back.
    """

    numbers: tuple[int, ...]
    orders: bytes
    environment: dict[str, str]
    kill_after: float | None = None
    patience: float = 0.0


class Execute(NamedTuple):
    """To the zygote: run a program in a process group of its own.

    :ivar arguments: the program's absolute path and its arguments.
    :ivar output: files for standard output and error, or None to capture both like those of a job.
    """

    number: int
    arguments: tuple[str, ...]
    environment: dict[str, str]
    output: tuple[str, str] | None = None
    kill_after: float | None = None


class Kill(NamedTuple):
    """To the zygote: kill a job with all processes of its group."""

    number: int


class Opened(NamedTuple):
    """From the zygote: it is ready.

    :ivar obstacle: why it cannot fork, or empty.
    :ivar tuned: whether libraries are loaded that have already looked at OMP_NUM_THREADS.
    """

    obstacle: str
    tuned: bool


class OpeningFailed(NamedTuple):
    """From the zygote: it cannot run any job.

    :ivar error: one line, the error's type and message.
    :ivar log: the traceback.
    """

    error: str
    log: bytes


class Started(NamedTuple):
    """From the zygote: a process for jobs runs. Jobs that end within moments are not announced before they end."""

    numbers: tuple[int, ...]
    pid: int


class TakenBack(NamedTuple):
    """From the zygote: these jobs of a bundle have not begun, and will not unless they are sent again."""

    numbers: tuple[int, ...]


class Ended(NamedTuple):
    """From the zygote: a job has ended, and so has its process unless that goes on with other jobs of a bundle.

    :ivar pid: its process and process group, or 0 if it could not be started.
    :ivar status: its exit status; a negative number is the signal that killed it.
    :ivar wall: seconds that it ran; for jobs of a bundle their mean.
    :ivar peak_memory: bytes, of the largest process; 0 where that goes on.
    :ivar log: what it printed, at most as much as was asked for; empty if it ended well.
    """

    number: int
    pid: int
    status: int
    wall: float
    peak_memory: int
    log: bytes


def encode(message: tuple[Any, ...]) -> bytes:
    """Return a message as it is sent."""
    data = pickle.dumps(message, protocol=5)
    return _LENGTH.pack(len(data)) + data


class Decoder:
    """Takes messages out of a stream of bytes that arrives in pieces."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Any]:
        """Add a piece, and yield each message that is complete with it."""
        buffer = self._buffer
        buffer += data
        start = 0
        while len(buffer) - start >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(buffer, start)
            end = start + _LENGTH.size + length
            if len(buffer) < end:
                break
            message = pickle.loads(memoryview(buffer)[start + _LENGTH.size : end])
            start = end
            yield message
        if start:
            del buffer[:start]
