"""Who wins: the command line over the environment, that over the configuration file, that over the default."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from toil_core.options.catalogue import settings
from toil_core.options.config_file import load
from toil_core.options.invocation import current_invocation
from toil_core.options.option import Option


class Layers(NamedTuple):
    """What options are before anything is read from a script's own command line.

    :ivar values: the value of every option, by name.
    :ivar above_file: the options whose value comes from above the configuration file.
    :ivar from_file: the options whose value comes from the configuration file.
    """

    values: dict[str, Any]
    above_file: frozenset[str]
    from_file: frozenset[str]


def resolve(given: Mapping[str, Any], extra: Iterable[Option] = ()) -> dict[str, Any]:
    """Return the value of every option where a command line gives these.

    :param given: what the command line gives, by option name; `config` names the configuration file.
    :param extra: options of plugins.
    :raises OptionError: if a value is not one that its option can take, or the file cannot be used.
    """
    options = settings(extra)
    typed = {name: options[name].convert(value) for name, value in given.items() if name in options}
    return _stack(options, typed).values


def below_command_line(extra: Iterable[Option] = ()) -> Layers:
    """Return what the environment, the configuration file that it names, `toil run` and the defaults make of options.

    :param extra: options of plugins.
    :raises OptionError: if a value is not one that its option can take, or the file cannot be used.
    """
    options = settings(extra)
    given = current_invocation().values
    return _stack(options, {name: options[name].convert(value) for name, value in given.items() if name in options})


def _stack(options: Mapping[str, Option], typed: Mapping[str, Any]) -> Layers:
    variables = from_environment(options)
    path = typed.get("config") or variables.get("config")
    above = frozenset((*variables, *typed))
    in_file = {name: value for name, value in (load(path, options) if path else {}).items() if name not in above}
    values = {name: option.convert(None) for name, option in options.items()}
    return Layers({**values, **in_file, **variables, **typed}, above, frozenset(in_file))


def from_environment(options: Mapping[str, Option]) -> dict[str, Any]:
    """Return the values of the options that environment variables set, by name.

    Where each machine reads the variable for itself the value is the default: the variable only bars the file.

    :raises InvalidOptionError: if a variable's value is not one that its option can take.
    """
    found = {}
    for name, option in options.items():
        text = os.environ.get(option.variable, "") if option.variable else ""
        if not text:
            continue
        typed: Any = shlex.split(text) if option.repeatable else text
        value = option.convert(typed, f"environment variable {option.variable}")
        found[name] = option.convert(None) if option.per_machine else value
    return found
