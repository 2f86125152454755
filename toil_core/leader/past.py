"""What was done before this leader: the records that earlier ones found or did not live to find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toil_core.jobs.segments import index_of, segment_of

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.jobs.records import Record


class Past:
    """Records from before a restart, read once for each segment that is older than it.

    :param job_store: where they are.
    """

    def __init__(self, job_store: AbstractJobStore) -> None:
        self._job_store = job_store
        self._records: dict[str, dict[int, Record]] = {}

    def remember(self, segment: str) -> None:
        """Read the records of the jobs in a segment that was written before the restart."""
        if segment not in self._records:
            self._records[segment] = self._job_store.records_of(segment)

    def take(self, job: str) -> Record | None:
        """Return the record of a job that was done before, or None; a second call returns None."""
        records = self._records.get(segment_of(job))
        return records.pop(index_of(job), None) if records else None
