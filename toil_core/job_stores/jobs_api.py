"""The documented operations on jobs: create, load, update, delete, and the root.

Jobs that the engine makes lie in segments that never change; those that are created here are written likewise, all of
one batch at once. What is changed later lies beside them: a description that replaces the one before, or a mark that
the job is deleted.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from toil_core.job_stores.engine import CREATED_BEGINS, EngineStore, place_of
from toil_core.job_stores.errors import NoSuchJobException
from toil_core.job_stores.files_api import FileStore
from toil_core.job_stores.job_view import DELETED, UPDATES, JobView, WholeJobView
from toil_core.job_stores.storage import KeyAbsent
from toil_core.jobs.segments import index_of, job_id

if TYPE_CHECKING:
    from toil_core.jobs.description import JobDescription

_ROOT = "root"


class _Batch:
    """The jobs created since a batch began."""

    def __init__(self, segment: str) -> None:
        self.segment = segment
        self.assigned = 0
        self.created: dict[int, JobDescription] = {}


class JobStore(EngineStore, FileStore):
    """Jobs, by ID."""

    def __init__(self, locator: str) -> None:
        super().__init__(locator)
        self._batch: _Batch | None = None

    # Creating

    def assign_job_id(self, job_description: JobDescription) -> None:
        """Give a job an ID of its own; files may belong to that ID from now on."""
        if self._batch is not None:
            job_description.jobStoreID = job_id(self._batch.segment, self._batch.assigned)
            self._batch.assigned += 1
        else:
            job_description.jobStoreID = job_id(CREATED_BEGINS + self.new_segment(), 0)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Write all jobs that are given an ID and created inside the block at once when it ends, or none on an error.

        Inside a batch the jobs created in it do not exist yet. A batch within a batch is part of it.
        """
        if self._batch is not None:
            yield
            return
        batch = self._batch = _Batch(CREATED_BEGINS + self.new_segment())
        try:
            yield
        finally:
            self._batch = None
        if batch.created:
            self.put_created(batch.segment, batch.created)

    def create_job(self, job_description: JobDescription) -> JobDescription:
        """Write a job that has been given an ID.

        :returns: the same description.
        """
        job_description.pre_update_hook()
        place_of(str(job_description.jobStoreID))
        segment, index = job_description.segment, index_of(str(job_description.jobStoreID))
        if self._batch is not None and segment == self._batch.segment:
            self._batch.created[index] = job_description
        elif index == 0:
            self.put_created(segment, {0: job_description})
        else:
            self._put_update(job_description)
        return job_description

    def _put_update(self, description: JobDescription) -> None:
        self.storage.put(UPDATES + place_of(str(description.jobStoreID)), pickle.dumps(description, protocol=5))

    # Reading

    def job_exists(self, job_id: str) -> bool:
        """Return whether a job, or something that comes after it, is still to be done.

        A job that is done exists as long as it has successors that are not.
        """
        try:
            return JobView(self).exists(str(job_id))
        except NoSuchJobException:
            return False

    def load_job(self, job_id: str) -> JobDescription:
        """Return a job's description, with the configuration assigned: what is left of it and which jobs come after it.

        :raises NoSuchJobException: if it does not exist.
        """
        return JobView(self).load(str(job_id))

    def jobs(self) -> Iterator[JobDescription]:
        """Yield the descriptions of all jobs that exist, in no particular order."""
        view = WholeJobView(self)
        for job in view.jobs():
            if view.exists(job):
                yield view.load(job)

    # Changing

    def update_job(self, job_description: JobDescription) -> None:
        """Write a job's description in the place of the one before.

        :raises NoSuchJobException: if the job was deleted.
        """
        job_description.pre_update_hook()
        place = place_of(str(job_description.jobStoreID))
        try:
            self.storage.stat(DELETED + place)
        except KeyAbsent:
            self._put_update(job_description)
            return
        raise NoSuchJobException(str(job_description.jobStoreID))

    def delete_job(self, job_id: str) -> None:
        """Delete a job, and the files that were to be deleted with it; one that does not exist is passed over."""
        try:
            place = place_of(job_id)
        except NoSuchJobException:
            return
        if JobView(self).stored(job_id) is not None:
            self.storage.put(DELETED + place, b"")
            self.storage.delete([UPDATES + place])
        self.delete_cleanup_files(job_id)

    # The root

    def root_job_id(self) -> str | None:
        """Return the ID of the workflow's first job, or None if it was never set."""
        try:
            return self.storage.read(_ROOT).decode("ascii")
        except KeyAbsent:
            return None

    def set_root_job(self, job_id: str) -> None:
        """Make a job the workflow's first."""
        place_of(job_id)
        self.storage.put(_ROOT, str(job_id).encode("ascii"))

    def create_root_job(self, job_description: JobDescription) -> JobDescription:
        """Write a job that has been given an ID, and make it the workflow's first.

        :returns: the same description.
        """
        self.create_job(job_description)
        self.set_root_job(str(job_description.jobStoreID))
        return job_description

    def load_root_job(self) -> JobDescription:
        """Return the description of the workflow's first job.

        :raises JobException: if it was never set, or does not exist any more since the workflow is complete.
        """
        from toil_core.jobs.errors import JobException

        root = self.root_job_id()
        if root is None:
            raise JobException(f"The workflow in '{self.locator}' has no root job: it was never started.")
        try:
            return self.load_job(root)
        except NoSuchJobException as error:
            raise JobException(
                f"The root job of the workflow in '{self.locator}' does not exist any more: the workflow is complete."
            ) from error
