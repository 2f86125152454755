"""`toil status JOBSTORE`: how many jobs are left, and whether anyone works on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import click

from toil_cli.arguments import JOB_STORE

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore

DONE = "The root job of the job store is absent, the workflow completed successfully."


class Counts(NamedTuple):
    """How many jobs of which sort are in a job store."""

    unfinished: int = 0
    with_children: int = 0
    with_services: int = 0
    services: int = 0
    failed: int = 0

    def sentence(self, locator: str) -> str:
        """Return the counts as people read them."""
        return (
            f"There are {self.unfinished} unfinished jobs, {self.with_children} parent jobs with children, "
            f"{self.with_services} jobs with services, {self.services} services, and {self.failed} totally failed jobs "
            f"currently in {locator}."
        )


@click.command()
@click.argument("jobstore", type=JOB_STORE)
@click.option("--failIfNotComplete", "strict", is_flag=True, help="End with status 1 unless the workflow is complete.")
def status(jobstore: str, strict: bool) -> int:
    """Tell how many jobs of the workflow in JOBSTORE are left, and whether it runs.

    A workflow that is complete has a job store only if it was run with --clean=never or --stats.
    """
    from toil_cli.stores import leader_of, open_job_store

    job_store = open_job_store(jobstore)
    if job_store.root_job_id() is None:
        click.echo(f"The workflow with job store '{job_store.locator}' has not started: it has no jobs yet.")
        return int(strict)
    counts = count_jobs(job_store)
    if counts.unfinished == 0:
        click.echo(DONE)
        return 0
    click.echo(counts.sentence(job_store.locator))
    leader = leader_of(job_store)
    if leader is None or leader.is_alive is False:
        click.echo("The workflow is not running. Continue it with --restart.")
    elif leader.is_alive:
        click.echo(f"The workflow is running: its leader is {leader}.")
    else:
        click.echo(f"The workflow was last run by {leader}; only that machine can tell whether it still is.")
    return int(strict)


def count_jobs(job_store: AbstractJobStore) -> Counts:
    """Count the jobs that are left in a job store."""
    unfinished = with_children = with_services = services = failed = 0
    tries = int(job_store.config.retryCount) + 1
    for job in job_store.jobs():
        hosts = len(job.services)
        unfinished += 1
        with_children += bool(job.childIDs or job.followOnIDs)
        with_services += bool(hosts)
        services += hosts
        failed += job.has_body() and len(job_store.failures(str(job.jobStoreID))) >= tries
    return Counts(unfinished, with_children, with_services, services, failed)
