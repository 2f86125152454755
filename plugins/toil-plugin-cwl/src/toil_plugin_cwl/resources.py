"""What a tool says it needs, as the requirements of a job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cwl_utils.expression import needs_parsing

if TYPE_CHECKING:
    from cwltool.builder import Builder
    from cwltool.context import RuntimeContext
    from cwltool.process import Process

_MEBI = 1 << 20
_CUDA = "http://commonwl.org/cwltool#CUDARequirement"

#: What jobs that only evaluate expressions and arrange other jobs need.
LIGHT: dict[str, Any] = {"cores": 1, "memory": 256 << 20, "disk": 2 << 30}


def are_expressions(process: Process) -> bool:
    """Return whether what a process needs depends on its inputs."""
    found = (process.get_requirement(name)[0] for name in ("ResourceRequirement", _CUDA))
    values = (value for one in found if one is not None for key, value in one.items() if key.endswith(("Min", "Max")))
    return any(isinstance(value, str) and needs_parsing(value) for value in values)


def of_process(process: Process, builder: Builder | None, context: RuntimeContext) -> dict[str, Any]:
    """Return the requirements of a job that runs a process.

    :param builder: the process with its inputs; None will do where no requirement is an expression.
    """
    needed: Any = process.evalResources(builder, context)  # type: ignore[arg-type]
    requirements: dict[str, Any] = {
        "cores": needed["cores"],
        "memory": needed["ram"] * _MEBI,
        "disk": (needed["tmpdirSize"] + needed["outdirSize"]) * _MEBI,
    }
    if needed.get("cudaDeviceCount"):
        requirements["accelerators"] = f"cuda:{int(needed['cudaDeviceCount'])}"
    return requirements
