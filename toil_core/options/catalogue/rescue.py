"""What happens to jobs that fail, run too long, or get lost."""

from __future__ import annotations

import sys

from toil_core.options import values
from toil_core.options.option import Option

TITLE = "Options for rescuing/killing/restarting jobs"
ABOUT = "What to do about jobs that fail, run too long, or are lost by their batch system."

OPTIONS = (
    Option(
        name="retryCount",
        help="How often to try a failed job again before giving it up.",
        group=TITLE,
        default=1,
        parse=values.at_least(0),
        metavar="RETRYCOUNT",
    ),
    Option(
        name="enableUnlimitedPreemptibleRetries",
        help="Do not count against --retryCount what fails because its node was taken away or lost.",
        group=TITLE,
        default=False,
        metavar=None,
        flags=("--enableUnlimitedPreemptibleRetries", "--enableUnlimitedPreemptableRetries"),
        aliases=("enableUnlimitedPreemptableRetries",),
    ),
    Option(
        name="doubleMem",
        help="Try a job that ran out of memory again with twice as much; each time counts against --retryCount.",
        group=TITLE,
        default=False,
        metavar=None,
    ),
    Option(
        name="enforceMemory",
        help="Let no process of a job allocate more memory than the job asked for, where the system can see to that.",
        group=TITLE,
        default=False,
        metavar=None,
    ),
    Option(
        name="maxJobDuration",
        help="Seconds that a job may run before it is killed; it can be a little later.",
        group=TITLE,
        default=sys.maxsize,
        parse=values.positive,
        metavar="MAXJOBDURATION",
        default_text="no limit",
    ),
    Option(
        name="rescueJobsFrequency",
        help="Seconds between checks for jobs that run too long or that the batch system has lost. For experts.",
        group=TITLE,
        default=60,
        parse=values.positive,
        metavar="RESCUEJOBSFREQUENCY",
    ),
)
