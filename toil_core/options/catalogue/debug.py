"""What helps to find mistakes in workflows, and to test Toil."""

from __future__ import annotations

from toil_core.options import values
from toil_core.options.option import Option

TITLE = "Debug Options"
ABOUT = "Help with finding problems, and with testing."

OPTIONS = (
    Option(
        name="debugWorker",
        help="Run jobs in the leader's process, where a debugger sees them and their output is not captured. Only on "
        "the single machine.",
        group=TITLE,
        default=False,
        metavar=None,
    ),
    Option(
        name="disableWorkerOutputCapture",
        help="Let the output of jobs go to the worker's own standard output and error instead of a log for each job.",
        group=TITLE,
        default=False,
        metavar=None,
    ),
    Option(
        name="badWorker",
        help="For tests: the proportion of workers, from 0 to 1, to kill at random with SIGKILL.",
        group=TITLE,
        default=0.0,
        parse=values.between(0, 1),
        metavar="BADWORKER",
    ),
    Option(
        name="badWorkerFailInterval",
        help="For tests: a worker that --badWorker kills dies within this many seconds of its start.",
        group=TITLE,
        default=0.01,
        parse=values.between(0),
        metavar="BADWORKERFAILINTERVAL",
    ),
    Option(
        name="kill_polling_interval",
        help="Seconds between looks at the job store for the flag that 'toil kill' sets.",
        group=TITLE,
        default=5,
        parse=values.positive,
        metavar="KILL_POLLING_INTERVAL",
        flags=("--kill_polling_interval", "--killPollingInterval"),
        aliases=("killPollingInterval",),
    ),
)
