"""What this distribution brings to Toil."""

from __future__ import annotations

from toil_core.api import BatchSystemSpec, Option, hookimpl

_TITLE = "Torque Options"

OPTIONS = (
    Option(
        name="torqueArgs",
        help="Further arguments for qsub, such as '-q medium'. Memory and cores come from what jobs require.",
        group=_TITLE,
        default="",
        metavar="ARGUMENTS",
        env="TOIL_TORQUE_ARGS",
        plugin="torque",
    ),
    Option(
        name="torqueReqs",
        help="Further resources to ask for, as they follow -l: 'walltime=2:00:00,file=50gb'. They are put after those "
        "that come from what jobs require, and count more.",
        group=_TITLE,
        default="",
        metavar="RESOURCES",
        env="TOIL_TORQUE_REQS",
        plugin="torque",
    ),
)


@hookimpl
def toil_batch_systems() -> list[BatchSystemSpec]:
    """Bring Torque, and other descendants of PBS."""
    return [
        BatchSystemSpec(
            name="torque",
            implementation="toil_plugin_torque.scheduler:TorqueBatchSystem",
            summary="Jobs on a cluster that Torque or another PBS schedules.",
            options=OPTIONS,
            aliases=("pbs",),
        )
    ]
