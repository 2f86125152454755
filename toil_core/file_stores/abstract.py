"""`AbstractFileStore`: what a running job sees of files, and how its outcome is committed.

Everything that does not depend on how files travel is here: streams, log messages, the record of what was read, and the
commit. How a file gets from the job store to a path and back is for the subclasses; temporary files are in `job_files`.
"""

from __future__ import annotations

import errno
import logging
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import IO, TYPE_CHECKING, Any, cast

from toil_core.file_stores.errors import explained_if_full
from toil_core.file_stores.job_files import JobFiles
from toil_core.job_stores import local_files
from toil_core.job_stores.file_ids import FileID
from toil_core.job_stores.streams import as_text

if TYPE_CHECKING:
    from toil_core.file_stores.streams import WriteWatchingStream
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.jobs.description import JobDescription
    from toil_core.jobs.records import Record

logger = logging.getLogger(__name__)


class AbstractFileStore(JobFiles, ABC):
    """The files of one running job: temporary ones, and those that outlive it in the job store.

    :param jobStore: where files are kept.
    :param jobDesc: the job that runs.
    :param file_store_dir: the workflow's temporary directory on this machine; the job's own is made in it.
    :param waitForPreviousCommit: called before anything is committed, so that jobs that run one after the other in a
        process are committed in that order.
    """

    def __init__(
        self,
        jobStore: AbstractJobStore,
        jobDesc: JobDescription,
        file_store_dir: str,
        waitForPreviousCommit: Callable[[], Any],
    ) -> None:
        super().__init__(jobStore, jobDesc, file_store_dir)
        self.waitForPreviousCommit = waitForPreviousCommit
        #: The files to delete once the job is committed.
        self.files_to_delete: set[str] = set()
        #: Whether the job wrote files that are to go when all that comes after it is done.
        self.has_cleanup_files = False
        #: What the job has to say to the leader: (level, text).
        self.messages: list[tuple[int, str]] = []
        #: The files that the job read: (ID, path of the copy, or empty for a stream).
        self.accessed: list[tuple[str, str]] = []
        #: What to commit; by default, that the job is done and has no successors.
        self.record: Record | None = None
        #: Whether this attempt at the job is the one that counts.
        self.committed = False

    # Making and unmaking file stores

    @staticmethod
    def createFileStore(
        jobStore: AbstractJobStore,
        jobDesc: JobDescription,
        file_store_dir: str,
        waitForPreviousCommit: Callable[[], Any],
        caching: bool | None = None,
    ) -> AbstractFileStore:
        """Return a file store for a job.

        :param caching: whether files are kept for other jobs on this machine; by default as the job store prefers.
        """
        if caching is None:
            caching = jobStore.default_caching()
        if caching:
            from toil_core.file_stores.caching import CachingFileStore

            return CachingFileStore(jobStore, jobDesc, file_store_dir, waitForPreviousCommit)
        from toil_core.file_stores.direct import DirectFileStore

        return DirectFileStore(jobStore, jobDesc, file_store_dir, waitForPreviousCommit)

    @staticmethod
    def shutdownFileStore(workflowID: str, config_work_dir: str | None, config_coordination_dir: str | None) -> None:
        """Remove what the workflow's jobs left on this machine: their directories and the cache.

        No job of the workflow may be running on this machine any more.

        :param config_work_dir: the value of `--workDir`.
        :param config_coordination_dir: the value of `--coordinationDir`; no files are kept there.
        """
        from toil_core.file_stores.caching import CachingFileStore
        from toil_core.worker.node import workflow_dir

        CachingFileStore.shutdown(workflow_dir(workflowID, config_work_dir))

    @classmethod
    @abstractmethod
    def shutdown(cls, shutdown_info: Any) -> None:
        """Remove everything that file stores of this kind keep on this machine.

        :param shutdown_info: the `file_store_dir` that they were made with.
        """

    # Writing files

    def writeGlobalFile(self, localFileName: str, cleanup: bool = False) -> FileID:
        """Store a file for other jobs; what happens to the local file afterwards does not change the stored one.

        :param localFileName: its path; a relative one is relative to the job's own temporary directory.
        :param cleanup: whether to delete the stored file once the job and all its successors are done.
        :returns: the ID to read it by.
        """
        path = self._path(localFileName)
        if os.path.isdir(path):
            raise IsADirectoryError(errno.EISDIR, "A directory cannot be stored, only files can", path)
        with explained_if_full(f"store '{path}'", self.jobStore.locator):
            file_id = self._store(path, cleanup)
        self.has_cleanup_files |= cleanup
        self._note_local_copy(file_id, path)
        return file_id

    @contextmanager
    def writeGlobalFileStream(
        self,
        cleanup: bool = False,
        basename: str | None = None,
        encoding: str | None = None,
        errors: str | None = None,
    ) -> Iterator[tuple[WriteWatchingStream | IO[Any], FileID]]:
        """Open a stream whose content is stored, for other jobs, when the block ends without an exception.

        :param cleanup: whether to delete the file once the job and all its successors are done.
        :param basename: a name to find the file by in the job store.
        :param encoding: the encoding to write text in; by default the stream is binary.
        :param errors: what to do about characters that the encoding lacks, as for `open`.
        :returns: the stream, and the file's ID, which knows its size after the block.
        """
        from toil_core.file_stores.streams import WriteWatchingStream

        self._check_open()
        self.has_cleanup_files |= cleanup
        with self.jobStore.write_file_stream(self._owner, cleanup, basename) as (raw, name):
            file_id = name if isinstance(name, FileID) else FileID(name)
            watched = WriteWatchingStream(raw, self.jobStore.locator)
            with as_text(cast("IO[bytes]", watched), encoding, errors) as stream:
                yield stream, file_id
            watched.flush()
        if file_id.size is None:
            file_id.size = self.jobStore.get_file_size(file_id)

    def getEmptyFileStoreID(self, cleanup: bool = False, basename: str | None = None) -> FileID:
        """Store an empty file, to be given content with `updateGlobalFile`.

        :param cleanup: whether to delete the file once the job and all its successors are done.
        :param basename: a name to find the file by in the job store.
        """
        self._check_open()
        self.has_cleanup_files |= cleanup
        return as_file_id(self.jobStore.get_empty_file_store_id(self._owner, cleanup, basename), None)

    def updateGlobalFile(self, fileStoreID: str, localFileName: str) -> None:
        """Replace the content of a stored file, at once; copies that jobs have already read do not change.

        :param localFileName: the path of the new content.
        :raises NoSuchFileException: if there is no such file.
        """
        self._settle(fileStoreID)
        self.jobStore.update_file(fileStoreID, self._path(localFileName))
        self._forget(fileStoreID)

    @contextmanager
    def updateGlobalFileStream(
        self, fileStoreID: str, encoding: str | None = None, errors: str | None = None
    ) -> Iterator[IO[Any]]:
        """Open a stream whose content replaces that of a stored file when the block ends without an exception.

        :param encoding: the encoding to write text in; by default the stream is binary.
        :param errors: what to do about characters that the encoding lacks, as for `open`.
        :raises NoSuchFileException: if there is no such file.
        """
        self._check_open()
        self._settle(fileStoreID)
        with self.jobStore.update_file_stream(fileStoreID, encoding, errors) as stream:
            yield stream
        self._forget(fileStoreID)

    # Reading files

    def readGlobalFile(
        self,
        fileStoreID: str,
        userPath: str | None = None,
        cache: bool = True,
        mutable: bool = False,
        symlink: bool = False,
        *,
        localFilePath: str | None = None,
    ) -> str:
        """Make a stored file available at a local path.

        :param userPath: where to put it, instead of at a new name in the job's own temporary directory; a file that
            is there is replaced.
        :param cache: whether it may be kept on this machine for other jobs.
        :param mutable: whether the job may change its copy; otherwise it may share it with others.
        :param symlink: whether a symbolic link will do.
        :param localFilePath: an older name of `userPath`.
        :returns: the absolute path. Nobody but `deleteLocalFile` may delete it.
        :raises NoSuchFileException: if there is no such file.
        :raises DiskFullError: if there is no room for a copy.
        """
        wanted = userPath if userPath is not None else localFilePath
        path = self._new_copy_path(fileStoreID) if wanted is None else self._path(wanted)
        if os.path.isdir(path):
            raise IsADirectoryError(errno.EISDIR, "A file cannot be read to the path of a directory", path)
        # Outside its directory a job may leave files for others to use and change, so no links from there.
        private = not self._is_own(path)
        size = getattr(fileStoreID, "size", None)
        with explained_if_full(f"write a copy of '{fileStoreID}'", os.path.dirname(path), size):
            target = local_files.partial_name(path) if os.path.lexists(path) else path
            self._fetch(fileStoreID, target, cache=cache, mutable=mutable or private, symlink=symlink)
            if target != path:
                local_files.move_into_place(target, path)
        self._note_local_copy(fileStoreID, path)
        self.logAccess(fileStoreID, path)
        return path

    @contextmanager
    def readGlobalFileStream(
        self, fileStoreID: str, encoding: str | None = None, errors: str | None = None
    ) -> Iterator[IO[Any]]:
        """Open a stored file as a stream.

        :param encoding: the encoding to read text in; by default the stream is binary.
        :param errors: what to do about bytes that do not fit the encoding, as for `open`.
        :raises NoSuchFileException: if there is no such file.
        """
        self._check_open()
        self.logAccess(fileStoreID)
        with self._stream(fileStoreID, encoding, errors) as stream:
            yield stream

    def logAccess(self, fileStoreID: str, destination: str | None = None) -> None:
        """Note that the job read a file, to be told if the job fails.

        :param destination: the path of the copy, or None if the file was read as a stream.
        """
        self.accessed.append((str(fileStoreID), destination or ""))

    def getGlobalFileSize(self, fileStoreID: str) -> int:
        """Return a stored file's size in bytes; the job store may overestimate that of an encrypted file."""
        size = getattr(fileStoreID, "size", None)
        if size is None:
            self._settle(fileStoreID)
            size = self.jobStore.get_file_size(fileStoreID)
        return int(size)

    def globalFileExists(self, fileStoreID: str) -> bool:
        """Return whether the job store holds a file with this ID."""
        self._settle(fileStoreID)
        return self.jobStore.file_exists(fileStoreID)

    # Deleting files

    def deleteGlobalFile(self, fileStoreID: str) -> None:
        """Delete the job's copies of a file now, and the stored file once the job is committed."""
        self._check_open()
        self._remove_local_copies(fileStoreID)
        self.files_to_delete.add(str(fileStoreID))

    # Files outside the workflow

    def import_file(self, src_uri: str, shared_file_name: str | None = None) -> FileID | None:
        """Store the file at a URL or local path.

        :param shared_file_name: the name to store it under, instead of under a new ID.
        :returns: its ID, or None if a name was given.
        """
        self._check_open()
        found: FileID | None = self.jobStore.import_file(self._url(src_uri), shared_file_name)
        return found

    def importFile(self, srcUrl: str, sharedFileName: str | None = None) -> FileID | None:
        """Do what `import_file` does, under its older name."""
        return self.import_file(srcUrl, sharedFileName)

    def export_file(self, file_id: str, dst_uri: str) -> None:
        """Copy a stored file to a URL or local path."""
        self._check_open()
        self._settle(file_id)
        self.jobStore.export_file(as_file_id(file_id, None), self._url(dst_uri))

    def exportFile(self, jobStoreFileID: str, dstUrl: str) -> None:
        """Do what `export_file` does, under its older name."""
        self.export_file(jobStoreFileID, dstUrl)

    # Messages

    def log_to_leader(self, text: str, level: int = logging.INFO) -> None:
        """Send a message to the log of the leader, and write it to the worker's own.

        :param level: its level, as in the standard logging module.
        """
        logger.log(level, "%s", text)
        self.messages.append((level, text))

    def logToMaster(self, text: str, level: int = logging.INFO) -> None:
        """Do what `log_to_leader` does, under its older name."""
        self.log_to_leader(text, level)

    # Committing

    def startCommit(self, jobState: bool = False) -> None:
        """Make durable what the job wrote and, if asked, that it is done; only then delete what it wanted deleted.

        :param jobState: whether to commit the job's `record` and its deletions, instead of the files it wrote alone.
        :raises UploadError: if a file could not be stored; nothing is committed then.
        """
        self.waitForPreviousCommit()
        self._finish_uploads()
        if jobState:
            self._commit()

    def waitForCommit(self) -> bool:
        """Wait until what `startCommit` started is over, if it was called.

        :returns: True.
        """
        return True

    def _commit(self) -> None:
        record = self.record
        if record is None:
            from toil_core.jobs.records import Record

            record = Record(
                delete_files=tuple(self.files_to_delete),
                has_cleanup_files=self.has_cleanup_files,
                messages=tuple(self.messages),
            )
        self.committed = self.jobStore.commit(str(self.jobDesc.jobStoreID), record)
        if not self.committed or not self.files_to_delete:
            return
        try:
            self.jobStore.delete_files(list(self.files_to_delete))
        except Exception as error:
            # A backend may raise the errors of its own library. The job is done whatever happens now, and a restart
            # deletes again what its record lists.
            logger.warning("Files that job %s deleted are still in the job store: %s", self.jobDesc, error)
        for file_id in self.files_to_delete:
            self._forget(file_id)

    @property
    def _owner(self) -> str:
        return str(self.jobDesc.jobStoreID)

    # How files travel

    @abstractmethod
    def _store(self, path: str, cleanup: bool) -> FileID:
        """Store the file at an absolute path as it is now."""

    @abstractmethod
    def _fetch(self, file_id: str, path: str, *, cache: bool, mutable: bool, symlink: bool) -> None:
        """Make a stored file appear at an absolute path; `mutable` rules out any kind of link."""

    @abstractmethod
    def _stream(self, file_id: str, encoding: str | None, errors: str | None) -> AbstractContextManager[IO[Any]]:
        """Open a stored file for reading."""

    def _settle(self, file_id: str) -> None:
        """Return once the job store has the file, if this job is still writing it."""

    def _finish_uploads(self) -> None:
        """Return once all files that the job wrote are in the job store."""

    def _forget(self, file_id: str) -> None:
        """Keep no copy of the file for other jobs any more."""


def as_file_id(file_id: str, path: str | None) -> FileID:
    """Return an ID as one that knows its size, if the file is at hand."""
    if isinstance(file_id, FileID):
        return file_id
    if path is None:
        return FileID(file_id)
    return FileID(file_id, os.path.getsize(path), os.access(path, os.X_OK))
