"""`toil version`."""

from __future__ import annotations

import click

from toil_core.version import VERSION


@click.command()
def version() -> None:
    """Print the version of Toil."""
    click.echo(f"toil {VERSION}")
