"""`toil history`: the runs on this machine, what became of them, and where their job stores are."""

from __future__ import annotations

import os
import shlex
import sys
import time
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

    from toil_core.inspection.runs import Run

_COLOURS = {"running": "cyan", "succeeded": "green", "failed": "red", "interrupted": "yellow", "unknown": ""}


@click.command()
@click.option(
    "-n", "--last", "limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many runs to list."
)
@click.option("--all", "everything", is_flag=True, help="List all runs, those of other machines too.")
@click.option("--running", "only_running", is_flag=True, help="List only runs that have not ended.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
@click.option("--clear", is_flag=True, help="Forget all runs that have ended. Their job stores are left alone.")
def history(limit: int, everything: bool, only_running: bool, as_json: bool, clear: bool) -> None:
    """List the runs on this machine, the latest first: when, how they ended, and where their job stores are.

    Each run leaves a small file under $XDG_STATE_HOME/toil/history, by default in ~/.local/state; the last thousand are
    kept. With --history=false, or TOIL_HISTORY=false, a run leaves none.
    """
    from toil_core.inspection.runs import RunState, read_runs

    if clear:
        _clear()
        return
    runs = [run for run in read_runs() if everything or run.host == os.uname().nodename]
    if only_running:
        runs = [run for run in runs if run.state is RunState.RUNNING]
    if not everything:
        runs = runs[:limit]
    if as_json:
        import json

        click.echo(json.dumps([run.to_dict() for run in runs], indent=2))
        return
    if not runs:
        click.echo("No run is going on." if only_running else "No run has left a note on this machine.")
        return
    if sys.stdout.isatty():
        from rich.console import Console

        _show(Console(), runs)
    else:
        for run in runs:
            click.echo("\t".join(_fields(run)))


def _clear() -> None:
    from toil_core.observe.history import history_dir, prune

    try:
        removed = prune(history_dir(), kept=0, spare=0)
    except FileNotFoundError:
        removed = 0
    click.echo(f"Forgot {removed} {'run' if removed == 1 else 'runs'}.")


def _fields(run: Run) -> list[str]:
    """Return what is told of a run: when, how long, its state, its job store, the command, the error."""
    from toil_core.observe.status import duration
    from toil_core.observe.text import one_line

    took = duration(run.ended - run.started) if run.ended is not None else "-"
    gone = " (deleted)" if run.has_store is False else ""
    started = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.started))
    state = run.state.value + (f" (restart {run.attempt})" if run.attempt else "")
    return [started, took, state, run.locator + gone, one_line(shlex.join(run.command)), one_line(run.error, 120)]


def _show(console: Console, runs: list[Run]) -> None:
    """Print a few lines for each run, which fit terminals of any width."""
    from rich.markup import escape

    for run in runs:
        started, took, state, store, command, error = _fields(run)
        colour = _COLOURS[run.state.value]
        shown = f"[{colour}]{escape(state)}[/{colour}]" if colour else escape(state)
        console.print(f"[bold]{started}[/bold]  {shown}  {took}", highlight=False)
        for line in (command, store, error):
            if line:
                console.print(f"  {escape(line)}", highlight=False, overflow="fold")
