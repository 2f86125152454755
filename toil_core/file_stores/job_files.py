"""`JobFiles`: the temporary directory of a running job, and the names of the files in it.

Here is which local files belong to which stored ones; how files get there and back is not.
"""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from toil_core.file_stores import copying, directories
from toil_core.file_stores.errors import FileStoreClosedError

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.jobs.description import JobDescription
    from toil_core.jobs.job import Job

logger = logging.getLogger(__name__)


class JobFiles:
    """The local files of one running job.

    :param jobStore: the workflow's job store, for its configuration.
    :param jobDesc: the job that runs.
    :param file_store_dir: the workflow's temporary directory on this machine; the job's own is made in it.
    """

    def __init__(self, jobStore: AbstractJobStore, jobDesc: JobDescription, file_store_dir: str) -> None:
        self.jobStore = jobStore
        self.jobDesc = jobDesc
        self._file_store_dir = file_store_dir
        self._directory: str | None = None
        self._names = 0
        self._local_copies: dict[str, list[str]] = {}

    @contextmanager
    def open(self, job: Job) -> Iterator[None]:
        """Give the job a temporary directory of its own, and make it the current one, for the duration of the block.

        What is in it afterwards is deleted, unless `--cleanWorkDir` says otherwise. Files can only be used inside.

        :param job: the job that is about to run.
        """
        policy = str(self.jobStore.config.cleanWorkDir).lower()
        directory = directories.JobDirectory.make(
            self._file_store_dir, str(self.jobDesc.jobStoreID), replace_abandoned=policy == "always"
        )
        outer, before = self._directory, _current_directory(self._file_store_dir)
        self._directory = directory.path
        failed = True
        try:
            os.chdir(directory.path)
            yield
            failed = False
        finally:
            try:
                self._close()
            finally:
                self._directory = outer
                os.chdir(before)
                if policy == "always" or policy == ("onerror" if failed else "onsuccess"):
                    directory.remove()
                else:
                    logger.info("Keeping the temporary directory %s of job %s.", directory.path, job)
                    directory.release()

    @property
    def localTempDir(self) -> str:
        """The job's own temporary directory.

        :raises FileStoreClosedError: if the job is not running.
        """
        self._check_open()
        return str(self._directory)

    def _check_open(self) -> None:
        """Make sure that the job is running.

        :raises FileStoreClosedError: if it is not.
        """
        if self._directory is None:
            raise FileStoreClosedError(str(self.jobDesc))

    def getLocalTempDir(self) -> str:
        """Make a temporary directory that lasts as long as the job.

        :returns: its absolute path.
        """
        while True:
            path = self._new_path("", "tmp")
            try:
                os.mkdir(path, 0o700)
            except FileExistsError:
                continue
            return path

    def getLocalTempFile(self, suffix: str | None = None, prefix: str | None = None) -> str:
        """Make an empty temporary file that lasts as long as the job.

        :param suffix: how its name ends, by default `.tmp`.
        :param prefix: how its name begins, by default `tmp`.
        :returns: its absolute path.
        """
        while True:
            path = self.getLocalTempFileName(suffix, prefix)
            try:
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            except FileExistsError:
                continue
            return path

    def getLocalTempFileName(self, suffix: str | None = None, prefix: str | None = None) -> str:
        """Return a path at which there is no file yet, and which is not given out again.

        :param suffix: how the name ends, by default `.tmp`.
        :param prefix: how the name begins, by default `tmp`.
        """
        while True:
            path = self._new_path(".tmp" if suffix is None else suffix, "tmp" if prefix is None else prefix)
            if not os.path.lexists(path):
                return path

    def deleteLocalFile(self, fileStoreID: str) -> None:
        """Delete the job's copies of a file in its own temporary directory, and the file that it was written from.

        :raises OSError: with errno ENOENT, if there are none.
        """
        if not self._remove_local_copies(fileStoreID):
            raise OSError(errno.ENOENT, "The job has no copy of the file", str(fileStoreID))

    def _close(self) -> None:
        """Let go of the job's own temporary directory, which may be about to be removed."""

    def _path(self, path: str) -> str:
        return os.path.normpath(os.path.join(self.localTempDir, os.fspath(path)))

    def _url(self, url: str) -> str:
        """Return a URL as it is, and a relative path made absolute."""
        scheme, colon, _ = url.partition(":")
        return url if colon and scheme.isalnum() else self._path(url)

    def _new_path(self, suffix: str, prefix: str) -> str:
        self._names += 1
        return os.path.join(self.localTempDir, f"{prefix}{self._names}{suffix}")

    def _new_copy_path(self, file_id: str) -> str:
        """Return a path for a copy of a file: one that no user would choose, but with the suffix that tools look at."""
        suffix = os.path.splitext(str(file_id))[1]
        return self.getLocalTempFileName(suffix if suffix[1:].isalnum() else "", "toil-copy-")

    def _is_own(self, path: str) -> bool:
        directory, own = os.path.dirname(path), self.localTempDir
        return directory == own or (os.path.realpath(directory) + os.sep).startswith(os.path.realpath(own) + os.sep)

    def _note_local_copy(self, file_id: str, path: str) -> None:
        if not self._is_own(path):
            return
        for copies in self._local_copies.values():
            if path in copies:
                copies.remove(path)
        self._local_copies.setdefault(str(file_id), []).append(path)

    def _remove_local_copies(self, file_id: str) -> bool:
        """Delete the job's copies of a file.

        :returns: whether there were any.
        """
        copies = self._local_copies.pop(str(file_id), [])
        removed = [path for path in copies if copying.remove_if_there(path)]
        return bool(removed)


def _current_directory(otherwise: str) -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:
        return otherwise
