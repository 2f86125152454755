"""What this distribution brings to Toil."""

from __future__ import annotations

from toil_core.api import BatchSystemSpec, Option, hookimpl

_GROUP = "Slurm Options"
_OPTIONS = (
    Option(
        name="slurmArgs",
        help="Arguments for sbatch, such as '-A account -q fast'; they count before those of Toil. What jobs need in "
        "cores and memory is for the jobs to say.",
        group=_GROUP,
        default="",
        metavar="ARGUMENTS",
        env="TOIL_SLURM_ARGS",
        plugin="slurm",
    ),
    Option(
        name="slurmPe",
        help="The partition for jobs that need more than one core.",
        group=_GROUP,
        default="",
        metavar="PARTITION",
        env="TOIL_SLURM_PE",
        plugin="slurm",
    ),
)


@hookimpl
def toil_batch_systems() -> list[BatchSystemSpec]:
    """Bring Slurm."""
    return [
        BatchSystemSpec(
            name="slurm",
            implementation="toil_plugin_slurm.scheduler:SlurmBatchSystem",
            summary="Jobs on a cluster that Slurm schedules.",
            options=_OPTIONS,
            aliases=("Slurm",),
        )
    ]
