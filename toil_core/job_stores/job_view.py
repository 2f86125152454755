"""The jobs of a workflow as the documented API shows them: what was written of a job, what its record changed, and
whether it still counts as there. Reads only, and each thing once.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from toil_core.job_stores.engine import CREATED, CREATED_BEGINS, SEGMENTS, EngineStore, place_of
from toil_core.job_stores.errors import NoSuchJobException
from toil_core.job_stores.storage import KeyAbsent
from toil_core.jobs.segments import index_of, job_id, segment_of

if TYPE_CHECKING:
    from toil_core.jobs.description import JobDescription
    from toil_core.jobs.records import Record

UPDATES, DELETED = "updates/", "deleted/"


class JobView:
    """What there is to know of jobs, looked up as it is asked for.

    :param store: the job store.
    :param known: descriptions that need not be read.
    """

    def __init__(self, store: EngineStore, known: Mapping[str, JobDescription] | None = None) -> None:
        self._store = store
        self._known = known or {}
        self._exists: dict[str, bool] = {}
        self._stored: dict[str, JobDescription | None] = {}
        self._records: dict[str, Record | None] = {}

    def stored(self, job: str) -> JobDescription | None:
        """Return a job's description as it was last written, or None if it was deleted or never created."""
        if job not in self._stored:
            self._stored[job] = self._known.get(job) or self._read(job)
        return self._stored[job]

    def record(self, job: str) -> Record | None:
        """Return a job's record, or None if it is not done."""
        if job not in self._records:
            self._records[job] = self._read_record(job)
        return self._records[job]

    def successors(self, job: str) -> Iterator[str]:
        """Yield the jobs that come after one, done or not, with those that it added while it ran."""
        description = self.stored(job)
        if description is not None:
            yield from description.successorsAndServiceHosts()
        record = self.record(job)
        if record is not None:
            yield from (job_id(record.segment, index) for index in (*record.children, *record.follow_ons))

    def exists(self, job: str) -> bool:
        """Return whether a job, or anything that comes after it, is still to be run, or it was put there by hand."""
        path = [job]
        # By hand, since workflows are deeper than Python's stack.
        while path:
            one = path[-1]
            if one in self._exists or self._settled_alone(one):
                path.pop()
                continue
            after = list(self.successors(one))
            unknown = next((later for later in after if later not in self._exists), None)
            if unknown is not None and not any(self._exists.get(later) for later in after):
                path.append(unknown)
            else:
                self._exists[one] = any(self._exists.get(later) for later in after)
                path.pop()
        return self._exists[job]

    def _settled_alone(self, job: str) -> bool:
        """Note whether a job exists, if that does not depend on the jobs after it."""
        description = self.stored(job)
        if description is None:
            self._exists[job] = False
        elif self.record(job) is None and (description.has_body() or self._was_put_by_hand(job)):
            self._exists[job] = True
        return job in self._exists

    def load(self, job: str) -> JobDescription:
        """Return the description of a job with what is left of it to do.

        :raises NoSuchJobException: if it does not exist.
        """
        description = self.stored(job)
        if description is None or not self.exists(job):
            raise NoSuchJobException(job)
        record = self.record(job)
        if record is not None:
            description.body = None
            description.command = None
            for successor in (job_id(record.segment, index) for index in record.children):
                if not description.hasChild(successor):
                    description.addChild(successor)
            for successor in (job_id(record.segment, index) for index in record.follow_ons):
                if not description.hasFollowOn(successor):
                    description.addFollowOn(successor)
            description.filterSuccessors(self.exists)
            description.filterServiceHosts(self.exists)
        return description

    # Where it comes from: here, one thing at a time

    def _read(self, job: str) -> JobDescription | None:
        if self._is_marked(DELETED, job):
            return None
        updated = self._read_update(job)
        if updated is not None:
            return updated
        try:
            return self._store.read_description(job)
        except NoSuchJobException:
            return None

    def _read_update(self, job: str) -> JobDescription | None:
        try:
            description: JobDescription = pickle.loads(self._store.storage.read(UPDATES + place_of(job)))
        except KeyAbsent:
            return None
        description._config = self._store._config
        return description

    def _read_record(self, job: str) -> Record | None:
        return self._store.read_record(job)

    def _was_put_by_hand(self, job: str) -> bool:
        return segment_of(job).startswith(CREATED_BEGINS) or self._is_marked(UPDATES, job)

    def _is_marked(self, prefix: str, job: str) -> bool:
        try:
            self._store.storage.stat(prefix + place_of(job))
        except KeyAbsent:
            return False
        return True


class WholeJobView(JobView):
    """The same for many jobs: reads whole segments, and lists what exists instead of asking for each."""

    def __init__(self, store: EngineStore, known: Mapping[str, JobDescription] | None = None) -> None:
        super().__init__(store, known)
        self._marks = {prefix: set(_jobs_under(store, prefix)) for prefix in (UPDATES, DELETED)}
        self._segments: dict[str, dict[str, JobDescription]] = {}
        self._segment_records: dict[str, dict[int, Record]] = {}

    def jobs(self) -> Iterator[str]:
        """Yield the IDs of all jobs that were ever written and not deleted, in no particular order."""
        seen: set[str] = set()
        for prefix in (SEGMENTS, CREATED):
            for key, _ in self._store.storage.list(prefix):
                seen.update(self._segment(key.removeprefix(prefix)))
        for job in seen | self._marks[UPDATES]:
            if self.stored(job) is not None:
                yield job

    def updated(self) -> set[str]:
        """Return the jobs whose description was replaced."""
        return self._marks[UPDATES]

    def _read(self, job: str) -> JobDescription | None:
        if job in self._marks[DELETED]:
            return None
        if job in self._marks[UPDATES]:
            return self._read_update(job)
        return self._segment(segment_of(job)).get(job)

    def _segment(self, name: str) -> dict[str, JobDescription]:
        if name not in self._segments:
            try:
                found = self._store.read_descriptions(name)
            except NoSuchJobException:
                found = []
            self._segments[name] = {str(description.jobStoreID): description for description in found}
        return self._segments[name]

    def _read_record(self, job: str) -> Record | None:
        segment = segment_of(job)
        if segment not in self._segment_records:
            self._segment_records[segment] = self._store.records_of(segment)
        return self._segment_records[segment].get(index_of(job))

    def _is_marked(self, prefix: str, job: str) -> bool:
        return job in self._marks[prefix]


def _jobs_under(store: EngineStore, prefix: str) -> Iterable[str]:
    for key, _ in store.storage.list(prefix):
        segment, _, index = key.removeprefix(prefix).partition("/")
        yield job_id(segment, int(index))
