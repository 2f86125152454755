"""The code blocks of a page, and what it takes to run them.

A page's blocks run in order in one directory of their own:

- `python` with a first line `# file: NAME` is written to that file; without it, it is a script, run by itself.
- `yaml` and `text` with a first line `# file: NAME` are written to that file; without it, they are left alone.
- `console` is a session in a shell. What follows `$ ` is typed, lines that start with `> ` continue it, and all others
  are what comes out; a line `...` stands for any lines, and `...` within a line for any text. A command has to
  succeed, unless `echo $?` is typed next. Where nothing is shown, whatever comes out is fine.

`<!-- not run: REASON -->` on the line before a block leaves it alone. `<!-- needs the service NAME -->` anywhere in a
page has a service of `tests/services` started before its blocks are run.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.examples.running import environment_in

SECONDS = 300
_BLOCK = re.compile(
    r"^(?:<!-- not run: (?P<reason>.+?) -->\n\n?)?```(?P<language>[\w{}-]+)?\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_FILE = re.compile(r"# file: (\S+)\n")


class Block(NamedTuple):
    """One fenced block.

    :ivar line: where it starts in its page, from 1.
    :ivar reason: why it is not run; empty where it is.
    """

    line: int
    language: str
    text: str
    reason: str


class Command(NamedTuple):
    """What is typed in a session and what the page shows of its output; None where it shows nothing."""

    typed: str
    shown: str | None
    may_fail: bool


class BlockFailed(AssertionError):
    """A block does not do what its page says."""

    def __init__(self, block: Block, problem: str) -> None:
        super().__init__(f"The block at line {block.line}: {problem}")


def blocks_in(page: str) -> Iterator[Block]:
    """Return the fenced blocks of a page in Markdown."""
    for found in _BLOCK.finditer(page):
        line = page.count("\n", 0, found.start("text"))
        yield Block(line, found["language"] or "", found["text"], found["reason"] or "")


def commands_in(session: str) -> list[Command]:
    """Return the commands of a session."""
    typed: list[list[str]] = []
    shown: list[list[str]] = []
    for line in session.splitlines():
        if line.startswith("$ "):
            typed.append([line[2:]])
            shown.append([])
        elif line.startswith("> ") and not shown[-1]:
            typed[-1].append(line[2:])
        else:
            shown[-1].append(line)
    texts = ["\n".join(lines) for lines in typed]
    return [
        Command(text, "\n".join(lines) or None, text_after == "echo $?")
        for text, lines, text_after in zip(texts, shown, [*texts[1:], ""], strict=True)
    ]


def matches(shown: str, output: str) -> bool:
    """Return whether output is what a page shows, with `...` for anything."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "..." else re.escape(line.rstrip()).replace(r"\.\.\.", ".*") + r"[ ]*\n"
        for line in shown.splitlines()
    )
    return re.fullmatch(pattern, output.rstrip("\n") + "\n") is not None


def run_block(block: Block, directory: Path) -> None:
    """Run a block in the directory of its page.

    :raises BlockFailed: if it does not do what the page says.
    """
    name = _FILE.match(block.text)
    if name and block.language in ("python", "yaml", "text"):
        path = directory / name[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text[name.end() :])
    elif block.language == "python":
        script = directory / f"line{block.line}.py"
        script.write_text(block.text)
        status, output = _run(f"python3 {script.name}", directory)
        if status:
            raise BlockFailed(block, f"the script ended with status {status}:\n{output}")
    elif block.language == "console":
        _run_session(block, directory)


def _run_session(block: Block, directory: Path) -> None:
    before = ""
    for command in commands_in(block.text):
        if command.typed == "echo $?":
            status, output = 0, before
        else:
            status, output = _run(command.typed, directory)
        before = f"{status}\n"
        if status and not command.may_fail:
            raise BlockFailed(block, f"'{command.typed}' ended with status {status}:\n{output}")
        if command.shown is not None and not matches(command.shown, output):
            raise BlockFailed(block, f"'{command.typed}' is shown with\n{command.shown}\nbut says\n{output}")


def _run(command: str, directory: Path) -> tuple[int, str]:
    """Run a command in a shell and return its status, and its standard output and error as they came."""
    environment = environment_in(directory)
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stdout
