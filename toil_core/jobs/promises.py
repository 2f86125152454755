"""Promises: return values that are referred to before they exist, and how they are kept.

A promise is pickled as the ID of its job and a path into that job's return value. Unpickling it, in the worker of a
job that was given it, puts the value in its place: it is looked up in the promising job's record. A return value that
is itself a promise (`return job.addChildFn(f).rv()`) is stored as a forward, and forwards are followed in a loop, so
recursion as deep as a workflow cares to go costs no stack.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from toil_core.errors import ToilError, described
from toil_core.job_stores.errors import JobStoreException
from toil_core.jobs.description import TemporaryID
from toil_core.jobs.errors import JobException, JobPromiseConstraintError, UnpicklableError
from toil_core.jobs.requirements import REQUIREMENT_NAMES

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.jobs.job import Job
    from toil_core.jobs.records import Record

Path = tuple[Any, ...]


class Promise:
    """The return value of a job that has not run yet, or a part of it.

    :param job: the job that will return the value.
    :param path: indices, keys or a slice that lead from the return value to the part.
    """

    __slots__ = ("job", "path")

    #: Kept for scripts that look at it; values live in the records of their jobs and go with them.
    filesToDelete: ClassVar[set[str]] = set()

    def __init__(self, job: Job, path: Any = ()) -> None:
        self.job = job
        self.path: Path = tuple(path)

    def target(self) -> tuple[str, Path] | None:
        """Return the promising job's ID and the path, or None if that job has nothing to run and so returns None.

        :raises JobException: if the job was never made part of the workflow.
        """
        job_id = self.job.jobStoreID
        if isinstance(job_id, TemporaryID):
            raise JobException(
                f"The return value of {self.job} was promised to another job, but {self.job} is not part of the "
                "workflow.",
                "Add it with addChild or addFollowOn before its promise is used.",
            )
        return (job_id, self.path) if self.job.has_body() else None

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        target = self.target()
        if target is None:
            return (_nothing, ())
        return (fulfil_early if self.job.fulfilled_while_running else fulfil, target)

    def __repr__(self) -> str:
        return f"Promise({self.job}{''.join(f'[{step!r}]' for step in self.path)})"


def _nothing() -> None:
    return None


class PromiseResolver:
    """Looks up promised values in a job store, reading each record at most once."""

    def __init__(self, job_store: AbstractJobStore) -> None:
        self._job_store = job_store
        self._records: dict[str, Record] = {}

    def value(self, job_id: str, path: Path) -> Any:
        """Return the value that a job returned, or the part of it that the path leads to.

        :raises JobPromiseConstraintError: if the job has not returned yet.
        """
        record = self._record(job_id)
        passed = {job_id}
        while record.forward is not None:
            job_id, before = record.forward
            if job_id in passed:
                raise JobPromiseConstraintError(
                    f"The job {self._named(job_id)} returned the promise of its own return value.",
                    "Return a value, or what another job promises.",
                )
            passed.add(job_id)
            path = (*before, *path)
            record = self._record(job_id)
        data = self._job_store.read_value(record.value_key) if record.value_key else record.value
        return self._part(job_id, data, path)

    def announced_value(self, job_id: str, path: Path) -> Any:
        """Return what a service announced when it had started, or the part of it that the path leads to.

        :raises JobPromiseConstraintError: if it has not started yet.
        """
        announced = self._job_store.announced_service(job_id)
        if announced is None:
            raise JobPromiseConstraintError(
                f"The service {job_id} was promised to a job that runs before it has started.",
                "Only successors of the job that the service was added to can use it.",
            )
        return self._part(job_id, announced[1], path)

    def _part(self, job_id: str, data: bytes | None, path: Path) -> Any:
        if data is None:
            job = self._named(job_id)
            raise JobException(f"The job {job} ran before anyone was promised its return value; it was not kept.")
        return self._select(self._loaded(job_id, data), job_id, path)

    def _loaded(self, job_id: str, data: bytes) -> Any:
        try:
            with _activated(self):
                return pickle.loads(data)
        except ToilError:
            raise
        except Exception as error:
            raise JobException(
                f"What the job {self._named(job_id)} returned or announced cannot be unpickled: {described(error)}.",
                "Let that job return plain values; if a class has changed, the job has to run again.",
            ) from error

    def _select(self, value: Any, job_id: str, path: Path) -> Any:
        for step in path:
            try:
                value = value[step]
            except Exception as error:
                raise JobException(
                    f"There is no [{step!r}] in what the job {self._named(job_id)} returned or announced, an object of "
                    f"type {type(value).__name__}: {described(error)}.",
                    "Let rv() name a part that the job returns.",
                ) from error
        return value

    def _named(self, job_id: str) -> str:
        """Return a job's name and ID, for people."""
        try:
            return f"'{self._job_store.read_description(job_id).jobName}' ({job_id})"
        except JobStoreException:
            return job_id

    def _record(self, job_id: str) -> Record:
        record = self._records.get(job_id)
        if record is None:
            record = self._job_store.read_record(job_id)
            if record is None:
                raise JobPromiseConstraintError(
                    f"The return value of the job {self._named(job_id)} was promised to a job that runs before it has "
                    "returned.",
                    "Make the job that uses a promise a follow-on of the promising job's parent, or its child.",
                )
            self._records[job_id] = record
        return record


