"""What this distribution brings to Toil."""

from __future__ import annotations

from toil_core.api import BatchSystemSpec, Option, hookimpl

_TITLE = "HTCondor Options"

OPTIONS = (
    Option(
        name="htcondorParams",
        help="Further lines of the submit description, separated by semicolons: 'requirements = TARGET.has_avx; "
        "accounting_group = test'. Memory and cores come from what jobs require.",
        group=_TITLE,
        default="",
        metavar="PARAMETERS",
        env="TOIL_HTCONDOR_PARAMS",
        plugin="htcondor",
    ),
)


@hookimpl
def toil_batch_systems() -> list[BatchSystemSpec]:
    """Bring HTCondor."""
    return [
        BatchSystemSpec(
            name="htcondor",
            implementation="toil_plugin_htcondor.scheduler:HTCondorBatchSystem",
            summary="Jobs in a pool that HTCondor schedules.",
            options=OPTIONS,
            aliases=("condor",),
        )
    ]
