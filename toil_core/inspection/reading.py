"""Reading a whole workflow from its job store: `read_workflow`.

It goes from the first job to whatever comes after, so that what killed attempts left behind is not taken for jobs, and
reads whole segments and all their records at once.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from toil_core.inspection.leader import leader_of
from toil_core.inspection.states import settle_states
from toil_core.inspection.view import WorkflowJob, WorkflowView
from toil_core.job_stores.job_view import WholeJobView

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore


def open_workflow(locator: str) -> WorkflowView:
    """Open the job store that a locator names, and read its workflow.

    :raises LocatorException: if there is no job store, or not one that this version can read.
    """
    from toil_core.job_stores.opening import job_store_for

    job_store = job_store_for(locator)
    job_store.resume()
    return read_workflow(job_store)


def read_workflow(job_store: AbstractJobStore) -> WorkflowView:
    """Read what there is to know of all jobs of a workflow.

    :param job_store: its job store, resumed.
    """
    with no_garbage():
        return _read(job_store)


@contextmanager
def no_garbage() -> Iterator[None]:
    """Keep Python from looking for garbage, which takes longer than the reading itself where everything is kept."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read(job_store: AbstractJobStore) -> WorkflowView:
    leader = leader_of(job_store)
    failed = _failed_attempts(job_store, job_store.config.workflowAttemptNumber)
    root = job_store.root_job_id()
    jobs = _reachable(job_store, root) if root is not None else {}
    for job in jobs.values():
        job.failed_attempts = failed.get(job.id, ())
    if root in jobs:
        settle_states(jobs, root, int(job_store.config.retryCount) + 1)
    return WorkflowView(job_store, root, jobs, leader)


def _reachable(job_store: AbstractJobStore, root: str) -> dict[str, WorkflowJob]:
    """Return all jobs from the first on, linked to their parents."""
    view = WholeJobView(job_store)
    jobs: dict[str, WorkflowJob] = {}
    found = [(root, "")]
    while found:
        name, parent = found.pop()
        if name not in jobs:
            description = view.stored(name)
            if description is None:
                continue
            job = jobs[name] = WorkflowJob(description, view.record(name))
            found += [(after, name) for after in (*job.services, *reversed(job.follow_ons), *reversed(job.children))]
        if parent:
            jobs[name].parents.append(parent)
    return jobs


def _failed_attempts(job_store: AbstractJobStore, run: int) -> dict[str, tuple[int, ...]]:
    """Return the numbers of the attempts of each job that failed in a run; a restart forgives those of earlier ones."""
    found: dict[str, list[int]] = defaultdict(list)
    for job, in_run, attempt in job_store.failure_index():
        if in_run == run:
            found[job].append(attempt)
    return {job: tuple(sorted(attempts)) for job, attempts in found.items()}
