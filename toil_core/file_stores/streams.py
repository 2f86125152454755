"""`WriteWatchingStream`: what a job writes a stored file through."""

from __future__ import annotations

import io
from typing import IO, Any

from toil_core.file_stores.errors import raise_if_full


class WriteWatchingStream(io.BufferedIOBase):
    """A stream to the job store that explains what to do when there is no room left for what is written.

    :param stream: the stream to write to, which is not closed with this one.
    :param place: the job store that the bytes go to, for people.
    """

    def __init__(self, stream: IO[bytes], place: str) -> None:
        super().__init__()
        self._stream = stream
        self._place = place

    def writable(self) -> bool:
        """Return True: that is what the stream is for."""
        return True

    def write(self, data: Any) -> int:
        """Write bytes.

        :returns: how many there were.
        :raises DiskFullError: if there is no room for them.
        """
        try:
            return self._stream.write(data)
        except OSError as error:
            raise_if_full(error, "write a file", self._place)
            raise

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
        """Go to another position in the stream."""
        return self._stream.seek(offset, whence)

    def fileno(self) -> int:
        """Return the descriptor below, so that other processes can write to it too."""
        self._stream.flush()
        return self._stream.fileno()
