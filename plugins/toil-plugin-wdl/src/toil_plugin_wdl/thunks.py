"""Values of a workflow that may not be there yet, and what is to be computed of them once they are.

A thunk is made while a workflow is laid out into jobs, and handed to the jobs that need it. What is known is packed
into it; what another job will return is a promise, in whose place that job finds the value; what is computed from
others is an expression that is evaluated where it is first asked for. So declarations need no jobs of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from toil_plugin_wdl.values import Packed, pack, unpack

if TYPE_CHECKING:
    from WDL import Type, Value

    from toil_core.api import Job
    from toil_plugin_wdl.contexts import Context


class Thunk:
    """A value that is there, or will be."""

    __slots__ = ()

    #: Whether the value depends on jobs that have not run.
    pending = False
    #: The jobs that it depends on.
    jobs: tuple[Job, ...] = ()

    @property
    def is_none(self) -> bool:
        """Whether the value is known to be None."""
        return False

    def packed(self, context: Context) -> Packed:
        """Return the value as plain data; it must not be pending."""
        raise NotImplementedError

    def value(self, context: Context, wanted: Type.Base | None) -> Value.Base:
        """Return the value; it must not be pending.

        :param wanted: its type.
        """
        return unpack(self.packed(context), wanted)


class Known(Thunk):
    """A value that is there.

    :param data: the value, packed.
    """

    __slots__ = ("data",)

    def __init__(self, data: Packed) -> None:
        self.data = data

    @property
    def is_none(self) -> bool:
        """Whether the value is None."""
        return self.data is None

    def packed(self, context: Context) -> Packed:
        """Return the value as plain data."""
        return self.data

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return (Known, (self.data,))


class Promised(Thunk):
    """What a job will return: a packed value, or a thunk that it makes.

    :param job: the job to wait for, which promises what the job that does the work returns.
    :param path: which part of what it returns.
    """

    __slots__ = ("jobs", "promise")

    pending = True

    def __init__(self, job: Job, *path: Any) -> None:
        self.jobs = (job,)
        self.promise = job.rv(*path)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return (_kept, (self.promise,))


def _kept(value: Any) -> Thunk:
    return value if isinstance(value, Thunk) else Known(value)


class Computed(Thunk):
    """The value of an expression that refers to something pending.

    :param address: where the expression is: the address of its workflow, the node there, and which of its inputs if
        that is a call.
    :param names: what the expression refers to.
    """

    __slots__ = ("_data", "address", "jobs", "names", "pending")

    def __init__(self, address: tuple[Any, ...], names: Mapping[str, Thunk], pending: bool = True) -> None:
        self.address = address
        self.names = dict(names)
        self.jobs = jobs_of(self.names.values()) if pending else ()
        self.pending = pending
        self._data: tuple[Packed, ...] = ()

    def packed(self, context: Context) -> Packed:
        """Return the value as plain data, computed when this is called first."""
        if not self._data:
            self._data = (pack(context.computed(self.address, self.names)),)
        return self._data[0]

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return (Computed, (self.address, self.names, False))


class Gathered(Thunk):
    """An array of values of which some are pending.

    :param items: the values.
    """

    __slots__ = ("items", "jobs", "pending")

    def __init__(self, items: Iterable[Thunk], pending: bool = True) -> None:
        self.items = list(items)
        self.jobs = jobs_of(self.items) if pending else ()
        self.pending = pending

    def packed(self, context: Context) -> Packed:
        """Return the value as plain data."""
        return ["A", *(item.packed(context) for item in self.items)]

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return (Gathered, (self.items, False))


class Defaulted(Thunk):
    """An input that is pending, and what it is if it turns out to be None.

    :param given: the value that was given.
    :param default: the value to take instead of None.
    """

    __slots__ = ("default", "given", "jobs", "pending")

    def __init__(self, given: Thunk, default: Thunk, pending: bool = True) -> None:
        self.given = given
        self.default = default
        self.jobs = jobs_of((given, default)) if pending else ()
        self.pending = pending

    def packed(self, context: Context) -> Packed:
        """Return the value as plain data."""
        found = self.given.packed(context)
        return self.default.packed(context) if found is None else found

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return (Defaulted, (self.given, self.default, False))


def gathered(items: Iterable[Thunk], context: Context) -> Thunk:
    """Return an array of values."""
    found = list(items)
    if any(item.pending for item in found):
        return Gathered(found)
    return Known(["A", *(item.packed(context) for item in found)])


def jobs_of(thunks: Iterable[Thunk]) -> tuple[Job, ...]:
    """Return the jobs that values depend on, each once."""
    return tuple(dict.fromkeys(_all_jobs(thunks)))


def _all_jobs(thunks: Iterable[Thunk]) -> Iterator[Job]:
    for thunk in thunks:
        yield from thunk.jobs
