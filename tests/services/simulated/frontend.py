"""What all front ends share: a call of a command, its result, and the base of the front ends."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from .engine import Engine


class Result(NamedTuple):
    """What a command prints, and its exit status."""

    status: int = 0
    out: str = ""
    err: str = ""


class Failed(Exception):
    """A command gives up, with a message for standard error."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.result = Result(status, "", message + "\n")


@dataclass(frozen=True)
class Call:
    """One call of a command: where, by whom and with what."""

    command: str
    arguments: list[str]
    environment: Mapping[str, str]
    directory: str
    uid: int
    read_input: Callable[[], str]

    @property
    def user(self) -> str:
        """The name of who called."""
        return pwd.getpwuid(self.uid).pw_name

    def path(self, name: str) -> str:
        """A file as the caller means it."""
        return os.path.normpath(os.path.join(self.directory, name))

    def read(self, name: str) -> str:
        """The text of a file.

        :raises OSError: it cannot be read.
        """
        return Path(self.path(name)).read_text(errors="surrogateescape")


Command = Callable[[Call], Result]


class FrontEnd:
    """The commands of one scheduler over an engine.

    :param run: a directory for what the scheduler keeps of jobs, such as their scripts.
    """

    keep = 300.0
    """For how many seconds the queue shows tasks that have ended."""

    numbers_elements = False
    """Whether elements of arrays get numbers of their own."""

    def __init__(self, engine: Engine, run: Path) -> None:
        self.engine = engine
        self.run = run

    def commands(self) -> dict[str, Command]:
        """The commands by their names."""
        raise NotImplementedError

    def unreachable(self, call: Call) -> Result:
        """What a command answers when the scheduler is down."""
        raise NotImplementedError

    def variables(self) -> dict[str, str]:
        """What the environment of a user of this scheduler holds beside PATH."""
        return {}

    def spooled(self, text: str) -> str:
        """Keep a script, and give its path."""
        path = self.run / f"script-{os.urandom(8).hex()}"
        path.write_text(text, errors="surrogateescape")
        path.chmod(0o755)
        return str(path)
