"""Toil's options as click options: declared once as data in `toil_core.options`, rendered here, grouped in help."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from toil_cli.arguments import items
from toil_core import plugins
from toil_core.options import values
from toil_core.options.errors import nearest
from toil_core.options.option import Option
from toil_core.options.rendering import about, by_group, help_text

_DIRECTORIES = ("WORKDIR", "COORDINATION_DIR")
_VALUES = "toil_cli.options"
_ALONE = object()


class ToilOption(click.Option):
    """One of Toil's options. Its value goes to `given_options`, and there only if it was given.

    :param option: what it is.
    """

    def __init__(self, option: Option) -> None:
        settings: dict[str, Any] = {"metavar": option.metavar, "type": click.UNPROCESSED}
        if option.is_flag:
            settings = {"is_flag": True}
        elif option.const is not None:
            settings |= {"is_flag": False, "flag_value": _ALONE}
        if option.repeatable and not option.is_flag:
            settings["multiple"] = True
        super().__init__(
            [*option.spellings, f"toil_{option.name}"],
            help=help_text(option),
            hidden=option.hidden,
            callback=_take,
            expose_value=False,
            default=None,
            **settings,
        )
        self.option = option

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the values that a shell can offer."""
        option = self.option
        if option.parse is values.path:
            return [CompletionItem(incomplete, type="dir" if option.metavar in _DIRECTORIES else "file")]
        if option.name == "batchSystem":
            return items(plugins.names("batch_systems"), incomplete)
        if option.parse is values.log_level:
            return items(values.LEVELS, incomplete)
        if isinstance(option.default, bool) or option.parse is values.flag:
            return items(("true", "false"), incomplete)
        return items(option.choices, incomplete)

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        """Return the value as it was typed; the option itself knows how to read it."""
        return value


class ToilOptionsCommand(click.Command):
    """A command that takes Toil's options beside its own, and shows them in groups."""

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return what a shell can offer, each option with the first sentence of its help."""
        found = super().shell_complete(ctx, incomplete)
        for item in found:
            item.help = item.help and item.help.partition(". ")[0]
        return found

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options for help, those of Toil under the headings that they are declared with."""
        own: list[tuple[str, str]] = []
        grouped: dict[str, list[tuple[str, str]]] = {title: [] for title in by_group()}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is not None and isinstance(param, click.Option):
                under = grouped.setdefault(param.option.group, []) if isinstance(param, ToilOption) else own
                under.append(record)
        for title, records in [*grouped.items(), ("Other Options", own)]:
            with formatter.section(title):
                if about(title):
                    formatter.write_text(about(title))
                    formatter.write_paragraph()
                formatter.write_dl(records, col_max=34)


def click_options(options: Iterable[Option]) -> list[click.Parameter]:
    """Return a click option for each of Toil's options that means something in this run."""
    return [ToilOption(option) for option in options if not option.elsewhere]


def given_options(ctx: click.Context) -> dict[str, Any]:
    """Return the values of Toil's options on this command line, by the attribute of the configuration that they set."""
    found: dict[str, Any] = ctx.meta.setdefault(_VALUES, {})
    return found


def nearest_options(name: str, command: click.Command, ctx: click.Context) -> tuple[str, ...]:
    """Return the options of a command that are spelled like `name`, the likeliest first."""
    return nearest(name, [spelling for param in command.get_params(ctx) for spelling in param.opts])


def _take(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    if not isinstance(param, ToilOption) or param.name is None:
        return
    if ctx.get_parameter_source(param.name) is not ParameterSource.COMMANDLINE or ctx.resilient_parsing:
        return
    option, spelling = param.option, param.option.spellings[0]
    if option.is_flag:
        given_options(ctx)[option.target] = option.flag_value
    else:
        text = option.const if value is _ALONE else list(value) if option.repeatable else value
        given_options(ctx)[option.target] = option.convert(text, spelling)
