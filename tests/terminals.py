"""Running a command with standard error on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

SECONDS = 60


class OnTerminal(NamedTuple):
    """What came of a command: its exit status, its standard output, and what the terminal was sent."""

    status: int
    out: str
    shown: str


def run_on_terminal(
    command: Sequence[str], environment: Mapping[str, str] | None = None, directory: Path | None = None
) -> OnTerminal:
    """Run a command to its end.

    :param environment: its variables, by default those of this process.
    :param directory: where it runs, by default here.
    """
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=theirs, env=environment, cwd=directory, text=True
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 1 << 16)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(ours)
    assert process.stdout is not None
    with process.stdout:
        out = process.stdout.read()
    return OnTerminal(process.wait(timeout=SECONDS), out, shown.decode())
