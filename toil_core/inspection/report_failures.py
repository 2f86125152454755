"""Failed attempts as a report shows them: those that failed alike together, with the log of one of them."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from toil_core.inspection.explain import name_of
from toil_core.inspection.view import OVER, State
from toil_core.observe.failures import likeness
from toil_core.observe.text import one_line, plain, tail

if TYPE_CHECKING:
    from toil_core.inspection.attempts import UnreportedAttempt
    from toil_core.inspection.view import WorkflowJob, WorkflowView
    from toil_core.jobs.records import FailureReport

#: How many groups, jobs of a group, files and lines of a log are shown, and how many characters of a log.
GROUPS, JOBS, FILES, LOG_LINES, LOG_SIZE = 30, 10, 15, 150, 20_000


class FailureGroup(NamedTuple):
    """Jobs of one kind that failed with the same error, or one that differs in numbers only.

    :ivar kind: the kind of the jobs.
    :ivar error: what happened, on one line.
    :ivar given_up: how many of the jobs have failed for good.
    :ivar recovered: how many went well when they were tried again; the others are still to be.
    :ivar jobs: the names of the first jobs.
    :ivar size: how many jobs there are.
    :ivar log: the end of the log of the last attempt of one of them.
    :ivar cut: whether there was more of the log.
    :ivar where: which attempt that was, and on which machine.
    :ivar files: what it had read: (ID, path or empty).
    :ivar command: what to type to run it again.
    """

    kind: str
    error: str
    given_up: int
    recovered: int
    jobs: list[str]
    size: int
    log: str
    cut: bool
    where: str
    files: list[tuple[str, str]]
    command: str

    @property
    def outcomes(self) -> list[str]:
        """What became of the jobs, in words."""
        left = self.size - self.given_up - self.recovered
        counts = ((self.given_up, "failed"), (self.recovered, "went well later"), (left, "to be tried again"))
        return [f"{count:,} {text}" for count, text in counts if count]


def read_reports(view: WorkflowView) -> list[FailureReport]:
    """Return the reports of all failed attempts of the workflow's jobs, of earlier runs too."""
    jobs = {job for job, *_ in view.job_store.failure_index()}
    return [report for job in view.jobs if job in jobs for report in view.job_store.failures(job)]


def failure_groups(
    view: WorkflowView, reports: list[FailureReport], unreported: list[UnreportedAttempt]
) -> list[FailureGroup]:
    """Return what failed, what was given up first, then what concerns the most jobs."""
    last = {report.job: report for report in reports}
    errors = {one.job: one_line(one.reason) for one in unreported}
    errors.update((job.id, "") for job in view.in_state(State.FAILED) if job.id not in errors)
    errors.update((job, one_line(report.error)) for job, report in last.items())
    groups: dict[tuple[str, str], list[WorkflowJob]] = {}
    for job, error in errors.items():
        groups.setdefault((view[job].kind, likeness(error) if job in last else error), []).append(view[job])
    found = [_group(view, kind, jobs, errors, last) for (kind, _), jobs in groups.items()]
    return sorted(found, key=lambda group: (-group.given_up, -group.size))


def _group(
    view: WorkflowView, kind: str, jobs: list[WorkflowJob], errors: dict[str, str], last: dict[str, FailureReport]
) -> FailureGroup:
    failed = [job for job in jobs if job.state is State.FAILED]
    shown = (failed or jobs)[0]
    report = last.get(shown.id)
    log, left_out, where, files = "", 0, "", list[tuple[str, str]]()
    if report is not None:
        log, left_out = tail(plain(report.log), LOG_LINES)
        where = f"attempt {report.attempt}{f' on {one_line(report.host)}' if report.host else ''}"
        files = [(one_line(one), one_line(path)) for one, path in dict.fromkeys(report.accessed)]
    return FailureGroup(
        kind=one_line(kind, 60),
        error=errors[shown.id] or "left no report: the worker was killed, or the machine was lost",
        given_up=len(failed),
        recovered=sum(job.state in OVER for job in jobs),
        jobs=[name_of(job) for job in sorted(jobs, key=lambda job: job.state is not State.FAILED)[:JOBS]],
        size=len(jobs),
        log=log[-LOG_SIZE:],
        cut=left_out > 0 or len(log) > LOG_SIZE,
        where=where,
        files=files[-FILES:],
        command=f"toil debug-job {shlex.quote(view.locator)} {shown.id}",
    )
