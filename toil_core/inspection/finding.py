"""From what a person types to the jobs that are meant: an ID, a name, or a pattern of either."""

from __future__ import annotations

from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from toil_core.errors import UserError
from toil_core.inspection.view import State

if TYPE_CHECKING:
    from toil_core.inspection.view import WorkflowJob, WorkflowView

#: How many jobs, or near names, a message lists.
_LISTED = 5
#: The states of jobs in the order in which people ask after them.
_LIKELY = (State.FAILED, State.READY, State.WAITING, State.RAN, State.DONE)


class NoSuchJobNameError(UserError):
    """No job of a workflow is called by a name.

    :param text: the name.
    :param locator: the workflow's job store.
    :param nearest: the names and IDs that come closest.
    """

    def __init__(self, text: str, locator: str, nearest: list[str]) -> None:
        near = (
            f"Did you mean {' or '.join(nearest)}?" if nearest else f"'toil status {locator} --printJobs' lists them."
        )
        super().__init__(f"No job in {locator} has the name or the ID '{text}'.", near)
        self.text = text
        self.locator = locator
        self.nearest = nearest


class AmbiguousJobNameError(UserError):
    """Several jobs of a workflow are called by a name, where one was wanted.

    :param text: the name.
    :param jobs: those jobs.
    """

    def __init__(self, text: str, jobs: list[WorkflowJob]) -> None:
        likely = sorted(jobs, key=lambda job: _LIKELY.index(job.state))
        listed = ", ".join(f"{job.id} ({job.state.value})" for job in likely[:_LISTED])
        more = f" and {len(jobs) - _LISTED} others" if len(jobs) > _LISTED else ""
        super().__init__(f"'{text}' is the name of {len(jobs)} jobs: {listed}{more}.", "Name one of them by its ID.")
        self.text = text
        self.jobs = jobs


def names_of(job: WorkflowJob) -> set[str]:
    """Return everything that a job may be called by: its ID, and its job, unit and display names."""
    description = job.description
    return {job.id, description.jobName, description.unitName, description.displayName} - {""}


def find_jobs(view: WorkflowView, text: str) -> list[WorkflowJob]:
    """Return the jobs with this ID or name, or those whose ID or a name of theirs this pattern (`*`, `?`) matches.

    :raises NoSuchJobNameError: if there is none; names the nearest.
    """
    if text in view.jobs:
        return [view[text]]
    found = [job for job in view if text in names_of(job)]
    if not found:
        found = [job for job in view if any(fnmatchcase(name, text) for name in names_of(job))]
    if not found:
        raise NoSuchJobNameError(text, view.locator, _nearest(view, text))
    return found


def find_job(view: WorkflowView, text: str) -> WorkflowJob:
    """Return the one job with this ID or name.

    :raises NoSuchJobNameError: if there is none; names the nearest.
    :raises AmbiguousJobNameError: if there are several; lists some.
    """
    found = find_jobs(view, text)
    if len(found) > 1:
        raise AmbiguousJobNameError(text, found)
    return found[0]


def _nearest(view: WorkflowView, text: str) -> list[str]:
    known = {name for job in view for name in names_of(job) - {job.id}}
    near = get_close_matches(text, sorted(known), n=3)
    return near or sorted(job for job in view.jobs if job.startswith(text))[:3]
