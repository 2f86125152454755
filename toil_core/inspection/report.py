"""`render_report`: a workflow as one page of HTML that needs nothing but itself.

What is said in numbers and words is put into the page here; the timeline and the list of jobs are drawn from data in
the page by `templates/report.js`, since there may be ten thousand of them.
"""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

from toil_core.inspection.attempts import unreported_attempts
from toil_core.inspection.explain import duration
from toil_core.inspection.graph import job_label, workflow_graph
from toil_core.inspection.graph_formats import MARKS, to_svg
from toil_core.inspection.report_failures import GROUPS, failure_groups, read_reports
from toil_core.inspection.report_numbers import KINDS, advice, kind_rows, totals
from toil_core.inspection.report_timeline import Timeline, timeline
from toil_core.inspection.view import State
from toil_core.observe.text import one_line
from toil_core.units import bytes2human
from toil_core.version import VERSION

if TYPE_CHECKING:
    from toil_core.inspection.view import WorkflowJob, WorkflowView

#: More jobs than this are not listed one by one, and more than this are drawn by kind.
MOST_JOBS, MOST_DRAWN = 20_000, 60


def render_report(view: WorkflowView) -> str:
    """Return the page."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("toil_core.inspection", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(duration=duration, size=bytes2human, number=_number)
    return environment.get_template("report.html").render(_content(view))


def _content(view: WorkflowView) -> dict[str, Any]:
    reports = read_reports(view)
    unreported = unreported_attempts(view, reports)
    line = timeline(view, reports)
    rows = kind_rows(view)
    groups = failure_groups(view, reports, unreported)
    counts = view.counts()
    graph = workflow_graph(view, most_nodes=MOST_DRAWN)
    listed = _listed(view)
    return {
        "title": _title(view),
        "locator": view.locator,
        "version": VERSION,
        "made": time.strftime("%Y-%m-%d %H:%M:%S"),
        "verdict": _verdict(view),
        "status": _status(view),
        "totals": totals(view, line, len(reports) + len(unreported)),
        "states": [(state.value, counts[state], MARKS[state]) for state in State if counts[state]],
        "kinds": rows[:KINDS],
        "kinds_hidden": max(0, len(rows) - KINDS),
        "advice": advice(rows),
        "disk_is_known": any(row.disk.used for row in rows),
        "failures": groups[:GROUPS],
        "failures_hidden": max(0, len(groups) - GROUPS),
        "graph": to_svg(graph) if graph.nodes else "",
        "graph_by_kind": graph.by_kind,
        "line": line,
        "span": line.end - line.start,
        "began": time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(line.start)),
        "listed": len(listed),
        "data": _data(listed, line, [row.name for row in rows]),
    }


def _title(view: WorkflowView) -> str:
    script = view.config.userScript
    return one_line(os.path.basename(script["path"])) if script else one_line(view.locator)


def _verdict(view: WorkflowView) -> str:
    """Return in one word how the workflow stands; the page colours it."""
    if view.root is None:
        return "empty"
    if view.is_complete:
        return "done"
    if view.is_running:
        return "running"
    return "failed" if view.in_state(State.FAILED) else "stopped"


def _status(view: WorkflowView) -> str:
    """Return in a sentence how the workflow stands."""
    failed = len(view.in_state(State.FAILED))
    jobs = f"{failed:,} {'job' if failed == 1 else 'jobs'}"
    waiting = len(view.in_state(State.WAITING))
    left = len(view.in_state(State.WAITING, State.READY))
    return {
        "empty": "The workflow has not started: it has no jobs yet.",
        "done": "The workflow is complete.",
        "running": f"The workflow is running{f'; {jobs} failed so far' if failed else ''}.",
        "failed": f"The workflow stopped because {jobs} failed{f'; {waiting:,} could not run' if waiting else ''}.",
        "stopped": f"The workflow stopped before it was complete; {left:,} jobs have not run.",
    }[_verdict(view)]


def _listed(view: WorkflowView) -> list[WorkflowJob]:
    """Return the jobs to list: all of them or, if there are too many, those that failed and those that took longest."""
    jobs = list(view)
    if len(jobs) <= MOST_JOBS:
        return jobs
    return sorted(jobs, key=lambda job: (job.state is not State.FAILED, -(job.usage.wall if job.usage else 0)))[
        :MOST_JOBS
    ]


def _data(jobs: list[WorkflowJob], line: Timeline, kinds: list[str]) -> str:
    """Return what the page draws from, as JSON that can stand in a page: one list for each fact, to be short."""
    kind_numbers = {kind: number for number, kind in enumerate(kinds)}
    numbers = {job.id: number for number, job in enumerate(jobs)}
    states = {state: number for number, state in enumerate(State)}
    bars = [bar for bar in line.bars if bar.job in numbers]
    content = {
        "states": [state.value for state in State],
        "kinds": kinds,
        "hosts": [[one_line(host) or "unknown machine", lanes] for host, lanes in line.hosts],
        "span": _milliseconds(line.end - line.start),
        "job": {
            "id": [job.id for job in jobs],
            "label": [job_label(job) for job in jobs],
            "kind": [kind_numbers.get(one_line(job.kind, 60) or "unnamed", -1) for job in jobs],
            "state": [states[job.state] for job in jobs],
            "memory": [job.usage.memory if job.usage else 0 for job in jobs],
            "cpu": [_milliseconds(job.usage.cpu) if job.usage else 0 for job in jobs],
        },
        "bar": {
            "job": [numbers[bar.job] for bar in bars],
            "start": [_milliseconds(bar.start - line.start) for bar in bars],
            "wall": [_milliseconds(bar.wall) for bar in bars],
            "lane": [bar.lane for bar in bars],
            "failed": [int(bar.failed) for bar in bars],
        },
    }
    text = json.dumps(content, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _milliseconds(seconds: float) -> float:
    return round(1000 * seconds, 1)


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}" if value < 10 else f"{value:.3g}"
