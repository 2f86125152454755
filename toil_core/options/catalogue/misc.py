"""What belongs under no other heading."""

from __future__ import annotations

from toil_core.options import values
from toil_core.options.option import Option

TITLE = "Miscellaneous Options"
ABOUT = "Chaining, the environment of workers, and reports of progress."

OPTIONS = (
    Option(
        name="disableChaining",
        help="Never run a job's successor in the same process right after it.",
        group=TITLE,
        default=False,
        metavar=None,
    ),
    Option(
        name="setEnv",
        help="Set an environment variable in workers before they start: NAME=VALUE, or NAME for its current value. "
        "Jobs get the leader's environment anyway, except for what is particular to its machine. May be repeated.",
        group=TITLE,
        default=[],
        parse=values.assignment,
        metavar="NAME",
        flags=("--setEnv", "-e"),
        repeatable=True,
    ),
    Option(
        name="statusWait",
        help="Seconds between reports of running jobs.",
        group=TITLE,
        default=3600,
        parse=values.positive,
        metavar="INT",
    ),
    Option(
        name="disableProgress",
        help="Do not show a progress bar when standard error is a terminal.",
        group=TITLE,
        default=False,
        metavar=None,
    ),
    Option(
        name="history",
        help="Whether to keep a note of the run on this machine, for 'toil history'.",
        group=TITLE,
        default=True,
        parse=values.flag,
        metavar="BOOL",
    ),
)
