"""What is said while a workflow runs, how much of it, and where."""

from __future__ import annotations

from toil_core.options import values
from toil_core.options.option import Option

TITLE = "Logging Options"
ABOUT = "How much is logged and where. The output of jobs is shown only if they fail."


def _shorthand(level: str) -> Option:
    return Option(
        name=f"log{level.capitalize()}",
        help=f"The same as --logLevel={level}.",
        group=TITLE,
        metavar=None,
        const=values.log_level(level),
        sets="logLevel",
    )


OPTIONS = (
    Option(
        name="logLevel",
        help="The least important messages to show: OFF (or CRITICAL), ERROR, WARN (or WARNING), INFO or DEBUG.",
        group=TITLE,
        default="INFO",
        parse=values.log_level,
        metavar="LOGLEVEL",
        flags=("--logLevel", "--loglevel"),
        aliases=("loglevel",),
    ),
    *(_shorthand(level) for level in ("OFF", "CRITICAL", "ERROR", "WARNING", "WARN", "INFO", "DEBUG")),
    Option(
        name="logFile",
        help="File to write the log to, in addition to standard error.",
        group=TITLE,
        parse=values.path,
        metavar="FILEPATH",
    ),
    Option(
        name="rotatingLogging",
        help="Start a new log file whenever the one of --logFile has grown to --maxLogFileSize, keeping the last few.",
        group=TITLE,
        default=False,
        metavar=None,
    ),
)
