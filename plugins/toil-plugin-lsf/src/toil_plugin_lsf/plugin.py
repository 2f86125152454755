"""What this distribution brings to Toil."""

from __future__ import annotations

from toil_core.api import BatchSystemSpec, hookimpl


@hookimpl
def toil_batch_systems() -> list[BatchSystemSpec]:
    """Bring it."""
    return [
        BatchSystemSpec(
            name="lsf",
            implementation="toil_plugin_lsf.scheduler:LSFBatchSystem",
            summary="Jobs on a cluster that IBM Spectrum LSF schedules.",
            aliases=("LSF",),
        )
    ]
