"""`toil debug-job JOBSTORE JOB`: one job run again, here, with the job store left as it is."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import click

from toil_cli.arguments import JOB_STORE, PATH

if TYPE_CHECKING:
    from toil_core.debugging import DebugOutcome, DebugRun

#: How many files are listed.
_FILES = 20


@click.command("debug-job")
@click.argument("jobstore", type=JOB_STORE)
@click.argument("job")
@click.option(
    "--directory", type=PATH, metavar="DIRECTORY", help="Where to put all that comes of it; default: debug-ID."
)
@click.option("--debugger", is_flag=True, help="Run it under Python's debugger, on this terminal.")
@click.option("--prepare", is_flag=True, help="Lay out a step's inputs and its command, and do not run it.")
@click.option("--shell", is_flag=True, help="Lay it out likewise, and start a shell there.")
def debug_job(jobstore: str, job: str, directory: str | None, debugger: bool, prepare: bool, shell: bool) -> int:
    """Run JOB, of the workflow in JOBSTORE, once more in this process, with its input files.

    JOB is the name of a job or its ID. Nothing in the job store changes: what the job writes, its temporary files and
    its output stay in a directory. The exit status is 1 if the job fails.

    A step of a workflow in a language such as CWL or WDL runs a command; it can be laid out for you to run that command
    yourself, in the step's directory and with its inputs.

    \b
    toil debug-job file:store merge
    toil debug-job file:store 3kf82h-4 --debugger
    toil debug-job file:store main.align --shell
    """
    from toil_cli.stores import open_job_store
    from toil_core.debugging import DebugRun
    from toil_core.inspection.explain import name_of
    from toil_core.inspection.finding import find_job
    from toil_core.inspection.reading import read_workflow

    view = read_workflow(open_job_store(jobstore))
    found = find_job(view, job)
    where = _usable(directory) if directory else _free_name(f"debug-{found.id}")
    run = DebugRun(view, found, where)
    if prepare or shell:
        return _by_hand(run, name_of(found), shell=shell)
    click.echo(f"Running {name_of(found)} in {run.directory}", err=True)
    outcome = run.run(debugger=debugger)
    _tell(outcome, name_of(found))
    return 0 if outcome.error is None else 1


def _by_hand(run: DebugRun, name: str, *, shell: bool) -> int:
    """Lay a step out and, if asked for, start a shell in its directory; return the exit status of that."""
    from toil_core.debugging import SCRIPT

    step = run.prepare()
    for note in step.notes:
        click.echo(note)
    click.echo(f"The job {name} is laid out in:  {step.path}")
    click.echo(f"Its command:  {step.command}")
    click.echo(f"To run it:    {os.path.join(run.directory, SCRIPT)}")
    if not shell:
        return 0
    program = os.environ.get("SHELL") or "/bin/sh"
    click.echo(f"This is {program} in that directory; 'exit' leaves it.", err=True)
    sys.stdout.flush()
    return subprocess.run([program], cwd=step.path, env={**os.environ, **step.environment}, check=False).returncode


def _tell(outcome: DebugOutcome, name: str) -> None:
    from toil_core.observe.text import one_line

    click.echo("")
    if outcome.error is None:
        more = f" It would have added {_count(outcome.new_jobs, 'job')}." if outcome.new_jobs else ""
        click.echo(f"The job {name} went well.{more}")
    else:
        click.echo(f"The job {name} failed: {one_line(f'{type(outcome.error).__name__}: {outcome.error}')}")
    click.echo(f"Its temporary files:  {outcome.directory}")
    if outcome.log:
        click.echo(f"Its output:           {outcome.log}")
    _list("It read", [f"{path or '(as a stream)'}  {file_id}" for file_id, path in outcome.read])
    _list("It stored, there and not in the job store", outcome.written)


def _list(title: str, lines: list[str]) -> None:
    if not lines:
        return
    click.echo(f"{title}:")
    for line in lines[:_FILES]:
        click.echo(f"  {line}")
    if len(lines) > _FILES:
        click.echo(f"  and {len(lines) - _FILES} more")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _usable(directory: str) -> str:
    """Return the directory that was asked for.

    :raises UserError: if something is in it, which a run would mix with.
    """
    from toil_core.errors import UserError

    if os.path.lexists(directory) and (not os.path.isdir(directory) or os.listdir(directory)):
        raise UserError(f"'{directory}' is not an empty directory.", "Name another one, or empty it.")
    return directory


def _free_name(name: str) -> str:
    path, number = name, 1
    while os.path.lexists(path):
        number += 1
        path = f"{name}-{number}"
    return path
