"""What `toil run`, or the command of a workflow language, was told, for the parsers and options of what it runs.

A script that is run directly finds nothing here. One that `toil run` runs in its own process finds the options and the
job store of that command line: they stand above the environment and below what the script itself sets.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any, NamedTuple


class Invocation(NamedTuple):
    """The Toil part of a `toil run` command line.

    :ivar values: the options given there, by attribute name; those left out are not in it.
    :ivar locator: the job store, or None where the script has to name it.
    :ivar locator_is_explicit: whether the user named the job store, so that it beats the one that the script names.
    :ivar to_continue: the command line that continues this run with its job store, as typed in a shell.
    :ivar language: the language of the workflow, where it is one whose options are its own; empty for Python.
    """

    values: Mapping[str, Any] = {}
    locator: str | None = None
    locator_is_explicit: bool = False
    to_continue: str = ""
    language: str = ""

    def job_store(self, named_by_script: str | None) -> str | None:
        """Return the job store to use where the script names this one, or none."""
        if self.locator_is_explicit or named_by_script is None:
            return self.locator
        return named_by_script


_NOTHING = Invocation()
_current = _NOTHING


def set_invocation(
    values: Mapping[str, Any],
    locator: str | None,
    locator_is_explicit: bool,
    to_continue: str = "",
    language: str = "",
) -> None:
    """Make options and a job store known to the parsers of a script that is about to be run in this process.

    :param values: options by attribute name, as typed or already converted; only those that the user gave.
    :param locator: the job store, or None.
    :param locator_is_explicit: whether the user named the job store.
    :param to_continue: the command line that continues the run.
    :param language: the language of the workflow; empty for Python.
    """
    global _current
    _current = Invocation(dict(values), locator, locator_is_explicit, to_continue, language)


def clear_invocation() -> None:
    """Forget what `set_invocation` made known."""
    global _current
    _current = _NOTHING


def current_invocation() -> Invocation:
    """Return what `toil run` was told, or an empty invocation."""
    return _current


def ways_on(locator: str, to_continue: str = "To continue") -> str:
    """Return what to type to continue a run that stopped, and to give it up, in lines.

    :param locator: the run's job store.
    :param to_continue: what comes before the way to continue.
    """
    is_told = _current.locator_is_explicit or _current.locator == locator
    typed = _current.to_continue if is_told else ""
    way = f":\n  {typed}" if typed else ": run the same command with --restart."
    return f"{to_continue}{way}\nTo give up and remove the job store:\n  toil clean {shlex.quote(locator)}"
