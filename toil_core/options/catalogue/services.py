"""Jobs that run services for others."""

from __future__ import annotations

import sys

from toil_core.options import values
from toil_core.options.option import Option

TITLE = "Service Options"
ABOUT = "How many services may run, so that room is left for the jobs that use them, and when to give up waiting."

OPTIONS = (
    Option(
        name="maxServiceJobs",
        help="How many services may run at a time, not counting those on preemptible nodes.",
        group=TITLE,
        default=sys.maxsize,
        parse=values.at_least(0),
        metavar="MAXSERVICEJOBS",
        default_text="no limit",
    ),
    Option(
        name="maxPreemptibleServiceJobs",
        help="How many services may run at a time on preemptible nodes.",
        group=TITLE,
        default=sys.maxsize,
        parse=values.at_least(0),
        metavar="MAXPREEMPTIBLESERVICEJOBS",
        flags=("--maxPreemptibleServiceJobs", "--maxPreemptableServiceJobs"),
        aliases=("maxPreemptableServiceJobs",),
        default_text="no limit",
    ),
    Option(
        name="deadlockWait",
        help="Seconds for which nothing but the same services may run, with jobs waiting for room, before the workflow "
        "is declared deadlocked and stopped.",
        group=TITLE,
        default=60,
        parse=values.positive,
        metavar="DEADLOCKWAIT",
    ),
    Option(
        name="deadlockCheckInterval",
        help="Seconds between checks for such a deadlock; should be less than --deadlockWait.",
        group=TITLE,
        default=30,
        parse=values.positive,
        metavar="DEADLOCKCHECKINTERVAL",
    ),
    Option(
        name="servicePollingInterval",
        help="Seconds between two checks of a service's health by the job that runs it.",
        group=TITLE,
        default=60,
        parse=values.positive,
        metavar="SERVICEPOLLINGINTERVAL",
    ),
    Option(
        name="serviceStopTimeout",
        help="Seconds that a service may take to stop before it is killed.",
        group=TITLE,
        default=300,
        parse=values.positive,
        metavar="SECONDS",
    ),
)
