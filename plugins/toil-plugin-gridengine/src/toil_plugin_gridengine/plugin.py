"""What this distribution brings to Toil."""

from __future__ import annotations

from toil_core.api import BatchSystemSpec, hookimpl


@hookimpl
def toil_batch_systems() -> list[BatchSystemSpec]:
    """Bring it."""
    return [
        BatchSystemSpec(
            name="grid_engine",
            implementation="toil_plugin_gridengine.scheduler:GridEngineBatchSystem",
            summary="Jobs on a cluster that Grid Engine schedules.",
            aliases=(
                "gridengine",
                "gridEngine",
                "sge",
                "uge",
            ),
        )
    ]
