"""`toil kill JOBSTORE`."""

from __future__ import annotations

import time

import click

from toil_cli.arguments import JOB_STORE
from toil_core.errors import ToilError


@click.command()
@click.argument("jobstore", type=JOB_STORE)
@click.option("--wait", is_flag=True, help="Return only when the workflow has stopped (on the leader's machine only).")
def kill(jobstore: str, wait: bool) -> None:
    """Stop the workflow that runs with JOBSTORE, and all its jobs.

    Works from any machine that can reach the job store. What was done stays done: run the workflow again with --restart
    to continue.
    """
    from toil_cli.stores import open_job_store
    from toil_core.inspection.leader import leader_of

    job_store = open_job_store(jobstore)
    leader = leader_of(job_store)
    if leader is None or leader.is_alive is False:
        click.echo(f"No workflow runs with job store '{jobstore}'. Continue it with --restart.")
        return
    job_store.write_kill_flag(kill=True)
    seconds = job_store.config.kill_polling_interval
    click.echo(f"The leader, {leader}, was asked to stop; it looks for such requests every {seconds:g} s.")
    if wait:
        if not leader.is_here:
            raise ToilError(
                f"The leader is {leader}, so its end cannot be waited for here.",
                f"See how it goes on with 'toil status {jobstore}'.",
            )
        _wait_for(leader.pid)
        click.echo("It has stopped.")


def _wait_for(pid: int) -> None:
    from toil_core.inspection.leader import is_alive

    while is_alive(pid):
        time.sleep(0.1)
