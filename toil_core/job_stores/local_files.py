"""Making files on this machine appear at a path: at once or not at all, as a link or as a copy."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from typing import IO

#: What linking and copying inside the kernel say where another way has to be taken.
_NOT_HERE = (errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EBADF, errno.EPERM, errno.EMLINK)
_CHUNK = 1 << 30
_BLOCK = 1 << 20


def partial_name(path: str) -> str:
    """Return a path beside the given one that nobody else uses, to build the file at before it is renamed."""
    directory, name = os.path.split(path)
    return os.path.join(directory, f".{name[:80]}.{os.urandom(6).hex()}.part")


def hard_link(source: str, target: str) -> bool:
    """Make another name for a file, or for the one that a symbolic link leads to.

    :returns: False where the file systems do not allow it.
    """
    try:
        os.link(os.path.realpath(source), target)
    except OSError as error:
        if error.errno in _NOT_HERE:
            return False
        raise
    return True


def copy(source: str, target: str, mode: int, *, sync: bool = False) -> None:
    """Copy a file's content to a path where there is nothing, without moving bytes where the file system can share.

    :param mode: the copy's permission bits, less those that the umask takes away.
    :param sync: whether to wait until the copy would survive a crash of the machine.
    """
    with open(source, "rb", buffering=0) as reader:
        fd = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with open(fd, "wb", buffering=0) as writer:
            copy_between(reader.fileno(), fd)
            if sync:
                os.fsync(writer.fileno())


def copy_between(reader: int, writer: int) -> None:
    """Copy everything from one descriptor to another, both at the start of their files."""
    copy_range = getattr(os, "copy_file_range", None)
    if copy_range is not None:
        try:
            while copy_range(reader, writer, _CHUNK):
                pass
        except OSError as error:
            if error.errno not in _NOT_HERE:
                raise
    # Some file systems copy nothing and say so with a zero; whatever is left goes the other way.
    while block := os.read(reader, _BLOCK):
        view = memoryview(block)
        while view:
            view = view[os.write(writer, view) :]


def copy_stream(source: IO[bytes], target: IO[bytes]) -> int:
    """Copy what is left in a stream.

    :returns: its size in bytes.
    """
    size = 0
    while block := source.read(_BLOCK):
        target.write(block)
        size += len(block)
    return size


def move_into_place(partial: str, path: str) -> None:
    """Give a finished file its name, replacing what is there in one step."""
    os.replace(partial, path)
    # Renaming one link of a file to another link of it does nothing at all.
    remove_if_there(partial)


def is_executable(mode: int) -> bool:
    """Return whether a file with these permission bits is executable for its owner."""
    return bool(mode & stat.S_IXUSR)


def may_be_shared(path: str) -> bool:
    """Return whether a file is protected from changes, so that handing out a second name for it is safe."""
    return not os.stat(path).st_mode & 0o222


def is_empty(directory: str) -> bool:
    """Return whether a path is that of a directory with nothing in it."""
    try:
        with os.scandir(directory) as entries:
            return next(entries, None) is None
    except (FileNotFoundError, NotADirectoryError):
        return False


def removed_if_empty(directory: str) -> bool:
    """Delete a directory, if there is nothing in it.

    :returns: whether that was so.
    """
    try:
        os.rmdir(directory)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT):
            return False
        raise
    return True


def remove_if_there(path: str) -> bool:
    """Delete a file or link.

    :returns: whether there was one; a directory is none.
    """
    try:
        os.unlink(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (IsADirectoryError, PermissionError):
        if os.path.isdir(path):
            return False
        raise
    return True


def remove_tree(path: str) -> None:
    """Delete a file or directory and all in it; others may be doing the same."""
    if not remove_if_there(path) and os.path.lexists(path):
        import shutil

        with suppress(FileNotFoundError):
            shutil.rmtree(path)
