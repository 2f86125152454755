"""What this distribution brings to Toil."""

from __future__ import annotations

from toil_core.api import BatchSystemSpec, hookimpl


@hookimpl
def toil_batch_systems() -> list[BatchSystemSpec]:
    """Bring it."""
    return [
        BatchSystemSpec(
            name="slurm",
            implementation="toil_plugin_slurm.scheduler:SlurmBatchSystem",
            summary="Jobs on a cluster that Slurm schedules.",
            aliases=("Slurm",),
        )
    ]
