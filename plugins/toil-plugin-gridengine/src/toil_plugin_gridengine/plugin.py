"""What this distribution brings to Toil."""

from __future__ import annotations

from toil_core.api import BatchSystemSpec, Option, hookimpl

_TITLE = "Grid Engine Options"

OPTIONS = (
    Option(
        name="gridengineArgs",
        help="Further arguments for qsub, such as '-q batch.q'. Memory and cores come from what jobs require.",
        group=_TITLE,
        default="",
        metavar="ARGUMENTS",
        env="TOIL_GRIDENGINE_ARGS",
        plugin="gridengine",
    ),
    Option(
        name="gridenginePe",
        help="The parallel environment for jobs that need more than one core; by default the one that puts all "
        "slots of a job on one host, if there is just one of these.",
        group=_TITLE,
        default="",
        metavar="NAME",
        env="TOIL_GRIDENGINE_PE",
        plugin="gridengine",
    ),
    Option(
        name="manualMemArgs",
        help="Do not ask qsub for the memory (vf, h_vmem) that jobs require; TOIL_GRIDENGINE_ARGS says what to ask.",
        group=_TITLE,
        default=False,
        metavar=None,
        plugin="gridengine",
    ),
)


@hookimpl
def toil_batch_systems() -> list[BatchSystemSpec]:
    """Bring Grid Engine."""
    return [
        BatchSystemSpec(
            name="grid_engine",
            implementation="toil_plugin_gridengine.scheduler:GridEngineBatchSystem",
            summary="Jobs on a cluster that Grid Engine schedules.",
            options=OPTIONS,
            aliases=("gridengine", "gridEngine", "sge", "uge"),
        )
    ]
