"""Putting a job store in order before its workflow is continued: what attempts that never counted have left goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from toil_core.job_stores.engine import CREATED, FAILURES, FIRST_RECORDS, RECORDS, SEGMENTS, VALUES
from toil_core.job_stores.files_api import FILES, NOBODY, owner_of
from toil_core.job_stores.job_view import DELETED, UPDATES, WholeJobView
from toil_core.job_stores.jobs_api import JobStore
from toil_core.jobs.segments import segment_of

if TYPE_CHECKING:
    from toil_core.jobs.description import JobDescription, TemporaryID


class CleanableJobStore(JobStore):
    """A job store that knows what in it nobody needs."""

    def clean(self, jobCache: Mapping[str | TemporaryID, JobDescription] | None = None) -> JobDescription:
        """Delete what is of no use to anyone, and give all jobs all their tries back.

        That is: jobs that do not come after the root job, what attempts wrote that were cut off before they counted
        (the jobs and values they made, the files of jobs that are not done), reports of failed attempts, unfinished
        writes. No worker of the workflow may still be running.

        :param jobCache: descriptions by job ID, which then need not be read.
        :returns: the description of the root job.
        :raises JobException: if there is no root job, or it is done with all that comes after it.
        """
        root = self.load_root_job()
        view = WholeJobView(self, {str(job): description for job, description in (jobCache or {}).items()})
        reached = _reachable(view, str(root.jobStoreID))
        self.storage.discard_unfinished()
        self._delete_unreachable(view, reached)
        self._delete_leftovers(view, reached)
        for job in view.updated() & reached:
            description = view.stored(job)
            if description is not None and description.clearRemainingTryCount():
                self._put_update(description)
        root.clearRemainingTryCount()
        return root

    def _delete_unreachable(self, view: WholeJobView, reached: set[str]) -> None:
        segments = {segment_of(job) for job in reached}
        for job in view.jobs():
            if job not in reached and segment_of(job) in segments:
                self.delete_job(job)
        gone = []
        for prefix in (SEGMENTS, CREATED, FIRST_RECORDS, RECORDS, VALUES, UPDATES, DELETED):
            for key, _ in self.storage.list(prefix):
                if key.removeprefix(prefix).partition("/")[0] not in segments:
                    gone.append(key)
        self.storage.delete(gone)

    def _delete_leftovers(self, view: WholeJobView, reached: set[str]) -> None:
        self.storage.delete([key for key, _ in self.storage.list(FAILURES)])
        kept = {record.value_key for job in reached if (record := view.record(job)) is not None and record.value_key}
        self.storage.delete([key for key, _ in self.storage.list(VALUES) if key not in kept])
        self.storage.delete(list(self._files_of_no_use(view, reached)))

    def _files_of_no_use(self, view: WholeJobView, reached: set[str]) -> Iterator[str]:
        for key, _ in self.storage.list(FILES):
            owner = owner_of(key)
            if owner != NOBODY and (owner not in reached or view.record(owner) is None):
                yield key


def _reachable(view: WholeJobView, root: str) -> set[str]:
    """Return the root and all jobs that come after it, done or not."""
    found, left = {root}, [root]
    while left:
        for job in view.successors(left.pop()):
            if job not in found:
                found.add(job)
                left.append(job)
    return found
