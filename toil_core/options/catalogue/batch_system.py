"""Which batch system runs the jobs, and what the single machine makes of their cores."""

from __future__ import annotations

from toil_core.options import values
from toil_core.options.option import Option

TITLE = "Batch System Options"
ABOUT = "What runs the jobs. Batch systems that are plugins add options of their own."

OPTIONS = (
    Option(
        name="batchSystem",
        help="The batch system to run jobs with; 'toil plugins list' shows those that are installed.",
        group=TITLE,
        default="single_machine",
        parse=values.batch_system,
        metavar="BATCHSYSTEM",
    ),
    Option(
        name="disableAutoDeployment",
        help="Do not copy the workflow's script and package to the workers; they must be at the same place there.",
        group=TITLE,
        default=False,
        metavar=None,
    ),
    Option(
        name="bundleSeconds",
        help="Seconds that a bundle of jobs should take. Jobs of kinds that have proved to be short are run one after "
        "the other in one process, on the single machine; with 0, each job gets a process of its own.",
        group=TITLE,
        default=0.1,
        parse=values.between(0),
        metavar="SECONDS",
    ),
    Option(
        name="scale",
        help="Factor for the cores of every job, on the single machine only. Below 1 it lets a small machine run what "
        "was made for a large one.",
        group=TITLE,
        default=1,
        parse=values.positive,
        metavar="SCALE",
    ),
)
