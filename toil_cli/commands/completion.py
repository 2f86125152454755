"""`toil completion SHELL`: the script with which a shell completes `toil` commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

_HOW = {
    "bash": 'eval "$(toil completion bash)"     in ~/.bashrc',
    "zsh": 'eval "$(toil completion zsh)"      in ~/.zshrc',
    "fish": "toil completion fish | source      in ~/.config/fish/config.fish",
}


@click.command(epilog="\b\n" + "\n".join(_HOW.values()))
@click.argument("shell", type=click.Choice(list(_HOW)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete toil's commands and options. To have it in every session, write:"""
    complete = get_completion_class(shell)
    if complete is None:
        raise click.UsageError(f"There is no completion for {shell}.", ctx)
    click.echo(complete(ctx.find_root().command, {}, "toil", "_TOIL_COMPLETE").source())
