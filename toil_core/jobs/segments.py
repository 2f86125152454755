"""Segments: all the jobs that one attempt made, descriptions and bodies, as a single immutable value.

A job's ID is its segment's name and its index in it, `k3f9a2b7c1d0-17`. Layout: a fixed prefix (magic, count, length
of everything before the bodies), a table with the place of each description and body, the pickled descriptions, then
the bodies. The leader reads the head (all before the bodies) once and so knows every job; a worker fetches its one
body with one ranged read, since its order names the place, and any single description with two small ones.
"""

from __future__ import annotations

import os
import pickle
import struct
from base64 import b32encode
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from toil_core.jobs.description import JobDescription

_PREFIX = struct.Struct("<4sIQ")
_ROW = struct.Struct("<QIQI")
_MAGIC = b"TSG1"
#: How much to read of a segment at first: enough for the head of one with a few hundred jobs.
FIRST_READ = 1 << 16


class BodyPlace(NamedTuple):
    """Where in its segment a job's body lies: offset and length in bytes."""

    offset: int
    length: int


def new_segment_name() -> str:
    """Return a name that no other process will choose."""
    return b32encode(os.urandom(10)).decode("ascii").lower()


def job_id(segment: str, index: int) -> str:
    """Return the ID of the job at this index of a segment."""
    return f"{segment}-{index}"


def segment_of(job: str) -> str:
    """Return the name of the segment that a job's description lies in."""
    return job.rpartition("-")[0]


def index_of(job: str) -> int:
    """Return a job's index in its segment."""
    return int(job.rpartition("-")[2])


def encode_segment(descriptions: Sequence[JobDescription], bodies: Sequence[bytes | None]) -> bytes:
    """Return the segment's bytes; the `body` of each description is set to the place of its body, or to None."""
    heads = [pickle.dumps(description.to_tuple(), protocol=5) for description in descriptions]
    head_at = _PREFIX.size + _ROW.size * len(heads)
    bodies_at = body_at = head_at + sum(map(len, heads))
    rows = []
    for description, head, body in zip(descriptions, heads, bodies, strict=True):
        size = len(body) if body is not None else 0
        rows.append(_ROW.pack(head_at, len(head), body_at, size))
        description.body = BodyPlace(body_at, size) if size else None
        head_at += len(head)
        body_at += size
    present = [body for body in bodies if body]
    return b"".join([_PREFIX.pack(_MAGIC, len(heads), bodies_at), *rows, *heads, *present])


class SegmentHead(NamedTuple):
    """How many jobs a segment holds and where its head ends, learned from its first bytes."""

    jobs: int
    bodies_at: int


class SegmentRow(NamedTuple):
    """Where one job's description and body lie; the body is None for a job that has nothing to run."""

    description: BodyPlace
    body: BodyPlace | None


def decode_prefix(data: bytes) -> SegmentHead:
    """Return what a segment's first bytes say of it.

    :raises ValueError: if these are not the first bytes of a segment.
    """
    if len(data) < _PREFIX.size:
        raise ValueError("the segment is cut short")
    magic, count, bodies_at = _PREFIX.unpack_from(data)
    if magic != _MAGIC:
        raise ValueError("this is not a segment of a known version")
    return SegmentHead(count, bodies_at)


def row_place(index: int) -> BodyPlace:
    """Return where the row of the table for this index lies."""
    return BodyPlace(_PREFIX.size + _ROW.size * index, _ROW.size)


def decode_row(data: bytes) -> SegmentRow:
    """Return the places that a row of the table names.

    :raises ValueError: if the row is cut short, which means that the segment has no such job.
    """
    if len(data) < _ROW.size:
        raise ValueError("the segment has no job at this index")
    head_at, head_size, body_at, body_size = _ROW.unpack_from(data)
    return SegmentRow(BodyPlace(head_at, head_size), BodyPlace(body_at, body_size) if body_size else None)


def decode_description(segment: str, index: int, data: bytes, body: BodyPlace | None) -> JobDescription:
    """Return one description from its bytes."""
    from toil_core.jobs.description import JobDescription

    description = JobDescription.from_tuple(segment, index, pickle.loads(data))
    description.body = body
    return description


def decode_descriptions(segment: str, data: bytes) -> list[JobDescription]:
    """Return all descriptions from `data`, which begins with a segment's whole head."""
    head = decode_prefix(data)
    view = memoryview(data)
    found = []
    for index in range(head.jobs):
        at = row_place(index)
        (start, size), body = decode_row(view[at.offset : at.offset + at.length])  # type: ignore[arg-type]
        found.append(decode_description(segment, index, view[start : start + size], body))  # type: ignore[arg-type]
    return found
