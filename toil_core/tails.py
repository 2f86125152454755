"""The end of a file, for messages that quote what a program wrote last."""

from __future__ import annotations

import os


def end_of(path: str, most: int) -> bytes:
    """Return the end of a file; nothing if it cannot be read.

    :param most: how many bytes to return at most.
    """
    try:
        with open(path, "rb") as stream:
            stream.seek(max(0, os.fstat(stream.fileno()).st_size - most))
            return stream.read()
    except OSError:
        return b""
