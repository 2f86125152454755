"""What this distribution brings to Toil."""

from __future__ import annotations

from toil_core.api import BatchSystemSpec, hookimpl


@hookimpl
def toil_batch_systems() -> list[BatchSystemSpec]:
    """Bring it."""
    return [
        BatchSystemSpec(
            name="torque",
            implementation="toil_plugin_torque.scheduler:TorqueBatchSystem",
            summary="Jobs on a cluster that Torque or another PBS schedules.",
            aliases=("pbs",),
        )
    ]
