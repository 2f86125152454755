"""`Option`: one setting that a user can make, as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Option:
    """A setting with all that is needed to offer it on a command line, in a file and in the environment.

    :param name: the attribute of `Config`; the command line spells it `--name`.
    :param help: what it does, one or two sentences; the default is added where it is shown.
    :param group: the heading that it is listed under.
    :param default: its value where nobody sets it.
    :param parse: turns the text that a user typed into the value; raises ValueError with a sentence for the user.
    :param metavar: what stands for the value in help; None makes the option a flag that takes no value.
    :param choices: the values that are allowed, where they are known beforehand.
    :param flags: the spellings on the command line, where they differ from `--name`.
    :param env: the environment variable that sets it.
    :param const: the value that the option stands for when it is given without one.
    :param repeatable: whether it may be given several times; its value is then a list.
    :param plugin: the plugin that it belongs to, empty for the core.
    :param hidden: whether it is left out of `--help` (old spellings, expert settings).
    """

    name: str
    help: str
    group: str
    default: Any = None
    parse: Callable[[str], Any] = str
    metavar: str | None = "VALUE"
    choices: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    env: str = ""
    const: Any = None
    repeatable: bool = False
    plugin: str = ""
    hidden: bool = False

    @property
    def spellings(self) -> tuple[str, ...]:
        """How the option is written on a command line."""
        return self.flags or (f"--{self.name}",)
