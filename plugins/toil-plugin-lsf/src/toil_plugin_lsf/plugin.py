"""What this distribution brings to Toil."""

from __future__ import annotations

from toil_core.api import BatchSystemSpec, Option, hookimpl

_TITLE = "LSF Options"

OPTIONS = (
    Option(
        name="lsfArgs",
        help="Further arguments for bsub, such as '-q medium'. Memory and cores are taken from the jobs' requirements.",
        group=_TITLE,
        default="",
        metavar="ARGUMENTS",
        env="TOIL_LSF_ARGS",
        plugin="lsf",
    ),
    Option(
        name="coalesceStatusCalls",
        help="Ask LSF about all jobs of the user at once rather than about those of the workflow by their IDs, so that "
        "one call does however many there are.",
        group=_TITLE,
        default=False,
        metavar=None,
        plugin="lsf",
    ),
)


@hookimpl
def toil_batch_systems() -> list[BatchSystemSpec]:
    """Bring LSF."""
    return [
        BatchSystemSpec(
            name="lsf",
            implementation="toil_plugin_lsf.scheduler:LSFBatchSystem",
            summary="Jobs on a cluster that IBM Spectrum LSF schedules.",
            options=OPTIONS,
        )
    ]
