"""The job store in a directory, on this machine's disk or on one that machines share (NFS, Lustre …).

Each value is a file whose path is its key. It is written somewhere else on the same file system and linked or renamed
to its path when it is whole, so that no reader and no crash ever finds a part of it; since a stored file never changes
in place, all of them are read-only and can be handed out as hard links. `.toil/` inside the directory marks it as a job
store and holds what is being written.
"""

from __future__ import annotations

import errno
import itertools
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import IO

from toil_core.job_stores import local_files
from toil_core.job_stores.abstract import AbstractJobStore
from toil_core.job_stores.errors import InvalidImportExportUrlException, JobStoreFullError, LocatorException
from toil_core.job_stores.storage import ContainerIncomplete, KeyAbsent, KeyStat, Storage, check_key

_INTERNAL = ".toil"
_UNFINISHED = f"{_INTERNAL}/unfinished"
_MARKER = f"{_INTERNAL}/complete"
_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP)
_FULL = (errno.ENOSPC, errno.EDQUOT)
_NO_TMPFILE = (errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOSYS)
#: Up to how many bytes a value is read at once, without asking for its size.
_SMALL = 1 << 16
_READ_ONLY, _EXECUTABLE = 0o444, 0o555
#: How often to make a directory anew that others remove as empty, before giving up.
_DIRECTORY_TRIES = 100
#: How old what another machine left unfinished has to be before it is taken for abandoned, in seconds.
_ABANDONED_AFTER = 7 * 24 * 3600


