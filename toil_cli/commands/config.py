"""`toil config FILE`: a configuration file to start from."""

from __future__ import annotations

import click

from toil_cli.arguments import PATH
from toil_core import plugins


@click.command()
@click.argument("file", type=PATH)
def config(file: str) -> None:
    """Write a YAML file with every option, its meaning and its default, to edit and use with --config FILE.

    \b
    toil config toil.yaml
    toil run sort.py --config toil.yaml
    """
    from toil_core.options.config_file import write_template

    write_template(file, plugins.plugin_options())
    click.echo(f"Wrote {file}.")
