"""What can be wrong with a setting; all of it is the user's to mend."""

from __future__ import annotations

from collections.abc import Iterable

from toil_core.errors import UserError


class OptionError(UserError):
    """A setting that cannot be used as it was given."""


class InvalidOptionError(OptionError, ValueError):
    """A value that an option cannot take.

    :param source: where the value was given: the option, the file and line, or the environment variable.
    :param value: the value.
    :param reason: what is wrong with it, as a sentence.
    """

    def __init__(self, source: str, value: object, reason: str) -> None:
        super().__init__(f"{source}: {reason}")
        self.source = source
        self.value = value
        self.reason = reason


class UnknownOptionError(OptionError):
    """An option that nothing here has.

    :param name: what was typed.
    :param known: the options that there are.
    :param source: where it was typed.
    """

    def __init__(self, name: str, known: Iterable[str], source: str = "") -> None:
        self.name = name
        self.nearest = nearest(name, known)
        where = f"{source}: " if source else ""
        super().__init__(f"{where}there is no option {name}.", did_you_mean(self.nearest))


class ContradictingOptionsError(OptionError):
    """Options that cannot be used together.

    :param first: one of them, as on the command line.
    :param second: the other.
    """

    def __init__(self, first: str, second: str, reason: str) -> None:
        super().__init__(f"{first} cannot be used with {second}: {reason}")
        self.first = first
        self.second = second


class MissingDirectoryError(OptionError):
    """A directory that an option names and that is not there.

    :param option: the option, as on the command line.
    :param path: the directory.
    """

    def __init__(self, option: str, path: str) -> None:
        super().__init__(f"{option}: {path} is not a directory.", "Create it, or name another one.")
        self.option = option
        self.path = path


class ConfigFileError(OptionError):
    """A configuration file that cannot be read or written, or says something that cannot be understood.

    :param path: the file.
    :param reason: what is wrong, as a sentence.
    :param line: the line, counted from 1, where that is known.
    """

    def __init__(self, path: str, reason: str, line: int | None = None, hint: str = "") -> None:
        super().__init__(f"{path}{'' if line is None else f', line {line}'}: {reason}", hint)
        self.path = path
        self.line = line
        self.reason = reason


def nearest(word: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the known words, at most three, that somebody who wrote `word` may have meant, the likeliest first."""
    from difflib import get_close_matches

    by_folded = {item.lower(): item for item in known}
    return tuple(by_folded[found] for found in get_close_matches(word.lower(), by_folded, n=3, cutoff=0.6))


def did_you_mean(words: tuple[str, ...]) -> str:
    """Return a question that offers the words, or nothing if there are none."""
    return f"Did you mean {' or '.join(words)}?" if words else ""
