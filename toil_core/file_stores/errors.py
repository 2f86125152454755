"""What can go wrong with a job's files, apart from what the job store itself reports."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from toil_core.errors import ToilError, UserError

_FULL = (errno.ENOSPC, errno.EDQUOT)


class FileStoreError(ToilError):
    """Base of the file stores' own errors."""


class FileStoreClosedError(FileStoreError, UserError):
    """A file store was used when its job was not running.

    :param job: the job, as people know it.
    """

    def __init__(self, job: str) -> None:
        super().__init__(
            f"The files of job {job} can only be used while it runs.",
            "Use the file store inside the job's run method, or inside 'with fileStore.open(job):'.",
        )
        self.job = job


class DiskFullError(FileStoreError):
    """There is no room for a file on a disk.

    :param action: what was being done, as in "write a copy of 'x'".
    :param place: the directory, or job store, that is on the full disk.
    :param needed: bytes that were needed, or None where that is not known.
    """

    def __init__(self, action: str, place: str, needed: int | None = None) -> None:
        from toil_core.units import bytes2human

        size = f", which takes {bytes2human(needed)}" if needed else ""
        super().__init__(
            f"The disk that holds '{place}' has no room left to {action}{size}.",
            "Free some space there, or use a larger disk: --workDir says where jobs keep files while they run, "
            "the job store's locator where files are kept for other jobs.",
        )
        self.action = action
        self.place = place
        self.needed = needed


class UploadError(FileStoreError):
    """A file that a job wrote did not reach the job store, so the job cannot count as done.

    :param path: the file, as the job named it.
    :param cause: what the job store said.
    """

    def __init__(self, path: str, cause: BaseException) -> None:
        super().__init__(f"The file '{path}' could not be written to the job store: {cause}")
        self.path = path
        self.cause = cause


@contextmanager
def explained_if_full(action: str, place: str, needed: int | None = None) -> Iterator[None]:
    """Turn the system's complaint about a full disk, or a used up quota, into one that says what to do.

    :raises DiskFullError: if the block ran out of disk.
    """
    try:
        yield
    except OSError as error:
        raise_if_full(error, action, place, needed)
        raise


def raise_if_full(error: OSError, action: str, place: str, needed: int | None = None) -> None:
    """Raise an error that says what to do, if this one is about a full disk or a used up quota.

    :raises DiskFullError: if it is.
    """
    if error.errno in _FULL:
        raise DiskFullError(action, place, needed) from error
