"""`DirectFileStore`: every read and write goes to the job store, and nothing is kept for other jobs."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import IO, Any

from toil_core.file_stores import copying, directories
from toil_core.file_stores.abstract import AbstractFileStore, as_file_id
from toil_core.job_stores.file_ids import FileID


class DirectFileStore(AbstractFileStore):
    """A file store without a cache: a job's files are in the job store as soon as the call that writes them returns."""

    @classmethod
    def shutdown(cls, shutdown_info: Any) -> None:
        """Remove the directories of all jobs.

        :param shutdown_info: the `file_store_dir` that the file stores were made with.
        """
        directories.remove_all(shutdown_info)

    def _store(self, path: str, cleanup: bool) -> FileID:
        return store(self, path, cleanup)

    def _fetch(self, file_id: str, path: str, *, cache: bool, mutable: bool, symlink: bool) -> None:
        fetch(self, file_id, path, mutable=mutable, symlink=symlink)

    def _stream(self, file_id: str, encoding: str | None, errors: str | None) -> AbstractContextManager[IO[Any]]:
        return self.jobStore.read_file_stream(file_id, encoding, errors)


def store(file_store: AbstractFileStore, path: str, cleanup: bool) -> FileID:
    """Write a file to the job store, now."""
    owner = str(file_store.jobDesc.jobStoreID)
    return as_file_id(file_store.jobStore.write_file(path, owner, cleanup), path)


def fetch(file_store: AbstractFileStore, file_id: str, path: str, *, mutable: bool, symlink: bool = False) -> None:
    """Bring a file from the job store to a path.

    :param mutable: whether the job may change it, so that it must not share it with the job store.
    :param symlink: whether a symbolic link will do.
    """
    file_store.jobStore.read_file(file_id, path, symlink=symlink and not mutable)
    if mutable:
        copying.own(path)
    else:
        copying.protect(path)


#: The documented name.
NonCachingFileStore = DirectFileStore
