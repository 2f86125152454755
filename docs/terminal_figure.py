"""terminal_figure.py FIGURE DIRECTORY COMMAND…: run a command on a terminal, and draw what stands there at its end.

The figure in the README was made by `make figure`.
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import termios

from rich.console import Console
from rich.text import Text

COLUMNS, ROWS = 100, 30


def output_of(command: list[str], directory: str) -> str:
    """Run a command on a terminal of its own and return all that it wrote."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, cwd=directory)
    os.close(theirs)
    output = b""
    while True:
        try:
            output += os.read(ours, 1 << 16)
        except OSError:
            break
    if process.wait():
        raise SystemExit(f"{shlex.join(command)} failed:\n{output.decode()}")
    return output.decode()


def last_frames(output: str) -> str:
    """Return each line as it was drawn last."""
    lines = (re.split(r"\x1b\[2K|\r(?!\n|$)", line.rstrip("\r"))[-1] for line in output.split("\n"))
    return re.sub(r"\x1b\[\?25[lh]", "", "\n".join(lines))


def draw(typed: str, output: str, path: str) -> None:
    """Write a figure of a terminal in which something was typed and this came out."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text(f"$ {typed}", style="bold"))
    console.print(Text.from_ansi(last_frames(output).rstrip()))
    console.save_svg(path, title="toil")


if __name__ == "__main__":
    figure, directory, *command = sys.argv[1:]
    typed = shlex.join([os.path.basename(command[0]), *command[1:]])
    draw(typed, output_of(command, directory), figure)
