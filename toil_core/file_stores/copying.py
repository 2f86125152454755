"""Making files appear at a path: at once or not at all, as a link where that is safe and as a copy where it is not."""

from __future__ import annotations

import errno
import os
import stat

from toil_core.file_stores.errors import explained_if_full

_CHUNK = 1 << 30
#: What `copy_file_range` and `link` say where another way has to be taken.
_NOT_HERE = (errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EBADF, errno.EPERM, errno.EMLINK)


def partial_name(path: str) -> str:
    """Return a path beside the given one that nobody else uses, to build the file at before it is renamed."""
    directory, name = os.path.split(path)
    return os.path.join(directory, f".{name[:100]}.{os.urandom(6).hex()}.part")


def copy_file(source: str, target: str, mode: int | None = None) -> None:
    """Copy a file's content to a path, replacing what is there in one step; without moving bytes where possible.

    :param source: the file; symbolic links are followed.
    :param mode: permission bits for the copy, by default those of the source with write permission for the owner.
    :raises DiskFullError: if there is no room for the copy.
    """
    partial = partial_name(target)
    try:
        with open(source, "rb") as reader, explained_if_full(f"copy '{source}'", os.path.dirname(target)):
            with open(partial, "wb") as writer:
                _copy_content(reader.fileno(), writer.fileno())
            if mode is None:
                mode = stat.S_IMODE(os.fstat(reader.fileno()).st_mode) | stat.S_IWUSR
        os.chmod(partial, mode)
        os.replace(partial, target)
    except BaseException:
        remove_if_there(partial)
        raise


def link_file(source: str, target: str) -> bool:
    """Make a hard link at a path where there is nothing yet.

    :returns: False where the file systems do not allow one.
    """
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno in _NOT_HERE:
            return False
        raise
    return True


def move(source: str, target: str) -> None:
    """Give a file another name, replacing what is there in one step."""
    if source == target:
        return
    os.replace(source, target)
    # Renaming one link of a file to another link of it does nothing at all.
    remove_if_there(source)


def own(path: str) -> None:
    """Turn a file that is linked from elsewhere into a copy of its own, writable for its owner."""
    found = os.lstat(path)
    if stat.S_ISLNK(found.st_mode) or found.st_nlink > 1:
        copy_file(path, path)
    else:
        os.chmod(path, stat.S_IMODE(found.st_mode) | stat.S_IWUSR)


def protect(path: str) -> None:
    """Take away write permission from a file that no other name refers to."""
    found = os.lstat(path)
    if stat.S_ISREG(found.st_mode) and found.st_nlink == 1:
        os.chmod(path, stat.S_IMODE(found.st_mode) & ~0o222)


def remove_if_there(path: str) -> bool:
    """Delete a file.

    :returns: whether there was one.
    """
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    return True


def _copy_content(reader: int, writer: int) -> None:
    """Copy everything between two descriptors that stand at the start of their files."""
    copy_range = getattr(os, "copy_file_range", None)
    if copy_range is not None:
        try:
            while copy_range(reader, writer, _CHUNK):
                pass
        except OSError as error:
            if error.errno not in _NOT_HERE:
                raise
        # Some file systems copy nothing and say so with a zero; whatever is left goes the other way.
    offset = os.lseek(reader, 0, os.SEEK_CUR)
    os.lseek(writer, offset, os.SEEK_SET)
    while True:
        block = os.read(reader, 1 << 20)
        if not block:
            return
        view = memoryview(block)
        while view:
            view = view[os.write(writer, view) :]