_active: PromiseResolver | None = None


@contextmanager
def _activated(resolver: PromiseResolver | None) -> Iterator[None]:
    global _active
    before, _active = _active, resolver
    try:
        yield
    finally:
        _active = before


def fulfil(job_id: str, path: Path) -> Any:
    """Return the promised value; called by pickle when it meets a promise."""
    if _active is None:
        raise JobPromiseConstraintError(f"The promise of the job {job_id} cannot be kept here.")
    return _active.value(job_id, path)


def fulfil_early(job_id: str, path: Path) -> Any:
    """Return what a service announced; called by pickle when it meets the promise of a service."""
    if _active is None:
        raise JobPromiseConstraintError(f"The promise of the service {job_id} cannot be kept here.")
    return _active.announced_value(job_id, path)


def load_with_promises(job_store: AbstractJobStore, data: bytes) -> Any:
    """Unpickle, with promised values in the place of promises.

    :raises JobException: if a function or class is no longer where it was when it was written down.
    """
    try:
        with _activated(PromiseResolver(job_store)):
            return pickle.loads(data)
    except (AttributeError, ImportError) as error:
        raise JobException(
            f"The job uses something that cannot be found here: {described(error)}.",
            "Jobs that are written down name their functions and classes: put it back under its old name and restart.",
        ) from error


def load_value(job_store: AbstractJobStore, job_id: str, path: Path = ()) -> Any:
    """Return what a job returned, or the part of it that the path leads to.

    :raises JobPromiseConstraintError: if the job has not returned yet.
    """
    return PromiseResolver(job_store).value(job_id, path)


class PromisedRequirement:
    """A resource requirement that other jobs will have determined by the time it matters.

    :param valueOrCallable: a promise, or a function of the further arguments.
    :param args: arguments for the function; promises among them, also within lists, are replaced by their values.
    """

    def __init__(self, valueOrCallable: Any, *args: Any) -> None:
        if not callable(valueOrCallable) and args:
            raise ValueError("A promised requirement takes further arguments only together with a function.")
        self._content: tuple[Any, tuple[Any, ...]] | None = (valueOrCallable, args)
        self._packed = b""

    def getValue(self) -> Any:
        """Return the requirement's value.

        :raises JobPromiseConstraintError: if a promise in it has not been kept yet.
        """
        if self._content is None:
            self._content = pickle.loads(self._packed)
        value, args = self._content
        return value(*args) if callable(value) else value

    def resolve(self, job_store: AbstractJobStore) -> Any:
        """Return the requirement's value, with promises looked up in the job store."""
        with _activated(PromiseResolver(job_store)):
            return self.getValue()

    @staticmethod
    def convertPromises(kwargs: dict[str, Any]) -> bool:
        """Turn promises given for requirements into promised requirements, in place.

        :returns: whether any requirement is promised.
        """
        found = False
        for name in REQUIREMENT_NAMES:
            if isinstance(kwargs.get(name), Promise):
                kwargs[name] = PromisedRequirement(kwargs[name])
            found = found or isinstance(kwargs.get(name), PromisedRequirement)
        return found

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[bytes]]:
        return (_unpacked, (self._packed or _pack(self._content),))


def _unpacked(packed: bytes) -> PromisedRequirement:
    # The content stays packed until it is asked for: a leader that only passes it on has no promises to put in it.
    requirement = PromisedRequirement.__new__(PromisedRequirement)
    requirement._content = None
    requirement._packed = packed
    return requirement


def _pack(content: Any) -> bytes:
    try:
        return pickle.dumps(content, protocol=5)
    except (pickle.PicklingError, AttributeError, TypeError):
        import cloudpickle

        try:
            packed: bytes = cloudpickle.dumps(content, protocol=5)
        except Exception as error:
            raise UnpicklableError(f"A promised requirement cannot be written down: {error}") from error
        return packed


def kept_values(promise_or_value: Any) -> Mapping[str, Any]:
    """Return the fields of a record that keep a return value: its pickle, or the forward to another job's value.

    :raises UnpicklableError: if the value cannot be pickled.
    """
    if isinstance(promise_or_value, Promise) and not promise_or_value.job.fulfilled_while_running:
        target = promise_or_value.target()
        return {"forward": target} if target is not None else {"value": pickle.dumps(None)}
    return {"value": pickle.dumps(promise_or_value, protocol=5)}
