"""Files of the job store, read through named pipes."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import pytest

from toil_core.file_stores.abstract import AbstractFileStore
from toil_core.job_stores.file import FileJobStore
from toil_core.job_stores.file_ids import FileID
from toil_core.languages.pipes import file_as_pipe


class Files:
    """As much of a file store as a pipe needs."""

    def __init__(self, store: FileJobStore) -> None:
        self.store = store
        self.opened = 0

    @contextmanager
    def readGlobalFileStream(self, file_id: FileID) -> Iterator[IO[Any]]:
        """Open a file."""
        self.opened += 1
        with self.store.read_file_stream(file_id) as stream:
            yield stream


@pytest.fixture
def files(store: FileJobStore) -> Files:
    """A file store whose reads are counted."""
    return Files(store)


def piped(files: Files, size: int, path: Path) -> Any:
    with files.store.write_file_stream() as (stream, file_id):
        stream.write(b"x" * size)
    return file_as_pipe(cast("AbstractFileStore", files), file_id, str(path))


@pytest.mark.parametrize("size", [0, 10, 3_000_000])
def test_a_program_reads_a_whole_file(size: int, files: Files, tmp_path: Path) -> None:
    with piped(files, size, tmp_path / "pipe") as path:
        done = subprocess.run(["wc", "-c", path], capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[0]) == size
    assert not os.path.lexists(path)


def test_a_program_may_stop_early(files: Files, tmp_path: Path) -> None:
    with piped(files, 3_000_000, tmp_path / "pipe") as path:
        assert subprocess.run(["head", "-c", "5", path], capture_output=True, check=True).stdout == b"xxxxx"


def test_a_program_may_never_read(files: Files, tmp_path: Path) -> None:
    with piped(files, 10, tmp_path / "pipe") as path:
        assert os.path.exists(path)
        assert files.opened == 0
    assert not os.path.lexists(path)


def test_a_file_that_is_not_there_is_an_error_of_the_block(files: Files, store: FileJobStore, tmp_path: Path) -> None:
    with store.write_file_stream() as (_, file_id):
        pass
    store.delete_file(file_id)
    with (
        pytest.raises(Exception, match="does not exist in the job store"),
        file_as_pipe(cast("AbstractFileStore", files), file_id, str(tmp_path / "pipe")) as path,
    ):
        subprocess.run(["cat", path], check=True)
