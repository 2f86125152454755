"""`toil graph JOBSTORE`: which job comes after which, drawn."""

from __future__ import annotations

import os

import click

from toil_cli.arguments import JOB_STORE, PATH

_BY_SUFFIX = {".svg": "svg", ".dot": "dot", ".gv": "dot", ".mmd": "mermaid", ".mermaid": "mermaid"}


@click.command()
@click.argument("jobstore", type=JOB_STORE)
@click.option(
    "--format",
    "form",
    type=click.Choice(["dot", "mermaid", "svg"]),
    help="Graphviz's language, Mermaid's, or an image; by default what the name of the file says, or dot.",
)
@click.option("-o", "--output", type=PATH, metavar="FILE", help="Where to write it; by default to standard output.")
@click.option(
    "--by",
    type=click.Choice(["job", "kind"]),
    help="One node for each job or for each kind of job; by default by kind where there are over 300 jobs.",
)
def graph(jobstore: str, form: str | None, output: str | None, by: str | None) -> None:
    """Draw the jobs of the workflow in JOBSTORE, coloured by how far they have come.

    \b
    toil graph file:store -o workflow.svg
    toil graph file:store | dot -Tpdf -o workflow.pdf
    """
    from toil_cli.output import write_text
    from toil_cli.stores import open_job_store
    from toil_core.console import say
    from toil_core.inspection.graph import workflow_graph
    from toil_core.inspection.graph_formats import WRITERS
    from toil_core.inspection.reading import read_workflow

    form = form or _BY_SUFFIX.get(os.path.splitext(output or "")[1].lower(), "dot")
    drawn = workflow_graph(read_workflow(open_job_store(jobstore)), by_kind=None if by is None else by == "kind")
    if drawn.by_kind and by is None:
        say(f"toil: The workflow has {drawn.jobs:,} jobs, so they are drawn by kind; --by job draws each one.")
    write_text(WRITERS[form](drawn), output)
