"""Streams between a job and the job store: counting what is written, and turning text into bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, cast

from toil_core.file_stores.errors import raise_if_full


class WriteWatchingStream(io.BufferedIOBase):
    """A stream that knows how many bytes were written through it.

    :param stream: the stream to write to, which is not closed with this one.
    :param place: the job store that the bytes go to, for people.
    """

    def __init__(self, stream: IO[bytes], place: str) -> None:
        super().__init__()
        self._stream = stream
        self._place = place
        self._written = 0
        self._all_seen = True

    @property
    def written(self) -> int | None:
        """Bytes written so far, or None if some may have gone another way."""
        return self._written if self._all_seen else None

    def writable(self) -> bool:
        """Return True: that is what the stream is for."""
        return True

    def write(self, data: Any) -> int:
        """Write bytes.

        :returns: how many there were.
        :raises DiskFullError: if there is no room for them.
        """
        try:
            self._stream.write(data)
        except OSError as error:
            raise_if_full(error, "write a file", self._place)
            raise
        count = len(data) if isinstance(data, bytes) else memoryview(data).nbytes
        self._written += count
        return count

    def flush(self) -> None:
        """Pass on what is buffered.

        :raises DiskFullError: if there is no room for it.
        """
        if self.closed:
            return
        try:
            self._stream.flush()
        except OSError as error:
            raise_if_full(error, "write a file", self._place)
            raise

    def tell(self) -> int:
        """Return the position in the stream."""
        return self._stream.tell()

    def seekable(self) -> bool:
        """Return whether one can go back in the stream."""
        return self._stream.seekable()

    def seek(self, offset: int, whence: int = 0) -> int:
        """Go to another position in the stream; its length then has to be looked up."""
        self._all_seen = False
        return self._stream.seek(offset, whence)

    def fileno(self) -> int:
        """Return the descriptor below, so that other processes can write to it too."""
        descriptor = self._stream.fileno()
        self._stream.flush()
        self._all_seen = False
        return descriptor


@contextmanager
def as_text(stream: io.BufferedIOBase, encoding: str | None, errors: str | None) -> Iterator[IO[Any]]:
    """Yield a binary stream as it is, or a text stream that writes to it, which is flushed at the end and
    may be closed before.

    :param encoding: the encoding of the text, or None for the binary stream.
    :param errors: what to do about characters that the encoding lacks, as for `open`.
    """
    if encoding is None:
        yield cast("IO[bytes]", stream)
        return
    text = io.TextIOWrapper(cast("IO[bytes]", stream), encoding=encoding, errors=errors)
    try:
        yield text
    finally:
        if not text.closed:
            text.detach()
