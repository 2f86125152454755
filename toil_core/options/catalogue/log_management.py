"""What is kept of the logs that workers write."""

from __future__ import annotations

from toil_core.options import values
from toil_core.options.option import Option
from toil_core.units import human2bytes

TITLE = "Log Management Options"
ABOUT = "Which logs of jobs reach the leader, how much of them, and where they are written."

OPTIONS = (
    Option(
        name="maxLogFileSize",
        help="Bytes to keep of a job's log: the last ones, or the first ones if the number is negative; 0 keeps all. "
        "With --rotatingLogging, also the size at which a new log file is started.",
        group=TITLE,
        default=human2bytes("62.5KiB"),
        parse=values.signed_size,
        metavar="MAXLOGFILESIZE",
        default_text="62.5KiB",
    ),
    Option(
        name="writeLogs",
        help="Write each worker log that reaches the leader, and the output of failed batch system jobs, to a file of "
        "its own in this directory; in the current one if none is named. Logs of failed jobs reach the leader; those "
        "of others only with --writeLogsFromAllJobs or --logDebug.",
        group=TITLE,
        parse=values.path,
        metavar="FILEPATH",
        const=".",
    ),
    Option(
        name="writeLogsGzip",
        help="The same as --writeLogs, with the files compressed by gzip.",
        group=TITLE,
        parse=values.path,
        metavar="FILEPATH",
        const=".",
    ),
    Option(
        name="writeLogsFromAllJobs",
        help="Bring the logs of successful jobs to the leader as well.",
        group=TITLE,
        default=False,
        metavar=None,
    ),
    Option(
        name="writeMessages",
        help="File to write every message of the leader's message bus to.",
        group=TITLE,
        parse=values.path,
        metavar="FILEPATH",
    ),
    Option(
        name="realTimeLogging",
        help="Show what jobs log through RealtimeLogger while they run.",
        group=TITLE,
        default=False,
        metavar=None,
    ),
)
