"""Copies of files that a job may change, and copies that it may not."""

from __future__ import annotations

import os
import stat

from toil_core.file_stores.errors import explained_if_full
from toil_core.job_stores import local_files


def copy_file(source: str, target: str, mode: int | None = None) -> None:
    """Copy a file's content to a path, replacing what is there in one step; without moving bytes where possible.

    :param source: the file; symbolic links are followed.
    :param mode: permission bits for the copy, by default those of the source with write permission for the owner.
    :raises DiskFullError: if there is no room for the copy.
    """
    if mode is None:
        mode = stat.S_IMODE(os.stat(source).st_mode) | stat.S_IWUSR
    partial = local_files.partial_name(target)
    try:
        with explained_if_full(f"copy '{source}'", os.path.dirname(target)):
            local_files.copy(source, partial, mode)
        os.replace(partial, target)
    finally:
        local_files.remove_if_there(partial)


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
    if stat.S_ISREG(found.st_mode) and found.st_nlink == 1 and found.st_mode & 0o222:
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
