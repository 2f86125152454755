"""Options for an `optparse` parser, for scripts from before `argparse`. The job store is `--jobStore` there."""

from __future__ import annotations

import optparse
from typing import Any

from toil_core.options.command_line import CommandLine
from toil_core.options.errors import InvalidOptionError, OptionError
from toil_core.options.invocation import current_invocation
from toil_core.options.layers import Layers
from toil_core.options.option import Option
from toil_core.options.rendering import JOB_STORE_HELP, about, by_group, help_text


def add_options(parser: optparse.OptionParser, layers: Layers, extra: tuple[Option, ...]) -> None:
    """Add all options to a parser, under their headings.

    What the parser has an option for already is the script's own and stays so. An option whose value is optional
    elsewhere needs it here.

    :param layers: what the options are before the command line is read.
    :param extra: options of plugins.
    """
    line = CommandLine(layers, extra)
    by_script = dict(parser.defaults)
    for title, options in by_group(extra).items():
        group = optparse.OptionGroup(parser, title, about(title) or None)
        for option in options:
            spellings = [one for one in option.spellings if not parser.has_option(one)]
            if spellings:
                _add(group, option, spellings, line)
        parser.add_option_group(group)
    chosen = layers.above_file | layers.from_file
    kept = {name: value for name, value in by_script.items() if value is not None and name not in chosen}
    parser.set_defaults(**{**layers.values, **kept})


def _add(group: optparse.OptionGroup, option: Option, spellings: list[str], line: CommandLine) -> None:
    keywords: dict[str, Any] = {} if option.is_flag else {"type": "string", "metavar": option.metavar}
    group.add_option(
        *spellings,
        dest=option.target,
        action="callback",
        callback=_take,
        callback_args=(option, line),
        help=optparse.SUPPRESS_HELP if option.hidden else help_text(option),
        **keywords,
    )


def _take(
    _: optparse.Option, spelling: str, value: Any, parser: optparse.OptionParser, option: Option, line: CommandLine
) -> None:
    try:
        line.take(parser.values, option, value, spelling)
    except InvalidOptionError as error:
        raise optparse.OptionValueError(str(error)) from None
    except OptionError as error:
        raise optparse.OptionValueError(f"{spelling}: {error}") from None


def add_job_store(parser: optparse.OptionParser) -> None:
    """Add the job store to a parser, as `--jobStore`."""
    parser.add_option("--jobStore", dest="jobStore", metavar="LOCATOR", help=JOB_STORE_HELP)
    parser.set_defaults(jobStore=current_invocation().locator)
