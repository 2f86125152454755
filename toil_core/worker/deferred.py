"""Deferred functions: calls that a job wants made after its attempt, however that ends, on the machine that ran it.

They are pickled to a file that the attempt's process keeps locked. The lock ends with the process, whatever ended it,
so a file that is there and not locked holds calls whose owner died; whoever comes next on the machine makes them.
"""

from __future__ import annotations

import fcntl
import logging
import os
import pickle
import struct
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any

from toil_core.errors import ToilError
from toil_core.jobs.errors import UnpicklableError

logger = logging.getLogger(__name__)

_SIZE = struct.Struct("<Q")
#: What the name of a file ends in until it is locked.
_PASSING = ".new"


class DeferralError(ToilError):
    """A deferred function could not be written down.

    :param path: the file that it was to be written to.
    """

    def __init__(self, name: str, path: str, reason: str) -> None:
        super().__init__(
            f"The deferred function '{name}' cannot be noted in '{path}': {reason}.",
            "Make room there, or name another place with --coordinationDir.",
        )
        self.path = path


class DeferredFunctions:
    """The deferred functions of one attempt at a job; entered before the attempt, they are called on leaving.

    Nothing is written while nothing is deferred.

    :param coordination_dir: the workflow's coordination directory on this machine.
    """

    def __init__(self, coordination_dir: str) -> None:
        self._directory = os.path.join(coordination_dir, "deferred")
        self._path = ""
        self._file = -1

    def __enter__(self) -> DeferredFunctions:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._file < 0:
            return
        try:
            _call_all(self._file)
            os.unlink(self._path)
        except FileNotFoundError:
            logger.debug("The file '%s' of deferred functions was removed by another process.", self._path)
        finally:
            os.close(self._file)
            self._file = -1

    def defer(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Have a function called, with these arguments, after the attempt; calls are made in the order they came in.

        :raises UnpicklableError: if the function or an argument cannot be pickled.
        :raises DeferralError: if there is no room to write it down.
        """
        name = getattr(function, "__qualname__", repr(function))
        try:
            call = pickle.dumps((function, args, kwargs), protocol=5)
        except Exception as error:
            raise UnpicklableError(
                f"The deferred function '{name}' cannot be pickled with its arguments: {error}",
                "Use a function defined at the top level of a module, and plain values.",
            ) from error
        entry = pickle.dumps((name, call), protocol=5)
        try:
            self._append(_SIZE.pack(len(entry)) + entry)
        except OSError as error:
            raise DeferralError(name, self._path or self._directory, error.strerror or str(error)) from error

    def run_abandoned(self) -> None:
        """Call the functions that attempts on this machine deferred before their processes died."""
        try:
            names = os.listdir(self._directory)
        except FileNotFoundError:
            return
        for name in sorted(names):
            self._run_if_abandoned(os.path.join(self._directory, name))

    def _run_if_abandoned(self, path: str) -> None:
        if path == self._path:
            return
        try:
            file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(file).st_nlink:
                if not path.endswith(_PASSING):
                    logger.info("Calling the deferred functions of an attempt that was cut off.")
                    _call_all(file)
                os.unlink(path)
        except (BlockingIOError, FileNotFoundError):
            return
        finally:
            os.close(file)

    def _append(self, entry: bytes) -> None:
        """Write an entry whole or not at all."""
        if self._file < 0:
            self._create()
        end = os.lseek(self._file, 0, os.SEEK_END)
        rest = memoryview(entry)
        try:
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError:
            os.ftruncate(self._file, end)
            raise

    def _create(self) -> None:
        os.makedirs(self._directory, mode=0o700, exist_ok=True)
        while self._file < 0:
            self._try_to_create()

    def _try_to_create(self) -> None:
        """Create the file under a passing name, so that it is locked by the time that others take it seriously.

        Nothing comes of it where another worker took the passing name for a leftover and removed it.
        """
        path = os.path.join(self._directory, f"{os.getpid()}-{os.urandom(8).hex()}")
        file = os.open(path + _PASSING, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            os.rename(path + _PASSING, path)
        except FileNotFoundError:
            os.close(file)
        except BaseException:
            os.close(file)
            raise
        else:
            self._file, self._path = file, path


def _call_all(file: int) -> None:
    """Call every function noted in an open file; one that fails is logged and does not keep the others from it."""
    for name, call in _entries(file):
        try:
            function, args, kwargs = pickle.loads(call)
            function(*args, **kwargs)
        except (Exception, SystemExit):
            logger.exception("The deferred function '%s' failed.", name)


def _entries(file: int) -> Iterator[tuple[str, bytes]]:
    """Yield the noted calls; one whose writing was cut off is left out."""
    with open(os.dup(file), "rb") as stream:
        stream.seek(0)
        while len(head := stream.read(_SIZE.size)) == _SIZE.size:
            (size,) = _SIZE.unpack(head)
            entry = stream.read(size)
            if len(entry) < size:
                return
            name, call = pickle.loads(entry)
            yield name, call
