"""Attempts that failed, those too whose workers were killed before they could leave a report: what the leader knew of
them is in the job store after a run with `--stats`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from toil_core.observe.stats import decode_part

if TYPE_CHECKING:
    from toil_core.inspection.view import WorkflowView
    from toil_core.jobs.records import FailureReport


class UnreportedAttempt(NamedTuple):
    """An attempt that failed without a report.

    :ivar run: in which run of the workflow: 0 for the first, and one more for each restart.
    :ivar reason: how it ended, as the end of a sentence that starts with "the job".
    :ivar seconds: how long after it was issued it was over.
    """

    job: str
    run: int
    attempt: int
    reason: str
    seconds: float


def unreported_attempts(view: WorkflowView, reports: Iterable[FailureReport]) -> list[UnreportedAttempt]:
    """Return the failed attempts that are not among those with a report, in the order in which they ended.

    :param reports: the reports that there are.
    """
    known = {(report.job, report.run, report.attempt) for report in reports}
    found = []
    for part in map(decode_part, view.job_store.read_statistics()):
        for row in part["attempts"]:
            if row.failure and row.job in view.jobs and (row.job, part["run"], row.attempt) not in known:
                found.append(UnreportedAttempt(row.job, part["run"], row.attempt, row.failure, row.ended - row.issued))
    return found
