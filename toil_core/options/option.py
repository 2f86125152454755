"""`Option`: one setting that a user can make, as data; and how text or any other value becomes what it holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from toil_core.options import values
from toil_core.options.errors import InvalidOptionError


class Option(NamedTuple):
    """A setting with all that is needed to offer it on a command line, in a file and in the environment.

    :param name: the attribute of `Config`; the command line spells it `--name`.
    :param help: what it does, one or two sentences; the default is added where it is shown.
    :param group: the heading that it is listed under.
    :param default: its value where nobody sets it.
    :param parse: turns what a user typed, or a script set, into the value; raises ValueError with a sentence for the
        user.
    :param metavar: what stands for the value in help; None makes the option a flag that takes no value.
    :param choices: the values that are allowed, where they are known beforehand; the case of letters does not matter.
    :param flags: the spellings on the command line, where they differ from `--name`.
    :param env: the environment variable that sets it, where that is not derived from the name.
    :param const: the value that the option stands for when it is given without one; an option with a `metavar` and a
        `const` may be given either way.
    :param repeatable: whether it may be given several times; its value is then a list.
    :param plugin: the plugin that it belongs to, empty for the core.
    :param hidden: whether it is left out of `--help` (old spellings, expert settings).
    :param sets: the name of the option whose value this one is a short way to set to `const`.
    :param aliases: other attribute names under which scripts may set it.
    :param default_text: how the default is described, where the value itself says little.
    :param per_run: whether it is about one run only, so that neither the environment nor a file can set it.
    :param per_machine: whether each machine reads the environment variable for itself, so that the leader's does not
        travel to the workers.
    :param elsewhere: whether it means nothing in this run, so that no command line offers it; files that serve many
        runs may name it all the same.
    """

    name: str
    help: str
    group: str
    default: Any = None
    parse: Callable[[Any], Any] = str
    metavar: str | None = "VALUE"
    choices: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    env: str = ""
    const: Any = None
    repeatable: bool = False
    plugin: str = ""
    hidden: bool = False
    sets: str = ""
    aliases: tuple[str, ...] = ()
    default_text: str = ""
    per_run: bool = False
    per_machine: bool = False
    elsewhere: bool = False

    @property
    def spellings(self) -> tuple[str, ...]:
        """How the option is written on a command line."""
        return self.flags or (f"--{self.name}",)

    @property
    def target(self) -> str:
        """The attribute that the option sets."""
        return self.sets or self.name

    @property
    def is_flag(self) -> bool:
        """Whether the option never takes a value on the command line."""
        return self.metavar is None

    @property
    def flag_value(self) -> Any:
        """What the option sets when it is given without a value."""
        return True if self.const is None else self.const

    @property
    def variable(self) -> str:
        """The environment variable that sets the option, or empty if none does."""
        if self.env or self.per_run or self.sets:
            return self.env
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self.name)
        return f"TOIL_{words.upper()}"

    @property
    def shown_default(self) -> str:
        """The default in words, or empty if there is none worth showing."""
        if self.default_text:
            return self.default_text
        if self.default is None or self.default == [] or self.is_flag:
            return ""
        return str(self.default).lower() if isinstance(self.default, bool) else str(self.default)

    def convert(self, value: Any, source: str = "") -> Any:
        """Return the value that something typed in a shell or a file, or set by a script, stands for.

        None stands for the default.

        :param source: where the value comes from, for the message: `--name`, a file and line, a variable.
        :raises InvalidOptionError: if it stands for none.
        """
        if value is None:
            return list(self.default) if isinstance(self.default, list) else self.default
        try:
            if self.repeatable and isinstance(value, (list, tuple)):
                return [self._parse(item) for item in value]
            if self.repeatable and isinstance(value, dict):
                return [self._parse(f"{key}={item}") for key, item in value.items()]
            return [self._parse(value)] if self.repeatable else self._parse(value)
        except (ValueError, TypeError, OverflowError) as error:
            reason = getattr(error, "message", None) or str(error)
            raise InvalidOptionError(source or self.spellings[0], value, reason) from None

    def _parse(self, value: Any) -> Any:
        if self.is_flag:
            return values.flag(value)
        return values.choice(value, self.choices) if self.choices else self.parse(value)
