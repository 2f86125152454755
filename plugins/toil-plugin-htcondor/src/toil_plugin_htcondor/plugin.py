"""What this distribution brings to Toil."""

from __future__ import annotations

from toil_core.api import BatchSystemSpec, hookimpl


@hookimpl
def toil_batch_systems() -> list[BatchSystemSpec]:
    """Bring it."""
    return [
        BatchSystemSpec(
            name="htcondor",
            implementation="toil_plugin_htcondor.scheduler:HTCondorBatchSystem",
            summary="Jobs in a pool that HTCondor schedules.",
            aliases=("condor",),
        )
    ]
