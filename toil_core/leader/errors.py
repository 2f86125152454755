"""How a run can end other than well, under the documented names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from toil_core.errors import ToilError, UserError

if TYPE_CHECKING:
    from toil_core.jobs.description import JobDescription


class FailedJobsException(ToilError):
    """Some jobs failed for good; everything that did not depend on them has been done.

    :param jobStoreLocator: the workflow's job store.
    :param failedJobs: the jobs whose attempts all failed.
    :param details: what is known of the failures, for people.
    """

    def __init__(self, jobStoreLocator: str, failedJobs: Sequence[JobDescription], details: str = "") -> None:
        count = len(failedJobs)
        named = "1 job" if count == 1 else f"{count} jobs"
        message = f"{named} failed in the workflow with job store '{jobStoreLocator}'."
        super().__init__(f"{message}\n\n{details.rstrip()}" if details else message)
        self.jobStoreLocator = jobStoreLocator
        self.failedJobs = list(failedJobs)
        self.numberOfFailedJobs = count


class WorkflowKilled(ToilError):
    """Someone asked for the workflow to be stopped with `toil kill`."""

    def __init__(self, locator: str) -> None:
        super().__init__(
            f"The workflow with job store '{locator}' was stopped by 'toil kill'.", "Continue it with --restart."
        )
        self.locator = locator


class DeadlockException(ToilError):
    """Nothing can go on: only services run, or wait, and the jobs that would use them find no room.

    :param running: the services that run, as people know them.
    :param waiting: the jobs that wait for room.
    """

    def __init__(self, running: Sequence[str], waiting: Sequence[str], because: str = "") -> None:
        super().__init__(
            f"The workflow is deadlocked: only services run ({_some(running)}), while {_some(waiting)} cannot start."
            f"{' ' + because if because else ''}",
            "Raise --maxServiceJobs if it limits the services, or run where there is room for services and their jobs.",
        )
        self.running = list(running)
        self.waiting = list(waiting)


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5]) or "none"
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown


class LeaderRunningError(UserError):
    """Another leader is at work on the job store."""

    def __init__(self, locator: str, pid: int, node: str) -> None:
        super().__init__(
            f"The workflow with job store '{locator}' is running already, as process {pid} on {node}.",
            f"Wait for it, or stop it with 'toil kill {locator}'.",
        )
        self.locator = locator
        self.pid = pid
        self.node = node
