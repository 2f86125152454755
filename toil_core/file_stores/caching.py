"""`CachingFileStore`: a file that one job on a machine has written or read is there for all others on it.

What a job writes is copied to the cache, so that the job may go on with its own file, and uploaded from there in the
background; the commit waits for it. A file that is replaced with `updateGlobalFile` is dropped from this machine's
cache only, so files meant to be replaced should be read with `cache=False`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from toil_core.file_stores import copying, directories
from toil_core.file_stores.abstract import AbstractFileStore
from toil_core.file_stores.cache import FileCache
from toil_core.file_stores.direct import fetch, store
from toil_core.job_stores import local_files
from toil_core.job_stores.file_ids import FileID
from toil_core.job_stores.streams import as_text

if TYPE_CHECKING:
    from toil_core.file_stores.uploads import Uploads
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.jobs.description import JobDescription

_CACHE = "cache"


class CachingFileStore(AbstractFileStore):
    """A file store that keeps files on this machine for other jobs; see `AbstractFileStore` for the parameters."""

    #: How much the cache may hold, in bytes, or None for half of the disk space that is free without it.
    cache_limit: int | None = None

    def __init__(
        self,
        jobStore: AbstractJobStore,
        jobDesc: JobDescription,
        file_store_dir: str,
        waitForPreviousCommit: Callable[[], Any],
    ) -> None:
        super().__init__(jobStore, jobDesc, file_store_dir, waitForPreviousCommit)
        self._cache = FileCache(os.path.join(file_store_dir, _CACHE), self.cache_limit, self._release_abandoned)
        self._uploads: Uploads | None = None

    @classmethod
    def shutdown(cls, shutdown_info: Any) -> None:
        """Remove the directories of all jobs, and the cache.

        :param shutdown_info: the `file_store_dir` that the file stores were made with.
        """
        directories.remove_all(shutdown_info)
        cache = os.path.join(shutdown_info, _CACHE)
        if os.path.isdir(cache):
            directories.remove_tree(cache)

    def _store(self, path: str, cleanup: bool) -> FileID:
        found = os.stat(path)
        executable = os.access(path, os.X_OK)
        name = self.jobStore.new_file_id(os.path.basename(path), self._owner, cleanup, executable)
        file_id = FileID(name, found.st_size, executable)
        mode = 0o555 if executable else 0o444
        source = self._hidden_path()
        cached = self._cache.fill(file_id, found.st_size, lambda partial: copying.copy_file(path, partial, mode))
        if not (cached and self._cache.provide(file_id, source, copy=False)):
            return store(self, path, cleanup)
        self._uploading().start(file_id, source, path)
        return file_id

    def _fetch(self, file_id: str, path: str, *, cache: bool, mutable: bool, symlink: bool) -> None:
        if self._cache.provide(file_id, path, copy=mutable):
            return
        self._settle(file_id)
        if cache and self._download(file_id) and self._cache.provide(file_id, path, copy=mutable):
            return
        fetch(self, file_id, path, mutable=mutable, symlink=symlink)

    def _download(self, file_id: str) -> bool:
        """See that a file is in the cache.

        :returns: False if that is not possible or, since the job store shares its own copy, not of use.
        """
        return self._cache.fill(
            file_id, self.getGlobalFileSize(file_id), lambda partial: self.jobStore.read_file(file_id, partial)
        )

    @contextmanager
    def _stream(self, file_id: str, encoding: str | None, errors: str | None) -> Iterator[IO[Any]]:
        link = self._hidden_path()
        if self._cache.provide(file_id, link, copy=False):
            with open(link, "rb") as raw, as_text(raw, encoding, errors) as stream:
                os.unlink(link)
                yield stream
            return
        self._settle(file_id)
        with self.jobStore.read_file_stream(file_id, encoding, errors) as found:
            yield found

    def _settle(self, file_id: str) -> None:
        if self._uploads is not None:
            self._uploads.wait_for(file_id)

    def _finish_uploads(self) -> None:
        if self._uploads is not None:
            self._uploads.finish()

    def _forget(self, file_id: str) -> None:
        self._cache.discard(file_id)

    def _close(self) -> None:
        if self._uploads is not None:
            self._uploads.close()
            self._uploads = None

    def _hidden_path(self) -> str:
        """Return a path for one more name of a cached file, which keeps it from being evicted."""
        return local_files.partial_name(os.path.join(self.localTempDir, "cached"))

    def _uploading(self) -> Uploads:
        if self._uploads is None:
            from toil_core.file_stores.uploads import Uploads

            self._uploads = Uploads(self.jobStore)
        return self._uploads

    def _release_abandoned(self) -> None:
        if str(self.jobStore.config.cleanWorkDir).lower() == "always":
            directories.remove_abandoned(self._file_store_dir)
