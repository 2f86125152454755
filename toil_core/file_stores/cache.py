"""`FileCache`: files that all workers of a machine share, in a directory, without any process or database to keep it.

A cached file is complete, never changes, and is read through hard links: a link count above one says that somebody
uses it, and that is over when the reader's temporary directory is gone, however the reader ended. What is being
fetched has a lock file that its owner holds; it tells others to wait, and what to clear away when the owner was killed.
One more locked file counts the bytes. Nobody waits for a file's lock while holding the counter's.
"""

from __future__ import annotations

import fcntl
import logging
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from toil_core.file_stores import copying, directories
from toil_core.file_stores.errors import FileStoreError
from toil_core.job_stores import local_files

logger = logging.getLogger(__name__)

_LONGEST_NAME = 200
#: The largest part of what would be free without the cache that the cache takes, unless it is told a size.
_SHARE = 0.5


class _Entry(NamedTuple):
    path: str
    size: int
    used: float
    links: int


class FileCache:
    """The cache in one directory.

    :param directory: where it is; made when something is put in.
    :param limit: how much it may hold, in bytes; by default half of the disk space that is free without it.
    :param release_abandoned: called before anything is evicted, to give up what killed workers still hold on to.
    """

    def __init__(self, directory: str, limit: int | None, release_abandoned: Callable[[], object]) -> None:
        self._directory = directory
        self._limit = limit
        self._release_abandoned = release_abandoned
        self._files = os.path.join(directory, "files")
        self._partial = os.path.join(directory, "partial")
        self._locks = os.path.join(directory, "locks")

    # Taking out

    def provide(self, file_id: str, path: str, *, copy: bool) -> bool:
        """Make a cached file appear at a path.

        :param copy: whether it has to be a copy, which may be changed.
        :returns: False if the file is not in the cache.
        """
        cached = self._cached(file_id)
        try:
            if copy or not local_files.hard_link(cached, path):
                copying.copy_file(cached, path)
        except FileNotFoundError:
            if os.path.lexists(cached):
                raise
            return False
        _note_use(cached)
        return True

    # Putting in

    def fill(self, file_id: str, size: int, produce: Callable[[str], object]) -> bool:
        """See that a file is in the cache, if there is room for it; wait if another worker is just putting it in.

        :param size: the file's size in bytes, as far as it is known.
        :param produce: called with a path to put the file at, unless the file is there already.
        :returns: whether it is in the cache.
        """
        cached, workplace = self._cached(file_id), os.path.join(self._partial, _name(file_id))
        with self._being_filled(file_id) as lock:
            if os.path.exists(cached):
                return True
            _clear_away(workplace)
            if not self._reserve(lock, size, 0):
                return False
            # A directory, since whoever produces the file may build it beside its path and be killed meanwhile.
            os.mkdir(workplace, 0o700)
            partial = os.path.join(workplace, "file")
            try:
                produce(partial)
                found = os.lstat(partial)
                # Another name of a file kept elsewhere takes no room, and would look as if somebody used it forever.
                if found.st_nlink > 1 or stat.S_ISLNK(found.st_mode):
                    return False
                if found.st_size > size and not self._reserve(lock, found.st_size - size, size):
                    return False
                copying.protect(partial)
                with self._reservation_ended(lock, found.st_size):
                    os.rename(partial, cached)
                return True
            finally:
                _clear_away(workplace)
                with self._reservation_ended(lock, 0):
                    pass

    def discard(self, file_id: str) -> None:
        """Take a file out of the cache; those who read it keep what they have."""
        cached = self._cached(file_id)
        if not os.path.exists(cached):
            return
        with self._counter() as counter:
            size = os.stat(cached).st_size if os.path.exists(cached) else 0
            copying.remove_if_there(cached)
            _write_number(counter, max(0, _read_number(counter) - size))

    @contextmanager
    def _being_filled(self, file_id: str) -> Iterator[int]:
        """Hold the lock of a file for the duration of the block, which yields its descriptor."""
        path = os.path.join(self._locks, _name(file_id))
        lock = None
        while lock is None:
            lock = self._lock(path, fcntl.LOCK_EX)
        try:
            yield lock
        finally:
            copying.remove_if_there(path)
            os.close(lock)

    # Counting and evicting

    def _reserve(self, lock: int, size: int, before: int) -> bool:
        """Count bytes that are about to be put in, and evict what nobody uses if that takes the cache over its limit.

        :param lock: the descriptor of the file's lock, where the bytes are noted.
        :param before: the bytes that were noted there before.
        :returns: False, with nothing counted, if there is no room for them.
        """
        with self._counter() as counter:
            total = _read_number(counter)
            limit = self._limit_now(total)
            if total + size > limit:
                total = self._evict(size, limit)
            fits = total + size <= limit
            _write_number(counter, total + size if fits else total)
            if fits:
                _write_number(lock, before + size)
            return fits

    @contextmanager
    def _reservation_ended(self, lock: int, kept: int) -> Iterator[None]:
        """Replace what is reserved by what is kept, which is put in during the block; nothing is counted twice.

        :param kept: bytes.
        """
        with self._counter() as counter:
            reserved = _read_number(lock)
            yield
            os.ftruncate(lock, 0)
            if kept != reserved:
                _write_number(counter, max(0, _read_number(counter) + kept - reserved))

    def _limit_now(self, total: int) -> float:
        """Return the limit in bytes; evicting does not change it, since it frees as much disk as it takes away."""
        if self._limit is not None:
            return self._limit
        disk = os.statvfs(self._directory)
        return (total + disk.f_bavail * disk.f_frsize) * _SHARE

    def _evict(self, size: int, limit: float) -> int:
        """Remove unused files, those not used for longest first, until there is room for more bytes.

        If there cannot be, no more is removed than what is above the limit.

        :returns: the bytes that are in the cache now, counted anew.
        """
        self._release_abandoned()
        total = self._being_fetched()
        entries = sorted(self._entries(), key=lambda entry: entry.used)
        total += sum(entry.size for entry in entries)
        unused = [entry for entry in entries if entry.links == 1]
        if total - sum(entry.size for entry in unused) + size > limit:
            size = 0
        for entry in unused:
            if total + size <= limit:
                break
            if copying.remove_if_there(entry.path):
                logger.debug("Evicted %s from the cache.", entry.path)
                total -= entry.size
        return total

    def _entries(self) -> Iterator[_Entry]:
        for path in _paths_in(self._files):
            try:
                found = os.stat(path)
            except FileNotFoundError:
                continue
            yield _Entry(path, found.st_size, found.st_atime, found.st_nlink)

    def _being_fetched(self) -> int:
        """Return how many bytes are reserved for files that are being fetched, and clear away what was cut off."""
        total = 0
        for path in _paths_in(self._locks):
            try:
                lock = self._lock(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                try:
                    with open(path, "rb") as stream:
                        total += int(stream.read() or 0)
                except FileNotFoundError:
                    logger.debug("Another worker has just finished with %s.", path)
                continue
            if lock is not None:
                _clear_away(os.path.join(self._partial, os.path.basename(path)))
                copying.remove_if_there(path)
                os.close(lock)
        return total

    @contextmanager
    def _counter(self) -> Iterator[int]:
        """Hold the counter of bytes for the duration of the block, which yields its descriptor."""
        lock = None
        while lock is None:
            lock = self._lock(os.path.join(self._directory, "total"), fcntl.LOCK_EX)
        try:
            yield lock
        finally:
            os.close(lock)

    def _lock(self, path: str, how: int) -> int | None:
        """Return a descriptor that holds the lock of a file, or None if the file was deleted meanwhile.

        :raises BlockingIOError: if another process holds it and `how` says not to wait.
        """
        try:
            lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:
            for directory in (self._files, self._partial, self._locks):
                os.makedirs(directory, mode=0o700, exist_ok=True)
            return None
        try:
            fcntl.flock(lock, how)
            if os.stat(path).st_ino == os.fstat(lock).st_ino:
                return lock
        except FileNotFoundError:
            logger.debug("Another worker has just removed %s.", path)
        except BlockingIOError:
            os.close(lock)
            raise
        except OSError as error:
            os.close(lock)
            raise FileStoreError(
                f"The file cache in '{self._directory}' cannot be used, since its file system has no locks: {error}.",
                "Turn caching off with --caching false, or name a local disk with --workDir.",
            ) from error
        os.close(lock)
        return None

    def _cached(self, file_id: str) -> str:
        return os.path.join(self._files, _name(file_id))


def _name(file_id: str) -> str:
    """Return a file name for a file ID."""
    from urllib.parse import quote

    name = quote(file_id, safe="")
    if len(name) <= _LONGEST_NAME:
        return name
    import hashlib

    digest = hashlib.sha256(file_id.encode("utf-8", "surrogateescape")).hexdigest()
    return f"{name[: _LONGEST_NAME - 65]}-{digest}"


def _note_use(path: str) -> None:
    """Set the time of a file's last use, and of nothing else: readers may look at when it was changed."""
    try:
        changed = os.stat(path).st_mtime_ns
        os.utime(path, ns=(time.time_ns(), changed))
    except FileNotFoundError:
        logger.debug("Another worker has just evicted %s.", path)


def _clear_away(directory: str) -> None:
    """Remove a directory, if there is one."""
    try:
        os.rmdir(directory)
    except FileNotFoundError:
        return
    except OSError:
        directories.remove_tree(directory)


def _paths_in(directory: str) -> list[str]:
    with os.scandir(directory) as entries:
        return [entry.path for entry in entries]


def _read_number(descriptor: int) -> int:
    return int(os.pread(descriptor, 20, 0) or 0)


def _write_number(descriptor: int, number: int) -> None:
    os.pwrite(descriptor, b"%020d" % number, 0)
