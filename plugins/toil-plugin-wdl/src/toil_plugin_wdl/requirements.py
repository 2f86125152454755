"""What a task asks for in its `runtime` or `requirements` section, as what a job asks for.

Cores, memory, disk, accelerators and whether a machine may be taken away are settled before the job is made; the rest,
such as the container, when it runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from WDL import Value

from toil_core.api import human2bytes
from toil_plugin_wdl.evaluating import evaluate, identifiers
from toil_plugin_wdl.problems import EvaluationError
from toil_plugin_wdl.thunks import Known, Thunk

if TYPE_CHECKING:
    from WDL import StdLib, Tree

    from toil_plugin_wdl.contexts import Context

#: What may be set for one call from outside, before the name of the attribute.
OVERRIDES = ("runtime.", "requirements.", "hints.")
_GIBIBYTE = 1 << 30
#: What a job has at least: some of it is for the worker that evaluates the task beside its command.
_LEAST_MEMORY = 256 << 20


class _StillPending(Exception):
    """An attribute depends on a value that is not there yet."""


def needs_of(task: Tree.Task, given: Mapping[str, Thunk], context: Context) -> dict[str, Any] | None:
    """Return what the job of a task needs, as keywords for `Job`; what the task leaves open is left out.

    :param given: its inputs, and attributes that are set from outside.
    :returns: None if that depends on values that are pending.
    """
    attributes = {name: expression for name, expression in task.runtime.items() if name in _READERS}
    overridden = overrides_in(given)
    if not any(identifiers(expression) for expression in attributes.values()) and not overridden:
        cached = _constant_needs.get(id(task))
        if cached is None:
            cached = _constant_needs[id(task)] = _needs(task, attributes, {}, {}, context)
        return cached
    try:
        return _needs(task, attributes, overridden, given, context)
    except _StillPending:
        return None


_constant_needs: dict[int, dict[str, Any]] = {}


def overrides_in(given: Mapping[str, Thunk]) -> dict[str, Thunk]:
    """Return the attributes of a task that are set from outside."""
    return {name[len(begin) :]: thunk for name, thunk in given.items() for begin in OVERRIDES if name.startswith(begin)}


def _needs(
    task: Tree.Task,
    attributes: Mapping[str, Any],
    overridden: Mapping[str, Thunk],
    given: Mapping[str, Thunk],
    context: Context,
) -> dict[str, Any]:
    library = context.library(context.program.address(task)[0])
    names = _Names(task, given, context, library)
    values: dict[str, Value.Base] = {}
    for name, expression in attributes.items():
        try:
            found = {one.name: names.value(one) for one in identifiers(expression)}
            values[name] = evaluate(expression, found, library, None, f"'{name}' of the task '{task.name}'")
        except EvaluationError:
            # What is wrong is told by the job itself, which evaluates it again and knows the call that it is for.
            continue
    values.update({name: thunk.value(context, None) for name, thunk in overridden.items() if name in _READERS})
    return needs_from(values)


class _Names:
    """The values of a task's inputs and declarations, as far as its requirements depend on them."""

    def __init__(self, task: Tree.Task, given: Mapping[str, Thunk], context: Context, library: StdLib.Base) -> None:
        self._task = task
        self._given = given
        self._context = context
        self._library = library

    def value(self, identifier: Any) -> Value.Base:
        decl = identifier.referee
        thunk = self._given.get(decl.name, Known(None))
        if thunk.pending:
            raise _StillPending
        value: Value.Base = thunk.value(self._context, decl.type.copy(optional=True))
        if not isinstance(value, Value.Null) or decl.expr is None:
            return value
        names = {one.name: self.value(one) for one in identifiers(decl.expr)}
        return evaluate(decl.expr, names, self._library, decl.type, f"'{decl.name}' of the task '{self._task.name}'")


def needs_from(values: Mapping[str, Value.Base]) -> dict[str, Any]:
    """Return what a job needs, from attributes that were evaluated."""
    needs: dict[str, Any] = {}
    for name, value in values.items():
        if not isinstance(value, Value.Null):
            _READERS[name](needs, _plain(value))
    if needs.get("accelerators") is True:
        needs["accelerators"] = 1
    return {name: value for name, value in needs.items() if value not in (None, False)}


def _plain(value: Value.Base) -> Any:
    return [_plain(item) for item in value.value] if isinstance(value, Value.Array) else value.value


def _cpu(needs: dict[str, Any], value: Any) -> None:
    needs["cores"] = float(value) if isinstance(value, (str, float)) else value


def _memory(needs: dict[str, Any], value: Any) -> None:
    needs["memory"] = max(bytes_in(value), _LEAST_MEMORY)


def _disks(needs: dict[str, Any], value: Any) -> None:
    parts = value if isinstance(value, list) else [value]
    needs["disk"] = sum(
        disk_bytes(one) for part in parts for one in (part.split(",") if isinstance(part, str) else [part])
    )


def _gpu(needs: dict[str, Any], value: Any) -> None:
    wanted = value if isinstance(value, (bool, int)) else bool(value)
    needs.setdefault("accelerators", wanted)


def _gpu_count(needs: dict[str, Any], value: Any) -> None:
    kind = needs.get("accelerators")
    needs["accelerators"] = f"{kind.partition(':')[0]}:{value}" if isinstance(kind, str) else int(value)


def _gpu_type(needs: dict[str, Any], value: Any) -> None:
    count = needs.get("accelerators")
    needs["accelerators"] = f"{value}:{count}" if isinstance(count, int) and count > 1 else str(value)


def _preemptible(needs: dict[str, Any], value: Any) -> None:
    needs["preemptible"] = str(value).lower() not in ("false", "0")


_READERS: dict[str, Callable[[dict[str, Any], Any], None]] = {
    "cpu": _cpu,
    "memory": _memory,
    "disks": _disks,
    "disk": _disks,
    "gpu": _gpu,
    "gpuCount": _gpu_count,
    "gpuType": _gpu_type,
    "acceleratorCount": _gpu_count,
    "acceleratorType": _gpu_type,
    "preemptible": _preemptible,
}


def bytes_in(value: Any) -> int:
    """Return the number of bytes that a size stands for: a number, or one with a unit such as `2 GiB` or `500 MB`."""
    return human2bytes(value if isinstance(value, (int, float)) else str(value))


def disk_bytes(value: Any) -> int:
    """Return the number of bytes of disk space that a disk is to have.

    A number counts gibibytes; text is a size, or a size with a unit, with the place of the disk before it and its kind
    behind it: `100`, `100 GB`, `/mnt/data 100 GiB`, `local-disk 100 SSD`.
    """
    if isinstance(value, (int, float)):
        return int(value * _GIBIBYTE)
    words = str(value).split()
    if words and not words[0][0].isdigit():
        words = words[1:]
    if len(words) > 1 and words[-1].upper() in ("SSD", "HDD", "LOCAL"):
        words = words[:-1]
    text = "".join(words)
    return int(float(text) * _GIBIBYTE) if text.replace(".", "", 1).isdigit() else bytes_in(text)
