"""`toil clean JOBSTORE`."""

from __future__ import annotations

import click

from toil_core.errors import UserError


@click.command()
@click.argument("jobstore")
@click.option("--force", is_flag=True, help="Delete it even if its workflow runs.")
def clean(jobstore: str, force: bool) -> None:
    """Delete JOBSTORE, such as file:store, with every file and all state of its workflow.

    One that does not exist is no error. What was exported from it stays where it is.
    """
    from toil_cli.stores import leader_of
    from toil_core.job_stores.errors import IncompatibleJobStoreException, NoSuchJobStoreException
    from toil_core.job_stores.opening import job_store_for

    job_store = job_store_for(jobstore)
    try:
        job_store.resume()
    except NoSuchJobStoreException:
        click.echo(f"There is no job store '{jobstore}', so there is nothing to delete.")
        return
    except IncompatibleJobStoreException:
        leader = None
    else:
        leader = leader_of(job_store)
    if leader is not None and leader.is_alive and not force:
        raise UserError(
            f"The workflow with job store '{jobstore}' is running, as {leader}.",
            f"Stop it first with 'toil kill --wait {jobstore}', or say --force.",
        )
    job_store.destroy()
    click.echo(f"Deleted the job store '{jobstore}'.")
