"""What this distribution brings to Toil."""

from __future__ import annotations

from toil_core.api import BatchSystemSpec, hookimpl


@hookimpl
def toil_batch_systems() -> list[BatchSystemSpec]:
    """Bring it."""
    return [
        BatchSystemSpec(
            name="parasol",
            implementation="toil_plugin_parasol.scheduler:ParasolBatchSystem",
            summary="Jobs on a cluster that Parasol schedules.",
        )
    ]