class FileStorage(Storage):
    """Values as files in a directory.

    :param name: the directory's path.
    """

    prefers_caching = False

    def __init__(self, name: str) -> None:
        try:
            path = os.path.abspath("/" + name.lstrip("/") if name.startswith("/") else name)
        except FileNotFoundError as error:
            hint = "Go to one that exists, or write a path that begins with '/'."
            raise LocatorException(
                f"The job store '{name}' cannot be found from the current directory, which has been deleted.",
                name,
                hint,
            ) from error
        super().__init__(path)
        self._root = self.name + "/"
        self._numbers = itertools.count()
        self._token = os.urandom(6).hex()
        self._can_make_unnamed = hasattr(os, "O_TMPFILE") and os.path.isdir("/proc/self/fd")

    # The container

    def create(self) -> None:
        """Make the directory, and the directories above it."""
        os.makedirs(os.path.dirname(self.name), exist_ok=True)
        os.mkdir(self.name)
        os.makedirs(self._root + _UNFINISHED)
        self.put_raw(self._root + _MARKER, b"A Toil job store.\n")

    def open(self) -> None:
        """See that the directory is there and whole."""
        if os.path.isfile(self._root + _MARKER):
            return
        if os.path.isdir(self._root + _INTERNAL) or local_files.is_empty(self.name):
            raise ContainerIncomplete(self.name)
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), self.name)

    def destroy(self) -> None:
        """Delete the directory; what marks it as a job store goes last, so that this can be done again."""
        if not os.path.lexists(self.name):
            return
        if not os.path.isdir(self._root + _INTERNAL) and not local_files.is_empty(self.name):
            raise NotADirectoryError(errno.ENOTDIR, "it is not a job store", self.name)
        local_files.remove_if_there(self._root + _MARKER)
        with suppress(FileNotFoundError):
            for entry in os.listdir(self.name):
                if entry != _INTERNAL:
                    local_files.remove_tree(self._root + entry)
            local_files.remove_tree(self._root + _INTERNAL)
            if os.path.islink(self.name):
                os.unlink(self.name)
            else:
                os.rmdir(self.name)

    # Writing

    def put(self, key: str, value: bytes, *, if_absent: bool = False) -> bool:
        """Store a value."""
        path = self._path(key)
        try:
            if if_absent:
                return self._put_new(path, value)
            self.put_raw(path, value)
        except OSError as error:
            self._raise_if_full(error)
            raise
        return True

    def put_raw(self, path: str, value: bytes) -> None:
        """Make `value` the content of the file at `path`, in one step."""
        partial, fd = self._new_partial(_READ_ONLY)
        try:
            try:
                self._write(fd, value)
            finally:
                os.close(fd)
            self._rename(partial, path)
        except BaseException:
            local_files.remove_if_there(partial)
            raise

    def _put_new(self, path: str, value: bytes) -> bool:
        if self._can_make_unnamed:
            try:
                return self._link_unnamed(path, value)
            except OSError as error:
                if error.errno not in _NO_TMPFILE:
                    raise
                self._can_make_unnamed = False
        return self._link_named(path, value)

    def _link_unnamed(self, path: str, value: bytes) -> bool:
        """Write to a file that has no name, so that nothing is left of it if this process dies, and give it one."""
        fd = os.open(self._root + _UNFINISHED, os.O_WRONLY | os.O_TMPFILE | os.O_CLOEXEC, _READ_ONLY)
        try:
            self._write(fd, value)
            # Only with a directory's descriptor does Python ask the system to follow the link in /proc.
            self._in_directory(path, lambda: os.link(f"/proc/self/fd/{fd}", path, dst_dir_fd=fd, follow_symlinks=True))
        except FileExistsError:
            return False
        finally:
            os.close(fd)
        self._sync_directory_of(path)
        return True

    def _link_named(self, path: str, value: bytes) -> bool:
        partial, fd = self._new_partial(_READ_ONLY)
        try:
            try:
                self._write(fd, value)
            finally:
                os.close(fd)
            try:
                self._in_directory(path, lambda: os.link(partial, path))
            except FileExistsError:
                # NFS says so, too, if it did make the link but its answer was lost.
                if os.stat(partial).st_nlink != 2:
                    return False
        finally:
            local_files.remove_if_there(partial)
        self._sync_directory_of(path)
        return True

    @contextmanager
    def open_write(self, key: str) -> Iterator[IO[bytes]]:
        """Open a stream whose content is stored when the block ends."""
        path = self._path(key)
        partial, fd = self._new_partial(_READ_ONLY)
        try:
            with open(fd, "w+b") as stream:
                yield stream
                stream.flush()
                if self.durable:
                    os.fsync(fd)
            self._rename(partial, path)
        except BaseException:
            local_files.remove_if_there(partial)
            raise

    def put_file(self, key: str, path: str, *, link: bool = False) -> bool:
        """Store a local file's content, sharing it where `link` allows that or the file system copies on write."""
        target = self._path(key)
        partial = self._partial_name()
        try:
            if not (link and local_files.hard_link(path, partial)):
                executable = os.stat(path).st_mode & stat.S_IXUSR
                mode = _EXECUTABLE if executable else _READ_ONLY
                local_files.copy(path, partial, mode, sync=self.durable)
            self._rename(partial, target)
        except OSError as error:
            self._raise_if_full(error)
            raise
        finally:
            local_files.remove_if_there(partial)
        return True

    def put_link(self, key: str, path: str) -> bool:
        """Store a symbolic link to a file elsewhere."""
        self._replace_with_link(self._path(key), os.path.abspath(path))
        return True

    def move_out(self, key: str, path: str) -> bool:
        """Give the stored file a name outside; the one here becomes a symbolic link to it."""
        source = self._path(key)
        try:
            found = os.lstat(source)
        except OSError as error:
            raise _explained(error, key) from error
        if not stat.S_ISREG(found.st_mode):
            return False
        path = os.path.abspath(path)
        partial = local_files.partial_name(path)
        try:
            if not local_files.hard_link(source, partial):
                local_files.copy(source, partial, stat.S_IMODE(found.st_mode))
            os.replace(partial, path)
        finally:
            # Renaming one link of a file to another link of it does nothing at all.
            local_files.remove_if_there(partial)
        self._replace_with_link(source, path)
        # Nothing in here shares it any more but copies that jobs are still reading.
        os.chmod(path, stat.S_IMODE(found.st_mode) | stat.S_IWUSR)
        return True

    def share(self, key: str, path: str) -> bool:
        """Make a hard link to the stored file, unless it is a link itself or has other names."""
        source = self._path(key)
        try:
            found = os.lstat(source)
        except OSError as error:
            raise _explained(error, key) from error
        return stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and local_files.hard_link(source, path)

    def delete(self, keys: Iterable[str]) -> None:
        """Delete the files, and directories that this leaves empty."""
        directories = set()
        for key in keys:
            path = self._path(key)
            if local_files.remove_if_there(path):
                directories.add(os.path.dirname(path))
        for directory in directories:
            while len(directory) > len(self._root) and local_files.removed_if_empty(directory):
                directory = os.path.dirname(directory)

    def discard_unfinished(self) -> None:
        """Delete partial files of this machine's dead processes, and of others after a week."""
        import time

        oldest = time.time() - _ABANDONED_AFTER
        here = _machine()
        with os.scandir(self._root + _UNFINISHED) as entries:
            for entry in entries:
                machine, _, rest = entry.name.rpartition("+")
                pid = rest.partition("-")[0]
                with suppress(FileNotFoundError):
                    dead = machine == here and pid.isdigit() and not _is_alive(int(pid))
                    if dead or entry.stat(follow_symlinks=False).st_mtime < oldest:
                        os.unlink(entry.path)

    # Reading

    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Return the value, or a part of it."""
        try:
            fd = os.open(self._path(key), os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise _explained(error, key) from error
        try:
            return _read(fd, start, length)
        except IsADirectoryError as error:
            raise KeyAbsent(key) from error
        finally:
            os.close(fd)

    def read_many(self, keys: Sequence[str]) -> Iterator[bytes | None]:
        """Yield the value of each key in order, None where it is absent; most values are small and need one read."""
        for key in keys:
            try:
                fd = os.open(self._path(key), os.O_RDONLY | os.O_CLOEXEC)
            except OSError as error:
                if error.errno not in _ABSENT:
                    raise
                yield None
                continue
            try:
                data = os.read(fd, _SMALL)
                yield data if len(data) < _SMALL else data + _read(fd, len(data), None)
            except IsADirectoryError:
                yield None
            finally:
                os.close(fd)

    def open_read(self, key: str) -> AbstractContextManager[IO[bytes]]:
        """Open the value as a stream."""
        try:
            return open(self._path(key), "rb")
        except OSError as error:
            raise _explained(error, key) from error

    def stat(self, key: str) -> KeyStat:
        """Return size and age of a value."""
        try:
            found = os.stat(self._path(key))
        except OSError as error:
            raise _explained(error, key) from error
        if stat.S_ISDIR(found.st_mode):
            raise KeyAbsent(key)
        return KeyStat(found.st_size, found.st_mtime)

    def list(self, prefix: str) -> Iterator[tuple[str, KeyStat]]:
        """Yield the keys that start with `prefix`."""
        if prefix:
            check_key(prefix.rstrip("/"))
        directory, _, beginning = prefix.rpartition("/")
        return self._walk(directory + "/" if directory else "", beginning)

    def _walk(self, directory: str, beginning: str = "") -> Iterator[tuple[str, KeyStat]]:
        try:
            entries = os.scandir(self._root + directory)
        except OSError as error:
            if error.errno in _ABSENT:
                return
            raise
        with entries:
            for entry in entries:
                if not entry.name.startswith(beginning) or entry.name.startswith("."):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    yield from self._walk(f"{directory}{entry.name}/")
                    continue
                found = _stat_of(entry)
                if found is not None:
                    yield directory + entry.name, found

    def local_path(self, key: str) -> str:
        """Return the path of the file, or of the one elsewhere that it is a link to."""
        path = self._path(key)
        try:
            if stat.S_ISLNK(os.lstat(path).st_mode):
                return os.path.realpath(path, strict=True)
        except OSError as error:
            raise _explained(error, key) from error
        return path

    def public_url(self, key: str, seconds: int) -> str:
        """Return a `file:` URL, which works wherever the directory is mounted."""
        self.stat(key)
        from urllib.parse import quote

        return "file://" + quote(self._path(key))

    # Paths

    def _raise_if_full(self, error: OSError) -> None:
        if error.errno in _FULL:
            raise JobStoreFullError(self.name, error) from error

    def _path(self, key: str) -> str:
        check_key(key)
        return self._root + key

    def _partial_name(self) -> str:
        # The process ID is asked for each time: processes are forked from one that has this object.
        number = next(self._numbers)
        return f"{self._root}{_UNFINISHED}/{_machine()}+{os.getpid()}-{self._token}-{number}"

    def _new_partial(self, mode: int) -> tuple[str, int]:
        path = self._partial_name()
        return path, os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)

    def _write(self, fd: int, value: bytes) -> None:
        written = os.write(fd, value)
        if written < len(value):
            view = memoryview(value)[written:]
            while view:
                view = view[os.write(fd, view) :]
        if self.durable:
            os.fsync(fd)

    def _rename(self, partial: str, path: str) -> None:
        self._in_directory(path, lambda: os.replace(partial, path))
        self._sync_directory_of(path)

    def _replace_with_link(self, path: str, target: str) -> None:
        partial = self._partial_name()
        os.symlink(target, partial)
        self._rename(partial, path)

    def _in_directory(self, path: str, act: Callable[[], None]) -> None:
        """Do something that needs the directory of `path`, which is made only if it turns out to be missing."""
        for _ in range(_DIRECTORY_TRIES):
            try:
                act()
            except FileNotFoundError:
                if not os.path.isdir(self._root + _INTERNAL):
                    raise
                with suppress(FileNotFoundError):
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                    self._sync_directory_of(os.path.dirname(path))
                continue
            return
        act()

    def _sync_directory_of(self, path: str) -> None:
        if self.durable:
            fd = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(fd)
            finally:
                os.close(fd)


class FileJobStore(AbstractJobStore):
    """A job store in a directory.

    :param locator: `file:` and the directory's path, a `file:///` URL, or the path alone.
    """

    scheme = "file"
    storage_type = FileStorage

    @classmethod
    def name_in(cls, locator: str) -> str:
        """Return the path in a locator."""
        if not locator.startswith("file://"):
            return super().name_in(locator)
        from toil_core.job_stores.urls import FileUrlScheme

        try:
            return FileUrlScheme().local_path(locator)
        except InvalidImportExportUrlException as error:
            raise LocatorException(
                f"The job store '{locator}' is on another machine.", locator, "Write 'file:' and a path on this one."
            ) from error


def _read(fd: int, start: int, length: int | None) -> bytes:
    if start:
        os.lseek(fd, start, os.SEEK_SET)
    left = length if length is not None else max(os.fstat(fd).st_size - start, 0)
    data = os.read(fd, left)
    if len(data) == left or not data:
        return data
    parts = [data]
    while data and sum(map(len, parts)) < left:
        data = os.read(fd, left - sum(map(len, parts)))
        parts.append(data)
    return b"".join(parts)


def _explained(error: OSError, key: str) -> Exception:
    return KeyAbsent(key) if error.errno in _ABSENT else error


def _stat_of(entry: os.DirEntry[str]) -> KeyStat | None:
    """Return what is known of a directory's entry; of a link that leads nowhere, what is known of the link."""
    for follow in (True, False):
        with suppress(FileNotFoundError):
            found = entry.stat(follow_symlinks=follow)
            return KeyStat(found.st_size, found.st_mtime)
    return None


def _machine() -> str:
    return os.uname().nodename.replace("/", "-")[:60]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
