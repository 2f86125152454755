"""`toil stats JOBSTORE`: how much time, memory and disk the jobs of a workflow used, for each kind of job."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from toil_cli.arguments import JOB_STORE

if TYPE_CHECKING:
    from toil_core.inspection.statistics import Group, Statistics
    from toil_core.inspection.view import WorkflowView

CATEGORIES = ("time", "clock", "wait", "memory", "disk", "queue")
_DEFAULT_CATEGORIES = "time,clock,wait,memory"
_FIELDS = ("min", "med", "ave", "max", "total")


def _categories(context: click.Context, parameter: click.Parameter, value: str) -> list[str]:
    """Return the categories that a text names, with commas between.

    :raises click.BadParameter: if it names none, or one that there is not.
    """
    found = [part.strip().lower() for part in value.split(",") if part.strip()]
    unknown = [part for part in found if part not in CATEGORIES]
    if unknown or not found:
        what = f"There is no category '{unknown[0]}'" if unknown else "No category is named"
        raise click.BadParameter(f"{what}; choose from {', '.join(CATEGORIES)}.", context, parameter)
    return found


@click.command()
@click.argument("jobstore", type=JOB_STORE)
@click.option("--raw", is_flag=True, help="Print JSON, with sizes in bytes and times in seconds.")
@click.option("--pretty", "--human", "pretty", is_flag=True, help="Give numbers units that suit their size.")
@click.option(
    "--categories",
    callback=_categories,
    metavar="CATEGORIES",
    default=_DEFAULT_CATEGORIES,
    help=f"What to show, with commas between: {', '.join(CATEGORIES)}. Default: {_DEFAULT_CATEGORIES}, and disk and "
    "queue on a terminal if they are known.",
)
@click.option(
    "--sortCategory",
    "sort_category",
    type=click.Choice((*CATEGORIES, "count", "alpha"), case_sensitive=False),
    default="time",
    show_default=True,
    help="What to order the kinds of jobs by.",
)
@click.option(
    "--sortField",
    "sort_field",
    type=click.Choice(_FIELDS, case_sensitive=False),
    default="med",
    show_default=True,
    help="Which field of that category.",
)
@click.option("--sortReverse", "reverse", is_flag=True, help="Show the largest first.")
@click.option("-o", "--outputFile", "output", metavar="FILE", help="Write to a file instead of standard output.")
def stats(
    jobstore: str,
    raw: bool,
    pretty: bool,
    categories: list[str],
    sort_category: str,
    sort_field: str,
    reverse: bool,
    output: str | None,
) -> int:
    """Show how much the jobs of the workflow in JOBSTORE used, beside what was set aside for them.

    Run the workflow with --stats, which keeps its job store and gathers everything that is shown here. Time is from a
    job's start to its end, clock is CPU time, wait is the difference of the two, memory the most that one process had.
    """
    from toil_cli.output import write_text
    from toil_cli.stores import open_job_store
    from toil_core.inspection.reading import read_workflow
    from toil_core.inspection.statistics import collect, order_kinds

    view = read_workflow(open_job_store(jobstore))
    statistics = collect(view)
    kinds = order_kinds(statistics.kinds, sort_category, sort_field, reverse)
    if raw:
        import json

        write_text(json.dumps(_as_dict(view, statistics, kinds), indent=2) + "\n", output)
        return 0
    from toil_cli.stats_tables import Choice, plain_report, show

    on_terminal = output is None and sys.stdout.isatty()
    if on_terminal and ",".join(categories) == _DEFAULT_CATEGORIES:
        categories = list(CATEGORIES)
    choice = Choice(categories, sort_category, sort_field, pretty or on_terminal)
    if on_terminal:
        from rich.console import Console

        show(Console(), statistics, kinds, view.config, choice)
    else:
        write_text(plain_report(statistics, kinds, view.config, choice) + "\n", output)
    for sentence in missing(view, statistics):
        click.echo(f"toil: {sentence}", err=True)
    return 0


def missing(view: WorkflowView, statistics: Statistics) -> list[str]:
    """Return what the statistics do not tell, and why."""
    found = []
    if view.root is None:
        found.append("The workflow has not started: it has no jobs yet.")
    elif statistics.done < statistics.known:
        found.append(
            f"{statistics.done} of {statistics.known} known jobs have run; the statistics are of these."
            if statistics.done
            else f"None of {statistics.known} known jobs has run yet."
        )
    if not statistics.gathered and statistics.done:
        found.append(
            "The workflow was run without --stats: nothing is known of the disk that jobs used, of their time in the "
            "queue, of time lost in failed attempts and of the leader's runtime."
        )
    return found


def _as_dict(view: WorkflowView, statistics: Statistics, kinds: list[Group]) -> dict[str, Any]:
    config = view.config
    per_worker = statistics.jobs_per_worker
    return {
        "job_store": view.locator,
        "workflow": config.workflowID,
        "complete": view.is_complete,
        "batch_system": config.batchSystem,
        "default_cores": config.defaultCores,
        "default_memory": config.defaultMemory,
        "default_disk": config.defaultDisk,
        "max_cores": config.maxCores,
        "gathered": statistics.gathered,
        "missing": missing(view, statistics),
        "total_clock": statistics.clock,
        "total_runtime": statistics.runtime,
        "jobs_run": statistics.done,
        "jobs_known": statistics.known,
        "failed_attempts": {"count": statistics.failed.number, "seconds": statistics.failed.seconds},
        "jobs_per_worker": per_worker._asdict() if per_worker is not None else None,
        "workers": _group(statistics.workers),
        "jobs": _group(statistics.jobs),
        "kinds": [_group(group) for group in kinds],
    }


def _group(group: Group) -> dict[str, Any]:
    found: dict[str, Any] = {"name": group.name, "count": group.members}
    for category, spread in group.spreads.items():
        found[category] = spread._asdict()
    for name, comparison in (("cores", group.cores), ("memory", group.memory), ("disk", group.disk)):
        if comparison is not None:
            found.setdefault("requested", {})[name] = {**comparison._asdict(), "wasted": comparison.wasted}
    return found
