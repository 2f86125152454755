"""`toil report JOBSTORE`: how a workflow went, as a page for a browser."""

from __future__ import annotations

import click

from toil_cli.arguments import JOB_STORE, PATH


@click.command()
@click.argument("jobstore", type=JOB_STORE)
@click.option(
    "-o", "--output", type=PATH, default="report.html", metavar="FILE", help="Where to write it; default: report.html."
)
def report(jobstore: str, output: str) -> None:
    """Write a page that shows how the workflow in JOBSTORE went, or goes.

    It shows which job ran when and where, what each kind of job asked for and used, what failed, and the graph. The
    page is one file that needs no network, to be opened in a browser or sent to someone.

    \b
    toil report file:store -o report.html
    """
    from toil_cli.output import write_text
    from toil_cli.stores import open_job_store
    from toil_core.inspection.reading import read_workflow
    from toil_core.inspection.report import render_report

    write_text(render_report(read_workflow(open_job_store(jobstore))), output)
    if output != "-":
        click.echo(f"Wrote {output}.")
