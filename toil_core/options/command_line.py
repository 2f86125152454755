"""Taking options from a command line, one after another, into the namespace of whichever parser reads it."""

from __future__ import annotations

from typing import Any

from toil_core.options.catalogue import settings
from toil_core.options.config_file import load
from toil_core.options.layers import Layers
from toil_core.options.option import Option


class CommandLine:
    """Sets options in a parser's namespace and remembers which ones were typed, so that a file cannot undo them.

    :param layers: what the options are before the command line is read.
    :param extra: options of plugins.
    """

    def __init__(self, layers: Layers, extra: tuple[Option, ...]) -> None:
        self._above_file = layers.above_file
        self._options = settings(extra)
        self._namespace: Any = None
        self._typed: set[str] = set()

    def take(self, namespace: Any, option: Option, value: Any, spelling: str) -> None:
        """Set an option that was typed.

        :param namespace: where the parser collects values; a new one starts a new command line.
        :param value: what was typed after it, or None if nothing was.
        :param spelling: how the option was spelled.
        :raises OptionError: if the value, or the configuration file that it names, cannot be used.
        """
        if namespace is not self._namespace:
            self._namespace, self._typed = namespace, set()
        target = option.target
        if value is not None:
            value = option.convert(value, spelling)
        else:
            value = option.flag_value if option.is_flag else option.convert(option.const, spelling)
        if option.repeatable and target in self._typed:
            value = [*getattr(namespace, target), *value]
        self._typed.add(target)
        setattr(namespace, target, value)
        if target == "config":
            self._read_file(namespace, value)

    def _read_file(self, namespace: Any, path: str) -> None:
        for name, value in load(path, self._options).items():
            if name not in self._typed and name not in self._above_file:
                setattr(namespace, name, value)
