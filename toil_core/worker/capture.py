"""Where a job's output goes: a file without a name, behind the file descriptors 1 and 2, so that what subprocesses and
C code print is caught too. Whoever holds the file can read what a job printed even after the job was killed.
"""

from __future__ import annotations

import fcntl
import os
import stat
import sys


def window(size: int, limit: int) -> tuple[int, int]:
    """Return which part of a log to keep, as its start and its length in bytes.

    :param size: how long the log is, in bytes.
    :param limit: the last so many bytes are kept; the first so many if it is negative; everything if it is 0.
    """
    if limit == 0 or abs(limit) >= size:
        return 0, size
    return (size - limit, limit) if limit > 0 else (0, -limit)


def read_log(file: int, limit: int, start: int = 0) -> bytes:
    """Return what a log file holds, in bytes as they were printed, truncated as `window` says.

    :param file: the file descriptor; its position does not change.
    :param start: how many bytes at the beginning do not count.
    """
    offset, length = window(max(0, os.fstat(file).st_size - start), limit)
    pieces = []
    while length > 0:
        piece = os.pread(file, min(length, 1 << 24), start + offset)
        if not piece:
            break
        pieces.append(piece)
        offset += len(piece)
        length -= len(piece)
    return b"".join(pieces)


def open_unnamed(directory: str) -> int:
    """Open a new file that vanishes with the last process that has it open.

    :returns: the file descriptor, for reading and for appending.
    """
    flags = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC
    if hasattr(os, "O_TMPFILE"):
        try:
            return os.open(directory, flags | os.O_TMPFILE, 0o600)
        except OSError:
            pass  # This file system has no such files; one that is unlinked at once does as well.
    path = os.path.join(directory, f"toil-output-{os.getpid()}-{os.urandom(8).hex()}")
    file = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
    os.unlink(path)
    return file


class OutputCapture:
    """Sends the standard output and error of this process to a file, and tells what is in it.

    :param file: the file descriptor of a file open for reading and appending.
    :param limit: how much of it `current_log` returns, as `window` understands it.
    """

    def __init__(self, file: int, limit: int) -> None:
        self._file = file
        self._limit = limit
        self._start = 0
        self._before: tuple[int, int] | None = None

    def redirect(self) -> None:
        """Let standard output and error go to the file from now on, also in subprocesses."""
        os.dup2(self._file, 1)
        os.dup2(self._file, 2)

    def redirect_for_now(self) -> None:
        """Like `redirect`, but `restore` can undo it."""
        _flush()
        self._before = (fcntl.fcntl(1, fcntl.F_DUPFD_CLOEXEC, 3), fcntl.fcntl(2, fcntl.F_DUPFD_CLOEXEC, 3))
        self.redirect()

    def restore(self) -> None:
        """Let standard output and error go where they went before `redirect_for_now`."""
        if self._before is None:
            return
        _flush()
        for now, before in zip((1, 2), self._before, strict=True):
            os.dup2(before, now)
            os.close(before)
        self._before = None

    def begin(self) -> None:
        """Leave out of `current_log` what has been printed so far: the next job of a chain begins."""
        _flush()
        self._start = os.fstat(self._file).st_size

    def current_log(self) -> bytes:
        """Return what has been printed since the beginning, truncated."""
        _flush()
        return read_log(self._file, self._limit, self._start)


def is_captured_already() -> bool:
    """Return whether both outputs go to one file without a name that can be read back: somebody captures them."""
    output, error = os.fstat(1), os.fstat(2)
    return (
        stat.S_ISREG(output.st_mode)
        and output.st_nlink == 0
        and (output.st_dev, output.st_ino) == (error.st_dev, error.st_ino)
        and fcntl.fcntl(1, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDWR
    )


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
            stream.flush()
