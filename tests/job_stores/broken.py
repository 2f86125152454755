"""Storages and job stores that each break one clause of the contract, to prove that the clause notices."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO

from toil_core.job_stores.file import FileJobStore, FileStorage
from toil_core.job_stores.file_ids import FileID
from toil_core.job_stores.storage import KeyAbsent, KeyStat
from toil_core.jobs.description import JobDescription


class TornPut(FileStorage):
    """Writes values where readers look."""

    def put(self, key: str, value: bytes, *, if_absent: bool = False) -> bool:
        path = os.path.join(self.name, key)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if if_absent and os.path.exists(path):
            return False
        with open(path, "wb", buffering=0) as stream:
            for start in range(0, len(value), 1 << 12):
                stream.write(value[start : start + (1 << 12)])
        return True


class IgnoresIfAbsent(FileStorage):
    """Always replaces."""

    def put(self, key: str, value: bytes, *, if_absent: bool = False) -> bool:
        return super().put(key, value)


class ChecksThenPuts(FileStorage):
    """Leaves a gap between looking whether a value is absent and storing it."""

    def put(self, key: str, value: bytes, *, if_absent: bool = False) -> bool:
        if if_absent:
            try:
                self.stat(key)
            except KeyAbsent:
                time.sleep(0.2)
            else:
                return False
        return super().put(key, value)


class StreamsInPlace(FileStorage):
    """Lists what is still being written, and keeps it when its writer fails."""

    @contextmanager
    def open_write(self, key: str) -> Iterator[IO[bytes]]:
        path = os.path.join(self.name, key)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as stream:
            yield stream


class ForgetsNothing(FileStorage):
    """Does not delete."""

    def delete(self, keys: Iterable[str]) -> None:
        list(keys)


class ListsWholeParts(FileStorage):
    """Takes a prefix for a directory."""

    def list(self, prefix: str) -> Iterator[tuple[str, KeyStat]]:
        wanted = prefix.rstrip("/")
        for key, stat in super().list(""):
            if not wanted or key == wanted or key.startswith(wanted + "/"):
                yield key, stat


class ReadsToTheEnd(FileStorage):
    """Ignores the length of a range."""

    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        return super().read(key, start)


class CreatesAgain(FileStorage):
    """Takes over a container that exists."""

    def create(self) -> None:
        try:
            super().create()
        except FileExistsError:
            return


class DiscardsAll(FileStorage):
    """Takes what is being written for abandoned."""

    def discard_unfinished(self) -> None:
        directory = os.path.join(self.name, ".toil", "unfinished")
        for name in os.listdir(directory):
            os.unlink(os.path.join(directory, name))


class Escapes(FileStorage):
    """Follows keys wherever they lead."""

    def _path(self, key: str) -> str:
        return os.path.join(self.name, key.lstrip("/").replace("\0", "")) or self.name


class CommitsTwice(FileJobStore):
    """Lets each attempt count."""

    storage_type = IgnoresIfAbsent


class BatchesNothing(FileJobStore):
    """Writes jobs of a batch one by one."""

    @contextmanager
    def batch(self) -> Iterator[None]:
        yield


class LosesExecutableBit(FileJobStore):
    """Takes all files for data."""

    def new_file_id(
        self, basename: str | None = None, job_id: str | None = None, cleanup: bool = False, executable: bool = False
    ) -> FileID:
        return super().new_file_id(basename, job_id, cleanup)


class KeepsCleanupFiles(FileJobStore):
    """Deletes no files with their jobs."""

    def delete_cleanup_files(self, job_id: str) -> None:
        return


class LinksToChangingFiles(FileJobStore):
    """Shares files with those who may still change them."""

    def upload(self, file_id: str, local_path: str, link: bool = False) -> FileID:
        return super().upload(file_id, local_path, link=True)


class LastUpdateWins(FileJobStore):
    """Does not look whether someone else was faster."""

    def _see_unchanged(self, key: str, before: KeyStat | None, name: str) -> None:
        return


class CleansNothing(FileJobStore):
    """Leaves everything as it is."""

    def clean(self, jobCache: object = None) -> JobDescription:
        return self.load_root_job()
