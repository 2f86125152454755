"""Where what a command makes goes: a file, whole or not at all, or standard output."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable

from toil_core.errors import UserError


def write_text(text: str, path: str | None) -> None:
    """Write text to a file, replacing what is there once all is written, or to standard output.

    :param path: the file; None and `-` mean standard output.
    :raises UserError: if the file cannot be written.
    """
    if path is None or path == "-":
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        return
    partial = f"{path}.partial-{os.getpid()}"
    try:
        with open(partial, "w", encoding="utf-8", errors="replace") as stream:
            stream.write(text)
        os.replace(partial, path)
    except OSError as error:
        if os.path.lexists(partial):
            os.unlink(partial)
        raise UserError(f"'{path}' cannot be written: {error.strerror or error}.", "Name another file.") from error


def printable(text: str) -> str:
    """Return text, such as the name of a file, on one line and without what a terminal would act on or cannot show."""
    from toil_core.observe.text import one_line

    return one_line(text.encode("utf-8", "surrogateescape"), limit=4096)


def paragraphs(texts: Iterable[str]) -> str:
    """Return paragraphs broken into lines that fit the terminal; lines that begin with spaces are left as they are."""
    width = max(20, min(shutil.get_terminal_size((100, 24)).columns, 100))
    return "\n\n".join("\n".join(_broken(line, width) for line in text.split("\n")) for text in texts)


def _broken(line: str, width: int) -> str:
    if line.startswith("  ") and not line.startswith("  - "):
        return line
    indent = "    " if line.startswith("  - ") else ""
    return textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
