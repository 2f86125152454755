"""What this distribution brings to Toil."""

from __future__ import annotations

from typing import Any

from toil_core.api import BatchSystemSpec, Option, hookimpl

_GROUP = "Parasol Options"


def _at_least_one(value: Any) -> int:
    number = int(value) if str(value).strip().isdecimal() else 0
    if number < 1:
        raise ValueError(f"'{value}' is not a whole number of at least 1.")
    return number


_OPTIONS = (
    Option(
        name="parasolCommand",
        help="The name or the path of the program parasol.",
        group=_GROUP,
        default="parasol",
        metavar="PROGRAM",
        plugin="parasol",
    ),
    Option(
        name="parasolMaxBatches",
        help="How many batches Toil may have in Parasol. There is one for all jobs that need the same; jobs that would "
        "take one more fail.",
        group=_GROUP,
        default=1000,
        parse=_at_least_one,
        metavar="COUNT",
        plugin="parasol",
    ),
)


@hookimpl
def toil_batch_systems() -> list[BatchSystemSpec]:
    """Bring Parasol."""
    return [
        BatchSystemSpec(
            name="parasol",
            implementation="toil_plugin_parasol.scheduler:ParasolBatchSystem",
            summary="Jobs on a cluster that Parasol schedules.",
            options=_OPTIONS,
        )
    ]
