"""`Uploads`: files on their way to the job store while their job goes on."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from toil_core.file_stores import copying
from toil_core.file_stores.errors import UploadError

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore

#: How many files are uploaded at once.
_CONCURRENCY = 4


class _Upload(NamedTuple):
    shown: str
    done: Future[None]


class Uploads:
    """The uploads of one job.

    :param job_store: where the files go.
    """

    def __init__(self, job_store: AbstractJobStore) -> None:
        self._job_store = job_store
        self._threads = ThreadPoolExecutor(_CONCURRENCY, thread_name_prefix="toil-upload")
        self._uploads: dict[str, _Upload] = {}

    def start(self, file_id: str, source: str, shown: str) -> None:
        """Begin to upload a file.

        :param file_id: the ID that it will have.
        :param source: a path at which nobody changes the file; it is deleted when it is no longer needed.
        :param shown: how the job knows the file.
        """
        self._uploads[str(file_id)] = _Upload(shown, self._threads.submit(self._upload, file_id, source))

    def wait_for(self, file_id: str) -> None:
        """Return once this file is in the job store, or if it is not being uploaded.

        :raises UploadError: if it could not be uploaded.
        """
        upload = self._uploads.get(str(file_id))
        if upload is not None:
            _wait(upload)

    def finish(self) -> None:
        """Return once all files are in the job store.

        :raises UploadError: if one could not be uploaded.
        """
        for upload in self._uploads.values():
            _wait(upload)

    def close(self) -> None:
        """Upload nothing any more; what has begun is waited for."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _upload(self, file_id: str, source: str) -> None:
        self._job_store.upload(file_id, source)
        copying.remove_if_there(source)


def _wait(upload: _Upload) -> None:
    error = upload.done.exception()
    if error is not None:
        raise UploadError(upload.shown, error) from error
