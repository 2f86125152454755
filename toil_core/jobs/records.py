"""The one fact that decides whether an attempt at a job happened: its record.

A job that has a record is done; one that has none is not, whatever else its attempts left behind. The record is put
once, only if absent, so two attempts can never both count. Attempts that failed leave a report beside it, for people.
"""

from __future__ import annotations

import pickle
from typing import NamedTuple

from toil_core.jobs.errors import DamagedRecordError


class Usage(NamedTuple):
    """What an attempt used: start (seconds since the epoch), seconds of wall and CPU time, peak memory in bytes."""

    start: float
    wall: float
    cpu: float
    memory: int
    disk: int = 0


class Record(NamedTuple):
    """How a job ended well, and what comes after it."""

    #: The segment that holds the successors this attempt made, or empty.
    segment: str = ""
    #: Indices within that segment of the new children and follow-ons of the job itself.
    children: tuple[int, ...] = ()
    follow_ons: tuple[int, ...] = ()
    #: The job that this worker went on with, or empty.
    chained_to: str = ""
    #: The pickled return value, if anyone was promised it and it is small.
    value: bytes | None = None
    #: The key of the pickled return value, if it is large.
    value_key: str = ""
    #: The job whose return value, at this path, is this job's return value.
    forward: tuple[str, tuple[object, ...]] | None = None
    #: User files to delete now that the job is done.
    delete_files: tuple[str, ...] = ()
    #: Whether user files are to be deleted once all successors are done.
    has_cleanup_files: bool = False
    #: Log messages for the leader: (level, text).
    messages: tuple[tuple[int, str], ...] = ()
    #: What the attempt printed, if the leader wants to have it.
    log: bytes = b""
    usage: Usage = Usage(0.0, 0.0, 0.0, 0)
    #: The machine that ran the attempt.
    host: str = ""
    #: Indices within the segment of the hosts of new services, each with those of the hosts to start after it.
    services: tuple[tuple[int, tuple[int, ...]], ...] = ()


class FailureReport(NamedTuple):
    """How one attempt at a job failed, as far as its worker could tell."""

    job: str
    attempt: int
    #: One line: the exception's type and message.
    error: str = ""
    #: The tail of what the attempt printed, with the traceback.
    log: bytes = b""
    #: The files the job had read: (file ID, where its copy was, or empty for a stream).
    accessed: tuple[tuple[str, str], ...] = ()
    messages: tuple[tuple[int, str], ...] = ()
    usage: Usage = Usage(0.0, 0.0, 0.0, 0)
    host: str = ""
    #: Which run of the workflow it was: 0 for the first, and one more for each restart.
    run: int = 0
    #: What the exception itself has to tell people instead of where it was raised: lines.
    explanation: tuple[str, ...] = ()


def encode_record(record: Record) -> bytes:
    """Return the bytes to store for a record."""
    return pickle.dumps(tuple(record), protocol=5)


def decode_record(data: bytes) -> Record:
    """Return the record that `encode_record` wrote; fields added since are at their defaults.

    :raises DamagedRecordError: if it cannot be read.
    """
    try:
        return Record(*pickle.loads(data))
    except Exception as error:
        # Unpickling what is no pickle may raise nearly anything.
        raise DamagedRecordError("record") from error


def encode_failure(report: FailureReport) -> bytes:
    """Return the bytes to store for a failed attempt."""
    return pickle.dumps(tuple(report), protocol=5)


def decode_failure(data: bytes) -> FailureReport:
    """Return the report that `encode_failure` wrote.

    :raises DamagedRecordError: if it cannot be read.
    """
    try:
        return FailureReport(*pickle.loads(data))
    except Exception as error:
        raise DamagedRecordError("report of a failed attempt") from error
