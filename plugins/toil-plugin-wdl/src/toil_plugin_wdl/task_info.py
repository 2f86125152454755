"""The variable `task`, by which a task of WDL 1.2 or later learns what it was given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from WDL import Expr, Tree, Type, Value

from toil_plugin_wdl.values import unpack

if TYPE_CHECKING:
    from toil_core.api import Job


def task_information(
    task: Tree.Task, path: str, job: Job, attributes: Mapping[str, Any], attempt: int, status: int | None
) -> dict[str, Value.Base]:
    """Return what the variable `task` stands for, by its name.

    :param path: the call's path.
    :param job: the running job, which knows what it was given.
    :param attributes: the task's own, as plain values.
    :param attempt: how many attempts failed before.
    :param status: the command's exit status, once it has ended.
    :returns: nothing for versions of the language that do not have it.
    """
    if task.effective_wdl_version in ("draft-2", "1.0", "1.1"):
        return {}
    container = attributes.get("container", attributes.get("docker"))
    members = {
        "name": task.name,
        "id": path,
        "container": container if isinstance(container, str) else next(iter(container or ()), None),
        "cpu": float(job.cores),
        "memory": int(job.memory),
        "gpu": ["A", *(str(one.get("model", "gpu")) for one in job.accelerators for _ in range(one.get("count", 1)))],
        "fpga": ["A"],
        "disks": ["M", "/", int(job.disk)],
        "attempt": attempt,
        "end_time": None,
        "meta": _packed(task.meta or {}),
        "parameter_meta": _packed(task.parameter_meta or {}),
    }
    if status is not None:
        members["return_code"] = status
    kind: Type.Base = task.task_runtime_info_struct_type(output_section=status is not None)
    return {"task": unpack(["S", members], kind)}


def is_volatile(task: Tree.Task) -> bool:
    """Return whether a task says of itself that it may return something else each time that it runs."""
    return _packed((task.meta or {}).get("volatile")) is True


def _packed(found: Any) -> Any:
    """Return a value of a metadata section as a packed value."""
    if isinstance(found, dict):
        return ["S", {name: _packed(value) for name, value in found.items()}]
    if isinstance(found, list):
        return ["A", *map(_packed, found)]
    if isinstance(found, Expr.Base):
        literal = found.literal
        return literal.value if literal is not None else str(found)
    return found
