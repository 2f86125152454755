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
        "the other in one process; with 0, each job gets a process of its own.",
        group=TITLE,
        default=None,
        parse=values.between(0),
        metavar="SECONDS",
        default_text="0.1 on the single machine, 30 on schedulers",
    ),
    Option(
        name="statePollingWait",
        help="Seconds between two questions to a scheduler about its jobs. Without it, they come soon after something "
        "has changed, and seldom while nothing does.",
        group=TITLE,
        default=None,
        parse=values.positive,
        metavar="SECONDS",
        default_text="0.25 to 30, as needed",
    ),
    Option(
        name="checkEnv",
        help="Insist that workers on other machines run from the same environment, at the same path, as the leader. "
        "Otherwise a node where there is none takes the _toil_worker on its PATH.",
        group=TITLE,
        default=False,
        metavar=None,
        env="TOIL_CHECK_ENV",
    ),
    Option(
        name="maxLocalJobs",
        help="How many local jobs may run at a time on the leader's machine, where the others go to other machines. "
        "Local are jobs that only arrange others. With 0, they go where the others do.",
        group=TITLE,
        default=None,
        parse=values.at_least(0),
        metavar="COUNT",
        default_text="the number of cores",
    ),
    Option(
        name="runCwlInternalJobsOnWorkers",
        help="Run local jobs, such as those that scatter and gather in CWL and WDL, on the machines that run the "
        "others, for workflows with so many that the leader's machine is too small for them.",
        group=TITLE,
        default=False,
        metavar=None,
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
