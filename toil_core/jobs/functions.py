"""Jobs that wrap a function, so that nobody has to write a class for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from toil_core.jobs.job import Job

if TYPE_CHECKING:
    from toil_core.file_stores.abstract import AbstractFileStore

_RESERVED = ("memory", "cores", "disk", "accelerators", "preemptible", "preemptable", "checkpoint")
_UNLESS_PARAMETERS = ("unitName", "displayName", "wall_time", "expected_duration", "local")


class FunctionWrappingJob(Job):
    """A job that calls a function with arguments.

    The keywords memory, cores, disk, accelerators, preemptible and checkpoint say what the job needs. They are taken
    from the call that wraps the function, else from the defaults of parameters of these names. So are unitName,
    displayName, wall_time, expected_duration and local, unless the function has parameters of these names itself.

    :param userFunction: a function that workers can import: defined with `def` at the top of a module.
    :param args: positional arguments; promises among them are replaced by their values.
    :param kwargs: keyword arguments and the reserved keywords above.
    """

    def __init__(self, userFunction: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        self._function = userFunction
        parameters, defaults = _signature(userFunction)
        given = {name: kwargs.pop(name, None) for name in _RESERVED}
        needs = {name: defaults.get(name) if value is None else value for name, value in given.items()}
        others = {name: kwargs.pop(name) for name in _UNLESS_PARAMETERS if name in kwargs and name not in parameters}
        super().__init__(**needs, **others)
        self._args = args
        self._kwargs = kwargs

    def job_name(self) -> str:
        """Return the name of the wrapped function."""
        return getattr(self._function, "__name__", type(self._function).__name__)

    def has_body(self) -> bool:
        """Return True: a function always has something to run."""
        return True

    def run(self, fileStore: AbstractFileStore) -> Any:
        """Call the function.

        :returns: what the function returns.
        """
        return self._function(*self._args, **self._kwargs)


class JobFunctionWrappingJob(FunctionWrappingJob):
    """A job that calls a job function: a function whose first parameter is the job itself.

    Through it the function adds successors, logs, and reaches its file store as `job.fileStore`.
    """

    def run(self, fileStore: AbstractFileStore) -> Any:
        """Call the function with this job as its first argument.

        :returns: what the function returns.
        """
        return self._function(self, *self._args, **self._kwargs)


def _signature(function: Callable[..., Any]) -> tuple[set[str], dict[str, Any]]:
    """Return the names of a function's parameters, and the defaults of those that have one."""
    code = getattr(function, "__code__", None)
    if code is None:
        return _signature_by_inspection(function)
    positional = code.co_varnames[: code.co_argcount]
    keyword_only = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    values = getattr(function, "__defaults__", None) or ()
    defaults = dict(zip(positional[len(positional) - len(values) :], values, strict=True))
    defaults.update(getattr(function, "__kwdefaults__", None) or {})
    return {*positional, *keyword_only}, defaults


def _signature_by_inspection(function: Callable[..., Any]) -> tuple[set[str], dict[str, Any]]:
    import inspect

    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return set(), {}
    defaults = {name: one.default for name, one in parameters.items() if one.default is not one.empty}
    return set(parameters), defaults
