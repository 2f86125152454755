"""The temporary directory of a running job, and how to tell that its owner is gone.

The owner holds a lock on the directory itself for as long as it lives, so that what a killed worker left behind can be
told from what is in use, and removed, without any list of processes.
"""

from __future__ import annotations

import fcntl
import logging
import os

logger = logging.getLogger(__name__)

_PREFIX = "job-"


class JobDirectory:
    """A directory for one job, readable for nobody else; made by `make`.

    :param path: where it is.
    :param lock: the file descriptor that holds its lock.
    """

    __slots__ = ("_lock", "path")

    def __init__(self, path: str, lock: int) -> None:
        self.path = path
        self._lock = lock

    @classmethod
    def make(cls, parent: str, name: str, replace_abandoned: bool = True) -> JobDirectory:
        """Create a directory for a job, under a name close to the given one.

        :param parent: where to put it; made if it is not there.
        :param name: what to call it, usually the job's ID.
        :param replace_abandoned: whether to remove one of that name whose owner is gone.
        """
        base = os.path.join(os.path.abspath(parent), _PREFIX + name.replace("/", "-"))
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
        """Delete the directory with all that is in it, and release it."""
        try:
            os.rmdir(self.path)
        except OSError:
            remove_tree(self.path)
        self.release()

    def release(self) -> None:
        """Leave the directory as it is, with no owner."""
        os.close(self._lock)


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
            return [entry.path for entry in entries if entry.name.startswith(_PREFIX)]
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
