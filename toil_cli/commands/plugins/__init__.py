"""`toil plugins`: what is installed, what is said of it, new plugins, and whether they do what they have to."""

from __future__ import annotations

import click

from toil_cli.lazy import LazyGroup

_ROOM = "toil_cli.commands.plugins"
_COMMANDS = {
    "list": (f"{_ROOM}.listing:list_plugins", "Show what is installed."),
    "info": (f"{_ROOM}.info:info", "Show all that a plugin says of itself."),
    "new": (f"{_ROOM}.new:new", "Write a new plugin that works, to be changed into yours."),
    "check": (f"{_ROOM}.check:check", "Run the contract that a plugin has to keep."),
}


@click.group(cls=LazyGroup, lazy=_COMMANDS)
def plugins() -> None:
    """Show what is installed: job stores, batch systems, provisioners, languages, URL schemes, commands, observers."""
