"""Options as arguments of an `argparse` parser, and a parser that says which option an unknown one may have meant."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from toil_core.options.command_line import CommandLine
from toil_core.options.errors import InvalidOptionError, OptionError, did_you_mean, nearest
from toil_core.options.invocation import current_invocation
from toil_core.options.layers import Layers
from toil_core.options.option import Option
from toil_core.options.rendering import JOB_STORE_HELP, about, by_group, help_text


class ToilArgumentParser(argparse.ArgumentParser):
    """A parser that names the nearest options when it meets one that it does not know.

    In its help, what belongs to the script comes first, and the usage line stands for all of Toil's options in a word.
    """

    def format_usage(self) -> str:
        """Return how the script is called."""
        if self.usage is not None:
            return super().format_usage()
        formatter = self._get_formatter()
        own: list[argparse.Action] = [action for action in self._actions if not isinstance(action, _Take)]
        if len(own) < len(self._actions):
            own.append(argparse.Action([], "toil_options", nargs="?", metavar="TOIL-OPTIONS"))
        formatter.add_usage(None, own, self._mutually_exclusive_groups)
        return formatter.format_help()

    def format_help(self) -> str:
        """Return what `--help` shows."""
        usage, groups = self.usage, self._action_groups
        if usage is None:
            self.usage = self.format_usage().partition(": ")[2].strip().replace("%", "%%")
        self._action_groups = sorted(groups, key=_is_toils)
        try:
            return super().format_help()
        finally:
            self.usage, self._action_groups = usage, groups

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Return the namespace that the arguments make; exit with status 2 if there are any that fit nowhere."""
        found, unknown = self.parse_known_args(args, namespace)
        if unknown:
            self.error(self._about_unknown(unknown))
        return found

    def _about_unknown(self, unknown: Sequence[str]) -> str:
        typed = [word.partition("=")[0] for word in unknown if word.startswith("-")]
        words = [word for one in typed for word in nearest(one, self._option_string_actions)]
        hint = did_you_mean(tuple(dict.fromkeys(words)))
        return f"unrecognized arguments: {' '.join(unknown)}{'. ' if hint else ''}{hint}"


class _Take(argparse.Action):
    """Hands an option that was typed to the `CommandLine`."""

    def __init__(self, *args: Any, option: Option, line: CommandLine, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._option = option
        self._line = line

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, spelling: str | None = None
    ) -> None:
        """Set the option, or end with a message in the parser's own form."""
        try:
            self._line.take(namespace, self._option, None if values == [] else values, spelling or self.dest)
        except InvalidOptionError as error:
            if error.source == spelling:
                raise argparse.ArgumentError(self, error.reason) from None
            raise argparse.ArgumentError(self, str(error)) from None
        except OptionError as error:
            raise argparse.ArgumentError(self, str(error)) from None


def _is_toils(group: argparse._ArgumentGroup) -> bool:
    return any(isinstance(action, _Take) for action in group._group_actions)


def add_options(parser: argparse.ArgumentParser, layers: Layers, extra: tuple[Option, ...]) -> None:
    """Add all options to a parser, under their headings.

    What the parser has an argument for already is the script's own and stays so. A plain `ArgumentParser` becomes a
    `ToilArgumentParser`.

    :param layers: what the options are before the command line is read.
    :param extra: options of plugins.
    """
    if type(parser) is argparse.ArgumentParser:
        # argparse itself leaves no way in to what is said about an unknown option.
        parser.__class__ = ToilArgumentParser
    line = CommandLine(layers, extra)
    for title, options in by_group(extra).items():
        group = parser.add_argument_group(title, about(title) or None)
        for option in options:
            spellings = [one for one in option.spellings if one not in parser._option_string_actions]
            if spellings:
                _add(parser, group, option, spellings, layers, line)


def _add(
    parser: argparse.ArgumentParser,
    group: argparse._ArgumentGroup,
    option: Option,
    spellings: list[str],
    layers: Layers,
    line: CommandLine,
) -> None:
    keywords: dict[str, Any] = {"metavar": option.metavar}
    if option.is_flag:
        keywords = {"nargs": 0}
    elif option.const is not None:
        keywords["nargs"] = "?"
    words = argparse.SUPPRESS if option.hidden else help_text(option).replace("%", "%%")
    default = argparse.SUPPRESS if option.sets else _default(parser, option, layers)
    group.add_argument(
        *spellings, dest=option.target, action=_Take, option=option, line=line, default=default, help=words, **keywords
    )


def _default(parser: argparse.ArgumentParser, option: Option, layers: Layers) -> Any:
    """Return the value before the command line is read; a default that the script set beats only our own default."""
    by_script = parser.get_default(option.name)
    if by_script is None or option.name in layers.above_file | layers.from_file:
        return layers.values[option.name]
    return by_script


def add_job_store(parser: argparse.ArgumentParser, as_flag: bool) -> None:
    """Add the job store to a parser, as its positional argument or as `--jobStore`.

    Under `toil run` it may be left out; if the user named one on that line there is no argument for it any more, so
    that it cannot be mistaken for one of the script's own.
    """
    invocation = current_invocation()
    if as_flag:
        parser.add_argument(
            "--jobStore",
            "--jobstore",
            dest="jobStore",
            metavar="LOCATOR",
            help=JOB_STORE_HELP,
            default=invocation.locator,
            required=invocation.locator is None,
        )
    elif invocation.locator is not None and invocation.locator_is_explicit:
        parser.set_defaults(jobStore=invocation.locator)
    elif invocation.locator is not None:
        parser.add_argument("jobStore", nargs="?", default=invocation.locator, help=JOB_STORE_HELP)
    else:
        parser.add_argument("jobStore", help=JOB_STORE_HELP)
