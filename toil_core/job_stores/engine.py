"""What the engine itself keeps in a job store: segments of new jobs, records of jobs that are done, reports of attempts
that failed, and large return values. These methods are as fast as the storage; the documented view of jobs, with all
its questions of existence, is in `jobs_api.py`.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import IO, TYPE_CHECKING

from toil_core.job_stores.base import StoreBase
from toil_core.job_stores.errors import NoSuchFileException, NoSuchJobException
from toil_core.job_stores.storage import KeyAbsent
from toil_core.jobs.records import FailureReport, Record, decode_failure, decode_record, encode_failure, encode_record
from toil_core.jobs.segments import (
    FIRST_READ,
    BodyPlace,
    decode_description,
    decode_descriptions,
    decode_prefix,
    decode_row,
    index_of,
    job_id,
    new_segment_name,
    row_place,
    segment_of,
)

if TYPE_CHECKING:
    from toil_core.jobs.description import JobDescription

SEGMENTS, CREATED, RECORDS, FAILURES, VALUES = "segments/", "created/", "records/", "failures/", "values/"
#: Records of the first jobs of segments. Most segments have no other, and need no directory of their own this way.
FIRST_RECORDS = "first/"
#: How segments begin whose jobs got their IDs one by one, through the documented API; other names are base 32 and have
#: no zeros.
CREATED_BEGINS = "0"


def place_of(job_id: str) -> str:
    """Return the part of a key that stands for a job.

    :raises NoSuchJobException: if no job can have this ID.
    """
    segment, dash, index = str(job_id).rpartition("-")
    if not dash or not segment.isalnum() or not (index.isascii() and index.isdigit()):
        raise NoSuchJobException(str(job_id))
    return f"{segment}/{index}"


def record_key(job_id: str) -> str:
    """Return the key of a job's record.

    :raises NoSuchJobException: if no job can have this ID.
    """
    place = place_of(job_id)
    return f"{FIRST_RECORDS}{place[:-2]}" if place.endswith("/0") else RECORDS + place


class EngineStore(StoreBase):
    """Segments, records, failures and values."""

    # Segments

    def new_segment(self) -> str:
        """Return a name for a segment that no other has."""
        return new_segment_name()

    def put_segment(self, name: str, data: bytes) -> None:
        """Store what `encode_segment` made."""
        self.storage.put(SEGMENTS + name, data)

    def read_descriptions(self, segment: str) -> list[JobDescription]:
        """Return the descriptions of all jobs in a segment, with the configuration assigned.

        :raises NoSuchJobException: if there is no such segment.
        """
        created = self.read_created(segment)
        if created:
            return [created[index] for index in sorted(created)]
        try:
            data = self.storage.read(SEGMENTS + segment, 0, FIRST_READ)
            end = decode_prefix(data).bodies_at
            if end > len(data):
                data += self.storage.read(SEGMENTS + segment, len(data), end - len(data))
        except (KeyAbsent, ValueError) as error:
            raise NoSuchJobException(segment) from error
        descriptions = decode_descriptions(segment, data)
        for description in descriptions:
            description._config = self._config
        return descriptions

    def read_description(self, job_id: str) -> JobDescription:
        """Return one job's description as it was first written, with the configuration assigned.

        :raises NoSuchJobException: if it is in no segment.
        """
        place_of(job_id)
        segment, index = segment_of(job_id), index_of(job_id)
        at = row_place(index)
        created = self.read_created(segment)
        if index in created:
            return created[index]
        key = SEGMENTS + segment
        try:
            if index >= decode_prefix(self.storage.read(key, 0, row_place(0).offset)).jobs:
                raise NoSuchJobException(job_id)
            row = decode_row(self.storage.read(key, at.offset, at.length))
            data = self.storage.read(key, row.description.offset, row.description.length)
        except (KeyAbsent, ValueError) as error:
            raise NoSuchJobException(job_id) from error
        description = decode_description(segment, index, data, row.body)
        description._config = self._config
        return description

    def put_created(self, segment: str, descriptions: Mapping[int, JobDescription]) -> None:
        """Store descriptions that have no body, by their index in a segment."""
        self.storage.put(CREATED + segment, pickle.dumps(dict(descriptions), protocol=5))

    def read_created(self, segment: str) -> dict[int, JobDescription]:
        """Return what `put_created` stored for a segment, with the configuration assigned."""
        if not segment.startswith(CREATED_BEGINS):
            return {}
        try:
            found: dict[int, JobDescription] = pickle.loads(self.storage.read(CREATED + segment))
        except KeyAbsent:
            return {}
        for description in found.values():
            description._config = self._config
        return found

    def read_body(self, job_id: str, place: BodyPlace) -> bytes:
        """Return a job's pickled body.

        :param place: where its description says that it lies.
        :raises NoSuchJobException: if its segment is gone.
        """
        try:
            return self.storage.read(SEGMENTS + segment_of(job_id), place.offset, place.length)
        except KeyAbsent as error:
            raise NoSuchJobException(job_id) from error

    # Records

    def commit(self, job_id: str, record: Record) -> bool:
        """Store a job's record, unless another attempt has stored one.

        :returns: whether this attempt is the one that counts.
        """
        return self.storage.put(record_key(job_id), encode_record(record), if_absent=True)

    def read_record(self, job_id: str) -> Record | None:
        """Return a job's record, or None if it is not done."""
        try:
            return decode_record(self.storage.read(record_key(job_id)))
        except KeyAbsent:
            return None

    def read_records(self, ids: Iterable[str]) -> Iterator[Record | None]:
        """Yield the record of each job in order, None for those that are not done."""
        for data in self.storage.read_many([record_key(job) for job in ids]):
            yield decode_record(data) if data is not None else None

    def records_of(self, segment: str) -> dict[int, Record]:
        """Return the records of all done jobs of a segment, by their index in it."""
        prefix = f"{RECORDS}{segment}/"
        keys = {0: FIRST_RECORDS + segment}
        keys.update((int(key.removeprefix(prefix)), key) for key, _ in self.storage.list(prefix))
        found = zip(keys, self.storage.read_many(list(keys.values())), strict=True)
        return {index: decode_record(data) for index, data in found if data is not None}

    def done_jobs(self) -> Iterator[str]:
        """Yield the IDs of all jobs that have a record, in any order."""
        for key, _ in self.storage.list(FIRST_RECORDS):
            yield job_id(key.removeprefix(FIRST_RECORDS), 0)
        for key, _ in self.storage.list(RECORDS):
            segment, _, index = key.removeprefix(RECORDS).partition("/")
            yield job_id(segment, int(index))

    # Return values too large for a record

    def put_value(self, job_id: str, data: bytes) -> str:
        """Store a pickled return value.

        :returns: the key to read it by, for the job's record.
        """
        key = f"{VALUES}{place_of(job_id)}/{os.urandom(8).hex()}"
        self.storage.put(key, data)
        return key

    def read_value(self, key: str) -> bytes:
        """Return a value that `put_value` stored.

        :raises NoSuchFileException: if it is gone.
        """
        try:
            return self.storage.read(key)
        except KeyAbsent as error:
            raise NoSuchFileException(key) from error

    # Failed attempts

    def write_failure(self, report: FailureReport) -> None:
        """Keep the report of a failed attempt."""
        key = f"{FAILURES}{place_of(report.job)}/{report.run}.{report.attempt}"
        self.storage.put(key, encode_failure(report))

    def read_failure(self, job_id: str, attempt: int, run: int = 0) -> FailureReport | None:
        """Return the report of one attempt, or None if it left none.

        :param run: in which run of the workflow: 0 for the first, and one more for each restart.
        """
        try:
            return decode_failure(self.storage.read(f"{FAILURES}{place_of(job_id)}/{run}.{attempt}"))
        except KeyAbsent:
            return None

    def failures(self, job_id: str) -> list[FailureReport]:
        """Return the reports of a job's failed attempts, in the order of the attempts."""
        keys = [key for key, _ in self.storage.list(f"{FAILURES}{place_of(job_id)}/")]
        reports = [decode_failure(data) for data in self.storage.read_many(keys) if data is not None]
        return sorted(reports, key=lambda report: (report.run, report.attempt))

    def failure_index(self) -> Iterator[tuple[str, int, int]]:
        """Yield, for each report of a failed attempt, the job, the run and the attempt, in any order."""
        for key, _ in self.storage.list(FAILURES):
            segment, index, name = key.removeprefix(FAILURES).split("/")
            run, _, attempt = name.partition(".")
            yield job_id(segment, int(index)), int(run), int(attempt)

    def open_failure_log(self, job_id: str) -> AbstractContextManager[IO[bytes]]:
        """Open what a job's last failed attempt printed.

        :raises NoSuchFileException: if no attempt has left a report.
        """
        import io

        reports = self.failures(job_id)
        if not reports:
            raise NoSuchFileException(f"the log of job {job_id}")
        return io.BytesIO(reports[-1].log)
