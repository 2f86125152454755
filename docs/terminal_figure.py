"""terminal_figure.py FIGURE DIRECTORY COMMAND…: run commands on a terminal, and draw what stands there at the end.

The figure in the README was made by `make figure`.
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios

from rich.console import Console
from rich.text import Text

COLUMNS, ROWS = 100, 30


def output_of(command: str, directory: str) -> str:
    """Run a command line on a terminal of its own and return all that it wrote."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    environment = {**os.environ, "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}", "TERM": "xterm"}
    process = subprocess.Popen(
        ["bash", "-c", command], stdin=theirs, stdout=theirs, stderr=theirs, cwd=directory, env=environment
    )
    os.close(theirs)
    output = b""
    while True:
        try:
            output += os.read(ours, 1 << 16)
        except OSError:
            break
    process.wait()
    os.close(ours)
    return output.decode()


def last_frames(output: str) -> str:
    """Return each line as it was drawn last."""
    lines = (re.split(r"\x1b\[2K|\r(?!\n|$)", line.rstrip("\r"))[-1] for line in output.split("\n"))
    return re.sub(r"\x1b\[\?25[lh]", "", "\n".join(lines))


def draw(sessions: list[tuple[str, str]], path: str) -> None:
    """Write a figure of a terminal.

    :param sessions: what was typed, and what came out, in their order.
    :param path: where to write it to.
    """
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    for typed, output in sessions:
        console.print(Text(f"$ {typed}", style="bold"))
        shown = last_frames(output).rstrip()
        if shown:
            console.print(Text.from_ansi(shown))
    console.save_svg(path, title="toil")


if __name__ == "__main__":
    figure, directory, *commands = sys.argv[1:]
    draw([(command, output_of(command, directory)) for command in commands], figure)
