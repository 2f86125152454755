"""`toil plugins new`: writes a distribution with a plugin that works."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from toil_cli.scaffold.rendering import new_plugin, write


@click.command()
@click.argument("kind")
@click.argument("name")
@click.option(
    "--directory",
    type=click.Path(path_type=Path),
    default=Path(),
    metavar="DIRECTORY",
    help="Where to make the new directory.  [default: here]",
)
def new(kind: str, name: str, directory: Path) -> None:
    """Write a new plugin: a distribution that installs, works as a small example, and passes the contract of its kind.

    KIND is one of batch-system, job-store, provisioner, language, url-scheme, observer, and command. NAME is what users
    will type to choose it.

    \b
    toil plugins new batch-system moon
    toil plugins new job-store moon --directory ~/projects
    """
    plugin = new_plugin(kind, name)
    path = shlex.quote(str(write(plugin, directory)))
    click.echo(f"Wrote {path}. To see it work:")
    for line in (f"pip install -e {path}", f"pytest {path}", f"toil plugins info {name}"):
        click.echo(f"  {line}")
