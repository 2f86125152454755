"""A bundle: short jobs that one process runs one after the other, each committed, retried and reported alone.

Which of them have not begun is written in a pipe, one byte for each. Whoever reads a byte has the job: the process,
which then runs it, or the zygote, which gives it back. So nothing has to be said while all goes well, and when the
process dies, the last job that it took is the one that it was at.
"""

from __future__ import annotations

import fcntl
import os
import struct
import sys
import termios
import time
from collections.abc import Callable, Sequence
from typing import Any

#: How many jobs may follow the first in a bundle.
MOST_FOLLOWERS = 255

_COUNT = struct.Struct("i")


class Claims:
    """The jobs of a bundle, other than its first, that nobody has taken yet.

    :param count: how many these are.
    """

    def __init__(self, count: int) -> None:
        self._file, writer = os.pipe()
        try:
            os.write(writer, bytes(range(count)))
        finally:
            os.close(writer)

    def take(self) -> int | None:
        """Take the next job, and return which one of the followers it is; None if there is none left."""
        taken = os.read(self._file, 1)
        return taken[0] if taken else None

    def take_all(self) -> int:
        """Take all that are left, and return how many these were."""
        return len(os.read(self._file, MOST_FOLLOWERS))

    def left(self) -> int:
        """Return how many nobody has taken."""
        (count,) = _COUNT.unpack(fcntl.ioctl(self._file, termios.FIONREAD, _COUNT.pack(0)))
        return int(count)

    def close(self) -> None:
        """Let go of the pipe."""
        os.close(self._file)


class Progress:
    """What the zygote knows of the jobs that it handed to one process.

    :param numbers: the batch system's IDs of the jobs, in order.
    :param patience: seconds after which those that have not begun are taken back.
    """

    def __init__(self, numbers: Sequence[int], patience: float) -> None:
        #: The jobs that have not been reported, oldest first.
        self.numbers = list(numbers)
        self.claims = Claims(len(numbers) - 1) if len(numbers) > 1 else None
        self.start = self._since = time.perf_counter()
        self._patience = patience

    def is_overdue(self) -> bool:
        """Return whether jobs that have not begun have waited long enough."""
        return time.perf_counter() - self.start > self._patience

    def take_back(self) -> list[int]:
        """Return the jobs that have not begun; the process does not get them any more."""
        if self.claims is None:
            return []
        count = self.claims.take_all()
        self.claims.close()
        self.claims = None
        back = self.numbers[len(self.numbers) - count :]
        del self.numbers[len(self.numbers) - count :]
        return back

    def done(self) -> list[tuple[int, float]]:
        """Return the jobs that are over and have not been reported, each with the seconds that it took, about."""
        over = len(self.numbers) - 1 - (self.claims.left() if self.claims is not None else 0)
        if over <= 0:
            return []
        each = self._lap(over)
        found = [(number, each) for number in self.numbers[:over]]
        del self.numbers[:over]
        return found

    def ended(self) -> list[tuple[int, float]]:
        """Return all jobs that began and have not been reported, now that the process has ended; as `done` does."""
        each = self._lap(len(self.numbers))
        found = [(number, each) for number in self.numbers]
        self.numbers.clear()
        return found

    def _lap(self, count: int) -> float:
        now = time.perf_counter()
        seconds, self._since = (now - self._since) / count, now
        return seconds


def run_bundle(orders: Sequence[Any], claims: Claims | None, run: Callable[[Any], int], log: int) -> int:
    """Run jobs, in a process of their own, as long as all goes well and none leaves anything behind.

    :param claims: tells which of the orders after the first may be carried out.
    :param run: carries out an order and returns an exit status.
    :param log: the file that output goes to, to be emptied before each job; negative if there is none.
    :returns: the exit status of the last one.
    """
    if claims is None:
        return run(orders[0])
    traces = Traces()
    status = run(orders[0])
    while status == 0 and traces.are_as_before() and (follower := claims.take()) is not None:
        if log >= 0:
            _empty(log)
        status = run(orders[1 + follower])
    return status


class Traces:
    """What a job may leave behind in its process, for the next one to stumble over."""

    def __init__(self) -> None:
        self._environment = dict(os.environ)
        self._threads = self._count_threads()
        self._exit_functions = self._count_exit_functions()

    def are_as_before(self) -> bool:
        """Return whether no thread, no subprocess, no exit function and no variable has been left."""
        if self._count_threads() > self._threads:
            return False
        if self._count_exit_functions() != self._exit_functions or os.environ != self._environment:
            return False
        try:
            os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return True
        return False

    @staticmethod
    def _count_threads() -> int:
        threading = sys.modules.get("threading")
        return int(threading.active_count()) if threading is not None else 1

    @staticmethod
    def _count_exit_functions() -> int:
        import atexit

        return int(atexit._ncallbacks())


def _empty(log: int) -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    if os.fstat(log).st_size:
        os.ftruncate(log, 0)
