"""What all clauses on job stores start from: the fixtures, and jobs to put into the store."""

from __future__ import annotations

import pytest

from toil_core.job_stores.abstract import AbstractJobStore
from toil_core.jobs.description import JobDescription
from toil_core.jobs.segments import encode_segment, job_id
from toil_core.options.config import Config


def described(name: str = "job") -> JobDescription:
    """Return a description that no job store knows yet."""
    return JobDescription({"memory": 1 << 20, "cores": 1, "disk": 1 << 20}, name)


def again(store: AbstractJobStore) -> AbstractJobStore:
    """Return another object for the same job store, as another process has it."""
    other = type(store)(store.locator)
    other.resume()
    return other


class StoreClauses:
    """Fixtures, of which the author of a backend overrides `job_store`."""

    @pytest.fixture
    def job_store(self) -> AbstractJobStore:
        """Return a job store that does not exist yet. Yield it instead to clean up afterwards."""
        raise NotImplementedError("override the fixture 'job_store'")

    @pytest.fixture
    def store(self, job_store: AbstractJobStore) -> AbstractJobStore:
        """Return the job store, initialized."""
        job_store.initialize(Config())
        return job_store

    @pytest.fixture(autouse=True)
    def _destroyed(self, job_store: AbstractJobStore) -> object:
        yield
        job_store.destroy()

    def created(self, store: AbstractJobStore, name: str = "job") -> JobDescription:
        """Create a job in the job store."""
        description = described(name)
        store.assign_job_id(description)
        return store.create_job(description)

    def fan_out(self, store: AbstractJobStore) -> list[str]:
        """Write a root with two children and a follow-on, as the engine does; return their IDs."""
        segment = store.new_segment()
        jobs = [described(name) for name in ("root", "left", "right", "after")]
        ids = [job_id(segment, index) for index in range(4)]
        for job, own in zip(jobs, ids, strict=True):
            job.jobStoreID = own
        jobs[0].childIDs, jobs[0].followOnIDs = list(ids[1:3]), list(ids[3:])
        store.put_segment(segment, encode_segment(jobs, [b"body of " + job.jobName.encode() for job in jobs]))
        store.set_root_job(ids[0])
        return ids
