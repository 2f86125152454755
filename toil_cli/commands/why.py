"""`toil why JOBSTORE JOB`: why a job is where it is."""

from __future__ import annotations

import click

from toil_cli.arguments import JOB_STORE


@click.command()
@click.argument("jobstore", type=JOB_STORE)
@click.argument("job")
def why(jobstore: str, job: str) -> None:
    """Tell why JOB, of the workflow in JOBSTORE, waits, ran again or failed.

    JOB is the name of a job or its ID.

    \b
    toil why file:store merge
    toil why file:store 3kf82h-4
    """
    from toil_cli.output import paragraphs
    from toil_cli.stores import open_job_store
    from toil_core.inspection.explain import explain
    from toil_core.inspection.finding import find_job
    from toil_core.inspection.reading import read_workflow

    view = read_workflow(open_job_store(jobstore))
    click.echo(paragraphs(explain(view, find_job(view, job))))
