"""How single values are understood: numbers with bounds, sizes, flags, choices, paths, `NAME=VALUE`.

Each function takes what a user typed or a script set, returns the value, and raises ValueError with a sentence for the
user when it is none.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from typing import Any

from toil_core.options.errors import did_you_mean, nearest
from toil_core.units import human2bytes, seconds_of

_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")
_LEVELS = {"OFF": "CRITICAL", "WARN": "WARNING"}
#: The levels of logging, under all their names.
LEVELS = ("OFF", "CRITICAL", "ERROR", "WARN", "WARNING", "INFO", "DEBUG")


def flag(value: Any) -> bool:
    """Return true or false from a bool or from a word such as `true`, `yes`, `0`, in any case."""
    word = str(value).strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise ValueError(f"'{value}' is neither true nor false.")


def choice(value: Any, choices: tuple[str, ...]) -> str:
    """Return the choice that the value names; the case of letters does not matter."""
    for one in choices:
        if str(value).strip().lower() == one.lower():
            return one
    hint = did_you_mean(nearest(str(value), choices))
    raise ValueError(f"'{value}' is not one of {', '.join(choices)}.{' ' if hint else ''}{hint}")


def log_level(value: Any) -> str:
    """Return the logging module's name of a level; a level given by its number in that module is known too."""
    if isinstance(value, int) and not isinstance(value, bool):
        import logging

        value = logging.getLevelName(value)
    name = choice(value, LEVELS)
    return _LEVELS.get(name, name)


def integer(value: Any, least: int | None = None) -> int:
    """Return a whole number, at least `least`."""
    try:
        number = int(value) if not isinstance(value, float) or value.is_integer() else int(str(value))
    except (ValueError, TypeError, OverflowError):
        raise ValueError(f"'{value}' is not a whole number.") from None
    if least is not None and number < least:
        raise ValueError(f"{number} is too small; the least is {least}.")
    return number


def number(value: Any, least: float = 0.0, most: float = math.inf, above: bool = False) -> float:
    """Return a number from `least` to `most`; whole ones stay whole.

    :param above: whether the number must be greater than `least`.
    """
    try:
        found = float(value)
    except (ValueError, TypeError):
        raise ValueError(f"'{value}' is not a number.") from None
    if not math.isfinite(found) or not least <= found <= most or (above and found == least):
        bound = f"more than {least:g}" if above else f"at least {least:g}"
        limit = "" if most == math.inf else f" and at most {most:g}"
        raise ValueError(f"'{value}' is out of range; it must be {bound}{limit}.")
    return int(value if isinstance(value, int) else found) if found.is_integer() else found


def seconds(value: Any) -> float:
    """Return the seconds that a time stands for."""
    return seconds_of(value)


def at_least(least: int) -> Callable[[Any], int]:
    """Return a parser of whole numbers that are not below `least`."""
    return lambda value: integer(value, least)


def between(least: float, most: float = math.inf) -> Callable[[Any], float]:
    """Return a parser of numbers within bounds."""
    return lambda value: number(value, least, most)


def positive(value: Any) -> float:
    """Return a number greater than zero."""
    return number(value, above=True)


def size(value: Any) -> int:
    """Return a number of bytes, not negative."""
    found = signed_size(value)
    if found < 0:
        raise ValueError(f"'{value}' is negative; a size cannot be.")
    return found


def signed_size(value: Any) -> int:
    """Return a number of bytes that may be negative."""
    if isinstance(value, bool):
        raise TypeError(f"'{value}' is not a size.")
    if isinstance(value, str) and value.strip().startswith("-"):
        return -human2bytes(value.strip()[1:])
    return human2bytes(value)


def cores(value: Any) -> float:
    """Return a number of cores; a fraction is kept, a whole number stays an int, suffixes such as K are known."""
    from toil_core.jobs.requirements import parse_cores

    return parse_cores(value)


def accelerators(value: Any) -> list[dict[str, Any]]:
    """Return a list of accelerator requirements."""
    from toil_core.jobs.requirements import parse_accelerators

    return [dict(one) for one in parse_accelerators(value)]


def path(value: Any) -> str:
    """Return an absolute path; `~` stands for the home directory."""
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{value!r} is not a path.")
    text = str(os.fspath(value))
    if not text:
        raise ValueError("the path is empty.")
    return os.path.abspath(os.path.expanduser(text))


def batch_system(value: Any) -> str:
    """Return the name of a batch system; whether there is one of that name is for the plugins to say."""
    return "single_machine" if str(value).lower() in ("single_machine", "singlemachine", "single") else str(value)


def assignment(value: Any) -> str:
    """Return `NAME=VALUE`, or `NAME` for a variable whose value is that of the current environment."""
    text = str(value)
    name, equals, _ = text.partition("=")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ValueError(f"'{text}' does not start with the name of a variable; write NAME=VALUE or NAME.")
    if not equals and name not in os.environ:
        raise ValueError(f"{name} has no value here; set it in the environment first, or write {name}=VALUE.")
    return text
