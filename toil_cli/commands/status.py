"""`toil status JOBSTORE`: how far a workflow has come, what is left of it, and whether anyone works on it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from toil_cli.arguments import JOB_STORE

if TYPE_CHECKING:
    from toil_core.inspection.live import IssuedJob
    from toil_core.inspection.view import WorkflowJob, WorkflowView

DONE = "The root job of the job store is absent, the workflow completed successfully."
#: How many lines of each log are printed unless all are asked for.
_LOG_LINES = 40


@click.command()
@click.argument("jobstore", type=JOB_STORE)
@click.option("--failIfNotComplete", "strict", is_flag=True, help="End with status 1 unless the workflow is complete.")
@click.option("--printJobs", "print_jobs", is_flag=True, help="List the jobs that are left, with their states.")
@click.option("--printChildren", "print_children", is_flag=True, help="List what comes after each job that is left.")
@click.option("--printLogs", "print_logs", is_flag=True, help="Print the logs of failed attempts at these jobs.")
@click.option("--printStatus", "print_status", is_flag=True, help="List the jobs that run, and what waits for a place.")
@click.option("--printDot", "print_dot", is_flag=True, help="Print the graph of all jobs in Graphviz's language only.")
@click.option("--jobs", "names", multiple=True, metavar="JOB", help="Print only these: IDs, names or patterns.")
@click.option("--messages", metavar="FILE", help="The file of --writeMessages, if it is not where the leader has it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def status(
    jobstore: str,
    strict: bool,
    print_jobs: bool,
    print_children: bool,
    print_logs: bool,
    print_status: bool,
    print_dot: bool,
    names: Sequence[str],
    messages: str | None,
    as_json: bool,
) -> int:
    """Tell how far the workflow in JOBSTORE has come, what is left of it, and whether it runs.

    A workflow that is complete has a job store only if it was run with --clean=never or --stats. Which jobs run at this
    moment is known only if it was run with --writeMessages.
    """
    from toil_cli.stores import open_job_store
    from toil_core.inspection.live import live_jobs
    from toil_core.inspection.reading import read_workflow

    view = read_workflow(open_job_store(jobstore))
    incomplete = int(strict and not view.is_complete)
    if print_dot:
        from toil_core.inspection.graph import workflow_graph
        from toil_core.inspection.graph_formats import to_dot

        click.echo(to_dot(workflow_graph(view, by_kind=False)), nl=False)
        return incomplete
    live = live_jobs(view, messages) if view.is_running is not False else None
    if as_json:
        _print_json(view, live)
        return incomplete
    _print_summary(view, live)
    shown = _chosen(view, names)
    if print_status:
        _print_running(view, live)
    if print_jobs:
        _print_jobs(shown, live)
    if print_children:
        _print_children(view, shown)
    if print_logs:
        _print_logs(view, shown)
    return incomplete


def _chosen(view: WorkflowView, names: Sequence[str]) -> list[WorkflowJob]:
    """Return the jobs that are to be printed: those that were named, or all that are left."""
    from toil_core.inspection.finding import find_jobs
    from toil_core.inspection.view import State

    if names:
        return list({job.id: job for name in names for job in find_jobs(view, name)}.values())
    return [job for job in view if job.state is not State.DONE]


def _running(live: dict[str, IssuedJob] | None) -> set[str]:
    return {job.job for job in live.values() if job.started is not None} if live else set()


# What is always said


def _print_summary(view: WorkflowView, live: dict[str, IssuedJob] | None) -> None:
    from toil_core.inspection.summary import count_jobs

    if view.root is None:
        click.echo(f"The workflow with job store '{view.locator}' has not started: it has no jobs yet.")
        return
    if view.is_complete:
        click.echo(DONE)
        return
    click.echo(count_jobs(view).sentence(view.locator))
    click.echo(_leader_sentence(view))
    _print_kinds(view, live)


def _leader_sentence(view: WorkflowView) -> str:
    leader = view.leader
    if leader is None or leader.is_alive is False:
        return "The workflow is not running. Continue it with --restart."
    if leader.is_alive:
        return f"The workflow is running: its leader is {leader}."
    return f"The workflow was last run by {leader}; only that machine can tell whether it still is."


def _print_kinds(view: WorkflowView, live: dict[str, IssuedJob] | None) -> None:
    """Print how many jobs of each kind are in which state; `-` stands for none."""
    from toil_core.inspection.summary import count_kinds

    titles = ["Kind", "Done", "Failed", *(["Running"] if live is not None else []), "Ready", "Waiting"]
    rows = []
    for one in count_kinds(view, _running(live)):
        ready = [one.running, one.ready - one.running] if live is not None else [one.ready]
        rows.append([_short(one.kind), *(str(count or "-") for count in (one.done, one.failed, *ready, one.waiting))])
    if rows:
        click.echo()
        _print_columns(titles, rows)


def _print_columns(titles: list[str], rows: list[list[str]], right: int = 1) -> None:
    """Print rows of text in columns.

    :param right: the first of the columns that are set to the right.
    """
    widths = [max(len(row[column]) for row in [titles, *rows]) for column in range(len(titles))]
    for row in [titles, *rows]:
        cells = [
            cell.rjust(width) if column >= right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo("  ".join(cells).rstrip())


def _short(text: str) -> str:
    """Return a name that leaves room for numbers beside it, however narrow the terminal is."""
    import shutil

    from toil_core.observe.text import one_line

    return one_line(text, max(10, shutil.get_terminal_size((100, 24)).columns - 38))


# What is said when asked for


def _print_running(view: WorkflowView, live: dict[str, IssuedJob] | None) -> None:
    from toil_core.observe.status import duration
    from toil_core.observe.text import one_line

    click.echo()
    if view.is_running is False:
        click.echo("No job is running, since the workflow is not.")
        return
    if live is None:
        click.echo(
            "Which jobs run is known only to the leader, unless the workflow is run with --writeMessages; "
            "--messages says where that file is on this machine."
        )
        return
    now = time.time()
    rows = []
    for one in sorted(live.values(), key=lambda job: (job.started is None, job.started or job.issued)):
        state = "running" if one.started is not None else "waits for a place"
        since = now - (one.started or one.issued)
        rows.append([one.job, one_line(one.name), str(one.batch_id), str(one.attempt), state, duration(since)])
    if not rows:
        click.echo("No job is running.")
        return
    _print_columns(["Job", "Name", "Batch ID", "Attempt", "State", "For"], rows, right=6)


def _print_jobs(jobs: Sequence[WorkflowJob], live: dict[str, IssuedJob] | None) -> None:
    from toil_core.inspection.view import State
    from toil_core.observe.text import one_line

    click.echo()
    running = _running(live)
    rows = []
    for job in jobs:
        state = "running" if job.state is State.READY and job.id in running else job.state.value
        tries = str(len(job.failed_attempts) or "-")
        rows.append([job.id, one_line(job.name), one_line(job.description.unitName), state, tries])
    if rows:
        _print_columns(["Job", "Name", "Unit", "State", "Failed attempts"], rows, right=4)


def _print_children(view: WorkflowView, jobs: Sequence[WorkflowJob]) -> None:
    click.echo()
    for job in jobs:
        after = [("child", one) for one in job.children] + [("follow-on", one) for one in job.follow_ons]
        after += [("service", one) for one in job.services]
        if not after:
            continue
        click.echo(f"{job}:")
        for relation, name in after:
            one = view.jobs.get(name)
            click.echo(f"  {relation} {one} ({one.state.value})" if one is not None else f"  {relation} {name} (gone)")


def _print_logs(view: WorkflowView, jobs: Sequence[WorkflowJob]) -> None:
    from toil_core.observe.text import one_line, plain, tail

    click.echo()
    found = False
    for job in jobs:
        for report in view.failures(job):
            found = True
            where = f" on {one_line(report.host)}" if report.host else ""
            click.echo(f"Attempt {report.attempt} at {job}{where} failed: {one_line(report.error)}")
            text, left_out = tail(plain(report.log), _LOG_LINES)
            if left_out:
                click.echo(f"  ({left_out} lines before these are left out)")
            for line in text.split("\n") if text else []:
                click.echo(f"  | {line}")
    if not found:
        click.echo("No attempt at these jobs has left a log.")


def _print_json(view: WorkflowView, live: dict[str, IssuedJob] | None) -> None:
    import json

    from toil_core.inspection.summary import count_jobs, count_kinds

    leader = view.leader
    found: dict[str, Any] = {
        "job_store": view.locator,
        "workflow": view.config.workflowID,
        "started": view.root is not None,
        "complete": view.is_complete,
        "running": view.is_running,
        "leader": {"pid": leader.pid, "node": leader.node} if leader is not None else None,
        "counts": count_jobs(view)._asdict(),
        "states": {state.value: count for state, count in view.counts().items()},
        "kinds": [one._asdict() for one in count_kinds(view, _running(live))],
        "issued": None if live is None else [job._asdict() for job in live.values()],
        "failed": [
            {"job": job.id, "name": job.name, "unit": job.description.unitName, "attempts": len(job.failed_attempts)}
            for job in _failed(view)
        ],
    }
    click.echo(json.dumps(found, indent=2))


def _failed(view: WorkflowView) -> list[WorkflowJob]:
    from toil_core.inspection.view import State

    return view.in_state(State.FAILED)
