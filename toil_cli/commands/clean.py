"""`toil clean JOBSTORE`."""

from __future__ import annotations

import click

from toil_cli.arguments import JOB_STORE
from toil_core.errors import UserError


@click.command()
@click.argument("jobstore", type=JOB_STORE)
@click.option("--force", is_flag=True, help="Delete it even if its workflow runs.")
def clean(jobstore: str, force: bool) -> None:
    """Delete JOBSTORE, such as file:store, with every file and all state of its workflow, and what a leader that was
    killed left of it in this machine's temporary directories.

    One that does not exist is no error. What was exported from it stays where it is, and so does whatever is no job
    store.
    """
    from toil_cli.stores import check_not_something_else
    from toil_core.inspection.leader import leader_of
    from toil_core.job_stores.errors import IncompatibleJobStoreException, NoSuchJobStoreException
    from toil_core.job_stores.opening import job_store_for
    from toil_core.worker.node import remove_workflow_dirs

    job_store = job_store_for(jobstore)
    try:
        job_store.resume()
    except NoSuchJobStoreException:
        check_not_something_else(job_store, jobstore)
        click.echo(f"There is no job store '{jobstore}', so there is nothing to delete.")
        return
    except IncompatibleJobStoreException:
        leader, config = None, None
    else:
        leader, config = leader_of(job_store), job_store.config
    if leader is not None and leader.is_alive and not force:
        raise UserError(
            f"The workflow with job store '{jobstore}' is running, as {leader}.",
            f"Stop it first with 'toil kill --wait {jobstore}', or say --force.",
        )
    if config is not None:
        remove_workflow_dirs(config.workflowID, config.workDir, config.coordinationDir, all_nodes=True)
    job_store.destroy()
    click.echo(f"Deleted the job store '{jobstore}'.")
