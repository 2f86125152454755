"""Job stores and jobs for the tests of file stores, also used by the processes that these tests start."""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from toil_core.file_stores.abstract import AbstractFileStore
from toil_core.file_stores.caching import CachingFileStore
from toil_core.job_stores.abstract import AbstractJobStore
from toil_core.job_stores.file import FileJobStore, FileStorage
from toil_core.jobs.description import JobDescription
from toil_core.jobs.job import Job


class FarStorage(FileStorage):
    """Files that can only be read and written as streams, as if they were on another machine."""

    def local_path(self, key: str) -> str | None:  # type: ignore[override]
        return None

    def put_file(self, key: str, path: str, *, link: bool = False) -> bool:
        return False


class FarJobStore(FileJobStore):
    """A job store that shares nothing with the local disk, and writes down what is read from it."""

    storage_type = FarStorage

    def read_file(self, file_id: str, local_path: str, symlink: bool = False) -> None:
        super().read_file(file_id, local_path, symlink)
        with open(self.reads, "a") as reads:
            reads.write(f"{file_id}\n")

    @property
    def reads(self) -> Path:
        return Path(f"{self.locator.partition(':')[2]}.reads")


def resumed(path: Path | str) -> FarJobStore:
    """Open the far job store at a path."""
    store = FarJobStore(str(path))
    store.resume()
    return store


class Node:
    """A machine with a directory for jobs to run in.

    :param job_store: the workflow that they belong to.
    :param directory: where their temporary directories and the cache are.
    :param caching: which kind of file store they get.
    """

    def __init__(self, job_store: AbstractJobStore, directory: Path, caching: bool = True) -> None:
        self.job_store = job_store
        self.directory = directory
        self.caching = caching

    def description(self, name: str = "job") -> JobDescription:
        """Return the description of a job that the job store knows."""
        description = JobDescription({}, name)
        self.job_store.assign_job_id(description)
        return description

    def file_store(self, description: JobDescription, wait_for: Any = bool) -> AbstractFileStore:
        """Return a file store for a job."""
        return AbstractFileStore.createFileStore(
            self.job_store, description, str(self.directory), wait_for, self.caching
        )

    @contextmanager
    def job(self, name: str = "job") -> Iterator[AbstractFileStore]:
        """Yield the open file store of a new job."""
        store = self.file_store(self.description(name))
        with store.open(Job()):
            yield store

    def write(self, content: bytes) -> str:
        """Have a job on another machine write a file.

        :returns: its ID.
        """
        with self.job_store.write_file_stream(basename="data.txt") as (stream, file_id):
            stream.write(content)
        return str(file_id)

    def cached(self) -> set[bytes]:
        """Return the contents of the files in the cache."""
        files = self.directory / "cache" / "files"
        return {path.read_bytes() for path in files.iterdir()} if files.exists() else set()

    def cached_bytes(self) -> int:
        """Return how much is in the cache, complete or not, while nothing can be promised room or evicted."""
        cache, size = self.directory / "cache", 0
        with open(cache / "total", "rb") as counter:
            fcntl.flock(counter, fcntl.LOCK_EX)
            for path in [*(cache / "files").iterdir(), *(cache / "partial").glob("*/*")]:
                with suppress(FileNotFoundError):
                    size += path.stat().st_size
        return size


def read_in_process(node: Node, file_id: str) -> None:
    """Read a file, say where, and keep it until told to end."""
    with node.job() as store:
        path = store.readGlobalFile(file_id)
        print(path, flush=True)
        sys.stdin.readline()
        print(Path(path).stat().st_size, flush=True)


def stop_in_download(node: Node, file_id: str) -> None:
    """Begin to download a file, say so, and never get on."""

    def half(file_id: str, local_path: str, symlink: bool = False) -> None:
        Path(local_path).write_bytes(b"half")
        print("downloading", flush=True)
        sys.stdin.readline()

    node.job_store.read_file = half  # type: ignore[method-assign]
    with node.job() as store:
        store.readGlobalFile(file_id)


def sit_in_job(node: Node, job_id: str) -> None:
    """Run an attempt at a job that leaves a file and never ends."""
    description = node.description()
    description.jobStoreID = job_id
    store = node.file_store(description)
    with store.open(Job()):
        Path(store.getLocalTempFile()).write_bytes(b"left over")
        print(os.getcwd(), flush=True)
        sys.stdin.readline()


def read_many(node: Node, file_ids: str) -> None:
    """Read files one by one, each in a job of its own; say when that begins, and the largest size the cache had."""
    print("reading", flush=True)
    largest = 0
    for file_id in file_ids.split(","):
        with node.job() as store:
            content = Path(store.readGlobalFile(file_id)).read_bytes()
            assert content == content[:1] * 1000
            largest = max(largest, node.cached_bytes())
    print(largest, flush=True)


if __name__ == "__main__":
    action, job_store_path, work_dir, limit, argument = sys.argv[1:]
    CachingFileStore.cache_limit = int(limit) if limit else None
    globals()[action](Node(resumed(job_store_path), Path(work_dir)), argument)
