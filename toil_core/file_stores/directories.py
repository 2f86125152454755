"""The temporary directory of a running job, and how to tell that its owner is gone.

The owner holds a lock on the directory itself for as long as it lives, so that what a killed worker left behind can be
told from what is in use, and removed, without any list of processes.
"""

from __future__ import annotations

import fcntl
import logging
import os

logger = logging.getLogger(__name__)

#: What the names of all jobs' directories begin with.
PREFIX = "job-"
#: The file descriptor of an empty directory that this process was lent for its jobs, and has not in use; or -1.
_lent = -1


class JobDirectory:
    """A directory for one job, readable for nobody else; made by `make`.

    :param path: where it is.
    :param lock: the file descriptor that holds its lock.
    """

    __slots__ = ("_is_lent", "_lock", "path")

    def __init__(self, path: str, lock: int, *, is_lent: bool = False) -> None:
        self.path = path
        self._lock = lock
        self._is_lent = is_lent

    @classmethod
    def make(cls, parent: str, name: str, replace_abandoned: bool = True) -> JobDirectory:
        """Create a directory for a job, under a name close to the given one.

        :param parent: where to put it; made if it is not there.
        :param name: what to call it, usually the job's ID.
        :param replace_abandoned: whether to remove one of that name whose owner is gone.
        """
        base = os.path.join(os.path.abspath(parent), PREFIX + name.replace("/", "-"))
        if replace_abandoned and _lent >= 0 and (lent := _take_lent(base)) >= 0:
            return cls(base, lent, is_lent=True)
        path, number = base, 1
        while True:
            try:
                os.mkdir(path, 0o700)
            except FileExistsError:
                if not (replace_abandoned and remove_if_abandoned(path)):
                    number += 1
                    path = f"{base}-{number}"
                continue
            except FileNotFoundError:
                os.makedirs(parent, mode=0o700, exist_ok=True)
                continue
            lock = _lock(path)
            if lock is not None:
                return cls(path, lock)

    def remove(self) -> None:
        """Delete the directory with all that is in it, and release it; one that was lent is only emptied."""
        if self._is_lent and (is_as_made(self._lock) or self._emptied()):
            lend(self._lock)
            return
        try:
            os.rmdir(self.path)
        except OSError:
            remove_tree(self.path)
        self.release()

    def _emptied(self) -> bool:
        """Delete the files in the directory, and return whether that makes it as it was."""
        try:
            for name in os.listdir(self._lock):
                os.unlink(name, dir_fd=self._lock)
        except OSError:
            return False
        return is_as_made(self._lock)

    def release(self) -> None:
        """Leave the directory as it is, with no owner."""
        os.close(self._lock)


def lend(directory: int) -> None:
    """Let this process's jobs, one after the other, use a directory that someone else keeps.

    :param directory: its file descriptor, locked; -1 for none.
    """
    global _lent
    _lent = directory


def _take_lent(path: str) -> int:
    """Rename the directory that was lent, if it is still there, to this path.

    :returns: its file descriptor, or -1.
    """
    directory = _lent
    lend(-1)
    try:
        if not os.path.lexists(path):
            os.rename(os.readlink(f"/proc/self/fd/{directory}"), path)
            return directory
    except OSError as error:
        logger.debug("The directory that was lent cannot be used: %s", error)
    return -1


def is_as_made(directory: int) -> bool:
    """Return whether an open directory is there, empty, and open to its owner only."""
    found = os.fstat(directory)
    return bool(found.st_nlink) and found.st_mode & 0o777 == 0o700 and not os.listdir(directory)


def remove_abandoned(parent: str) -> bool:
    """Remove the directories of jobs whose workers are gone.

    :param parent: where the jobs' directories are.
    :returns: whether there were any.
    """
    removed = [path for path in _job_directories(parent) if remove_if_abandoned(path)]
    return bool(removed)


def remove_all(parent: str) -> None:
    """Remove the directories of all jobs, also of running ones."""
    for path in _job_directories(parent):
        remove_tree(path)


def remove_if_abandoned(path: str) -> bool:
    """Remove a job's directory if no process owns it.

    :returns: whether it is gone now.
    """
    try:
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        remove_tree(path)
    except OSError:
        return False
    finally:
        os.close(lock)
    return not os.path.exists(path)


def remove_tree(path: str) -> None:
    """Delete a directory with all that is in it, also where the job took away its own right to; warn if that fails."""
    import shutil

    shutil.rmtree(path, ignore_errors=True)
    if not os.path.lexists(path):
        return
    for directory, _, _ in os.walk(path):
        try:
            os.chmod(directory, 0o700)
        except OSError as error:
            logger.debug("Cannot make %s writable: %s", directory, error)
    shutil.rmtree(path, ignore_errors=True)
    if os.path.lexists(path):
        logger.warning("The temporary directory %s could not be removed.", path)


def _job_directories(parent: str) -> list[str]:
    try:
        with os.scandir(parent) as entries:
            return [entry.path for entry in entries if entry.name.startswith(PREFIX)]
    except FileNotFoundError:
        return []


def _lock(path: str) -> int | None:
    """Return a descriptor that owns the directory, or None if it was taken for abandoned before it could be locked.

    The lock is shared, since network file systems give no exclusive ones on directories; where there are no locks at
    all, nobody else gets one either, and so nothing is ever taken for abandoned.
    """
    try:
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_SH)
    except OSError as error:
        logger.debug("Cannot lock %s: %s", path, error)
    try:
        found = os.stat(path).st_ino
    except FileNotFoundError:
        found = -1
    if found == os.fstat(lock).st_ino:
        return lock
    os.close(lock)
    return None
