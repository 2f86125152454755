"""Files of the job store as named pipes, for programs that read from a path once and from front to back.

with file_as_pipe(file_store, file_id, path): run the program that reads `path`
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from toil_core.job_stores import local_files

if TYPE_CHECKING:
    from toil_core.file_stores.abstract import AbstractFileStore
    from toil_core.job_stores.file_ids import FileID


@contextmanager
def file_as_pipe(file_store: AbstractFileStore, file_id: FileID, path: str) -> Iterator[str]:
    """Make a named pipe that gives a stored file's content to whoever opens it first, while the block runs.

    The reader may stop early, or never begin. Nobody can read the file twice, or look for its size.

    :param path: where to make the pipe; nothing may be there.
    :raises ToilError: at the end of the block, if the file could not be read to its end though the reader wanted it.
    :returns: the path.
    """
    os.mkfifo(path)
    failures: list[BaseException] = []
    feeder = threading.Thread(target=_feed, args=(file_store, file_id, path, failures), name="pipe", daemon=True)
    feeder.start()
    try:
        yield path
    finally:
        _let_go(path, feeder)
        os.unlink(path)
    if failures:
        raise failures[0]


def _feed(file_store: AbstractFileStore, file_id: FileID, path: str, failures: list[BaseException]) -> None:
    try:
        # Opening waits for the reader, so that nothing is fetched for one who never comes.
        with open(path, "wb") as pipe, file_store.readGlobalFileStream(file_id) as source:
            local_files.copy_stream(source, pipe)
    except BrokenPipeError:
        pass  # The reader has seen enough.
    except BaseException as error:
        failures.append(error)


def _let_go(path: str, feeder: threading.Thread) -> None:
    """Have the feeder end: come in the place of a reader that never came, and leave at once."""
    while feeder.is_alive():
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
        feeder.join(0.05)
