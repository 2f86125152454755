"""Streams of bytes shown as text, for those who ask for an encoding."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any


@contextmanager
def as_text(stream: IO[bytes], encoding: str | None, errors: str | None = None) -> Iterator[IO[Any]]:
    """Show a binary stream as text for the duration of the block; without an encoding, as it is.

    :param encoding: as for `str.encode`, or None.
    :param errors: what to do about what does not fit the encoding, as for `open`.
    """
    if encoding is None:
        yield stream
        return
    text = io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline="")
    try:
        yield text
        if not text.closed and text.writable():
            text.flush()
    finally:
        # Otherwise the wrapper closes the stream when it is forgotten, which only its owner may do.
        _let_go(text)


def _let_go(text: io.TextIOWrapper) -> None:
    try:
        text.detach()
    except ValueError:
        # The user closed it, or the encoder refused what was still to be written, which has been reported.
        return
