"""A click group that knows its subcommands by name and summary, and imports one when it is run or asked for help."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any, cast

import click


class LazyGroup(click.Group):
    """A group of commands that are named here and live elsewhere.

    :param lazy: for each command's name, where it is (`"package.module:attribute"`) and its summary.
    """

    def __init__(self, *arguments: Any, lazy: Mapping[str, tuple[str, str]], **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.lazy = lazy

    def summaries(self) -> dict[str, str]:
        """Return the names of all commands with what they do."""
        return {name: summary for name, (_, summary) in self.lazy.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, in the order that help shows them in."""
        return list(self.summaries())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command, or return None if there is none of that name."""
        if cmd_name not in self.lazy:
            return None
        module, _, attribute = self.lazy[cmd_name][0].partition(":")
        return cast(click.Command, getattr(import_module(module), attribute))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands for help, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.summaries().items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first argument names.

        :raises click.UsageError: if there is none; names the nearest.
        """
        name = args[0]
        command = self.get_command(ctx, name)
        if command is None:
            if name.startswith("-"):
                raise click.NoSuchOption(name, ctx=ctx)
            raise click.UsageError(self.unknown(name), ctx)
        return name, command, args[1:]

    def unknown(self, name: str) -> str:
        """Return what to tell someone who typed a command that does not exist."""
        nearest = get_close_matches(name, self.summaries(), n=3)
        hint = f"Did you mean {' or '.join(repr(one) for one in nearest)}?" if nearest else "See the list of commands."
        return f"There is no command '{name}'. {hint}"
