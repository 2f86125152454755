"""Text from elsewhere (jobs' output, exceptions, names) made safe for terminals and log files."""

from __future__ import annotations

import re

#: Sequences that move the cursor, colour text or set a terminal's title, and lone control characters. Compiled when a
#: text is there, so that a run that shows none does not pay for it.
_CONTROL = r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]|[\x00-\x08\x0b-\x1f\x7f-\x9f]"


def plain(text: str | bytes) -> str:
    """Return text with bytes that are not UTF-8 replaced, and without anything that a terminal would act on.

    Line ends and tabs stay; of a line that was drawn over by means of carriage returns, the last state stays.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", errors="replace")
    if "\r" in text:
        text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return re.sub(_CONTROL, "", text)


def one_line(text: str | bytes, limit: int = 300) -> str:
    """Return text on one line, at most `limit` characters of it."""
    line = " ".join(plain(text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def tail(text: str, lines: int) -> tuple[str, int]:
    """Return the last lines of a text, without blank ones around them, and how many were left out before them."""
    every = text.strip("\n").rstrip().split("\n")
    left_out = max(0, len(every) - lines)
    return "\n".join(every[left_out:]), left_out
