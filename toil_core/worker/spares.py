"""What the zygote lends to one job's process after the other: a file for its output, and a directory to run in.

Making and deleting these for each job would cost more than all else that a short job needs of the file system.
"""

from __future__ import annotations

import fcntl
import os

from toil_core.file_stores.directories import PREFIX, is_as_made
from toil_core.worker import capture


class Logs:
    """Files for the output of jobs, used again and again.

    :param directory: where they are made.
    """

    def __init__(self, directory: str) -> None:
        self._directory = directory
        self._spare: list[int] = []

    def take(self) -> int:
        """Return an empty file that nobody uses."""
        return self._spare.pop() if self._spare else capture.open_unnamed(self._directory)

    def give_back(self, file: int) -> None:
        """Take back a file; what is in it is lost."""
        if os.fstat(file).st_size:
            os.ftruncate(file, 0)
        self._spare.append(file)

    def close(self) -> None:
        """Do away with the files that nobody uses."""
        while self._spare:
            os.close(self._spare.pop())


class Directories:
    """Empty directories for jobs, locked like those that jobs make themselves.

    :param parent: where they are made.
    """

    def __init__(self, parent: str) -> None:
        self._parent = parent
        self._spare: list[int] = []

    def take(self) -> int:
        """Return the file descriptor of an empty directory that nobody uses; -1 if there can be none."""
        if self._spare:
            return self._spare.pop()
        path = os.path.join(self._parent, f"{PREFIX}{os.getpid()}-{os.urandom(6).hex()}")
        try:
            os.mkdir(path, 0o700)
            directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            return -1
        try:
            fcntl.flock(directory, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            os.close(directory)
            return -1
        return directory

    def give_back(self, directory: int) -> None:
        """Take back a directory; one that is not as it was is left to those who clear up after jobs that died."""
        if directory < 0:
            return
        if is_as_made(directory):
            self._spare.append(directory)
        else:
            os.close(directory)

    def close(self) -> None:
        """Remove the directories that nobody uses."""
        while self._spare:
            directory = self._spare.pop()
            try:
                os.rmdir(os.readlink(f"/proc/self/fd/{directory}"))
            except OSError:
                continue
            finally:
                os.close(directory)
