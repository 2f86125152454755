"""Writing new jobs down, all that one attempt made as one segment, and loading them again."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from toil_core.errors import ToilError, described
from toil_core.job_stores.errors import NoSuchJobException
from toil_core.jobs import graph
from toil_core.jobs.description import JobDescription, TemporaryID
from toil_core.jobs.errors import JobException, JobGraphDeadlockException, UnpicklableError
from toil_core.jobs.promises import kept_values, load_with_promises
from toil_core.jobs.records import Record
from toil_core.jobs.segments import encode_segment, index_of, job_id, new_segment_name

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.jobs.job import Job


class Successors(NamedTuple):
    """What an attempt added to the graph: a segment and, in it, the job's own new children and follow-ons."""

    segment: str = ""
    jobs: tuple[Job, ...] = ()
    children: tuple[int, ...] = ()
    follow_ons: tuple[int, ...] = ()
    services: tuple[tuple[int, tuple[int, ...]], ...] = ()


def save_successors(job: Job, job_store: AbstractJobStore) -> Successors:
    """Write all jobs that a running job added beneath itself.

    :raises JobGraphDeadlockException: if these jobs could never all run.
    :raises UnpicklableError: if one of them cannot be pickled.
    """
    links = job.links
    if not links.children and not links.follow_ons and not links.services:
        return Successors()
    job.checkJobGraphForDeadlocks()
    new = [one for one in graph.connected_jobs(job) if one is not job]
    segment = _save(new, job_store, job.description)
    return Successors(
        segment,
        tuple(new),
        tuple(index_of(str(child.jobStoreID)) for child in links.children),
        tuple(index_of(str(follow_on.jobStoreID)) for follow_on in links.follow_ons),
        tuple(_service(job.description, host) for host in links.services),
    )


def _service(description: JobDescription, host: Job) -> tuple[int, tuple[int, ...]]:
    later = description.serviceTree[host.jobStoreID]
    return index_of(str(host.jobStoreID)), tuple(index_of(str(one)) for one in later)


def save_as_root(job: Job, job_store: AbstractJobStore) -> JobDescription:
    """Write a job and everything beneath it, as the root of the workflow.

    :raises JobGraphDeadlockException: if these jobs could never all run, or the job is not the root among them.
    """
    job.checkJobGraphForDeadlocks()
    (root,) = graph.root_jobs(job)
    if root is not job:
        raise JobGraphDeadlockException(
            f"{job} cannot be the root of the workflow, since it is a successor of {root}.", f"Start with {root}."
        )
    result = job.rv()
    _save(graph.connected_jobs(job), job_store, job.description)
    if not job.has_body():
        # Nothing will run that could return a value, so what stands for it is written down here.
        job_store.commit(str(job.jobStoreID), Record(**kept_values(result)))
    job_store.set_root_job(str(job.jobStoreID))
    return job.description


def save_alone(job: Job, job_store: AbstractJobStore) -> None:
    """Write one job, whose ID was assigned by the job store and names a segment of its own."""
    if isinstance(job.jobStoreID, TemporaryID):
        raise JobException(f"{job} has no ID yet.", "Call the job store's assign_job_id with its description first.")
    segment = job.description.segment
    job_store.put_segment(segment, encode_segment([job.description], [_body(job)]))


def load_job(job_store: AbstractJobStore, description: JobDescription) -> Job:
    """Load a job's body, with promised values in the place of promises."""
    if description.body is None:
        raise NoSuchJobException(str(description.jobStoreID))
    data = job_store.read_body(str(description.jobStoreID), description.body)
    job: Job = load_with_promises(job_store, data)
    job.description.body = description.body
    return job


def _save(jobs: Sequence[Job], job_store: AbstractJobStore, parent: JobDescription) -> str:
    segment = new_segment_name()
    renames: dict[TemporaryID, str] = {}
    for index, job in enumerate(jobs):
        if not isinstance(job.description.jobStoreID, TemporaryID):
            raise JobException(f"{job} was written to the job store already and cannot be added to the graph again.")
        renames[job.description.jobStoreID] = job_id(segment, index)
    for job in jobs:
        job.description.jobStoreID = renames[job.description.jobStoreID]  # type: ignore[index]
        job.description.renameReferences(renames)
    parent.renameReferences(renames)
    job_store.put_segment(segment, encode_segment([job.description for job in jobs], [_body(job) for job in jobs]))
    return segment


def _body(job: Job) -> bytes | None:
    if not job.has_body():
        return None
    try:
        return pickle.dumps(job, protocol=5)
    except ToilError:
        raise
    except Exception as error:  # Anything can come out of a user's own __reduce__ or __getstate__.
        raise UnpicklableError(
            f"{job} cannot be written down for a worker: {described(error)}.",
            "A job's function has to be defined with 'def' at the top of a module, and its arguments have to be "
            "picklable: pass paths or file IDs instead of open files, locks or connections.",
        ) from error
