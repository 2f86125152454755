"""What jobs printed and sent, once it has reached the leader: it is shown, and written to files (`--writeLogs`)."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable
from typing import IO, TYPE_CHECKING, cast

from toil_core.observe.errors import OutputError
from toil_core.observe.events import JobFailed, JobLog, JobMessage
from toil_core.observe.text import one_line, plain, tail

if TYPE_CHECKING:
    from toil_core.observe.bus import MessageBus
    from toil_core.options.config import Config

logger = logging.getLogger(__name__)

#: How many lines of a job's log are shown at debug level.
SHOWN_LINES = 60
_UNFIT = r"[^A-Za-z0-9._+=@-]+"
_NAME_LENGTH = 80


def attach(bus: MessageBus, config: Config) -> None:
    """Show what jobs send and which ones fail, and write logs to files where that is asked for.

    :raises OutputError: if a directory for logs cannot be made or written to.
    """
    if config.writeLogs:
        bus.subscribe(JobLog, LogWriter(config.writeLogs, "--writeLogs").write)
    if config.writeLogsGzip:
        bus.subscribe(JobLog, LogWriter(config.writeLogsGzip, "--writeLogsGzip", compress=True).write)
    bus.subscribe(JobMessage, show_message)
    bus.subscribe(JobLog, show_log)
    bus.subscribe(JobFailed, show_failure)


def show_message(message: JobMessage) -> None:
    """Log a line that a job sent."""
    logger.log(message.level, "The job %s says: %s", one_line(message.name), plain(message.text))


def show_log(message: JobLog) -> None:
    """Show what an attempt printed, at debug level; that of jobs that failed for good is shown when the run ends."""
    if logger.isEnabledFor(logging.DEBUG):
        logger.debug("%s", framed(message.name, message.attempt, message.text))


def show_failure(message: JobFailed) -> None:
    """Say in one line that an attempt failed, and whether there will be another."""
    unit = f" {message.unit_name}" if message.unit_name not in ("", message.name) else ""
    name, reason = one_line(f"{message.name}{unit}"), one_line(message.reason)
    if not message.tries_left:
        logger.error("The job %s (%s) failed for good: it %s.", name, message.job_id, reason)
        return
    left = "once more" if message.tries_left == 1 else f"up to {message.tries_left} times more"
    logger.warning("The job %s (%s) %s. It is tried %s.", name, message.job_id, reason, left)


def framed(name: str, attempt: int, text: bytes) -> str:
    """Return the last lines of a job's log with a line around them that says whose they are."""
    shown, left_out = tail(plain(text), SHOWN_LINES)
    more = f" (without its first {left_out} lines)" if left_out else ""
    lines = "\n".join(f"  | {line}" for line in shown.split("\n"))
    return f"Log of attempt {attempt} at job {one_line(name)}{more}:\n{lines}\n  `-- end of log"


class LogWriter:
    """Writes each log to a file of its own.

    :param directory: where to; it is made if it does not exist.
    :param option: the option that named it.
    :param compress: whether to gzip the files.
    :raises OutputError: if that directory cannot be made or written to.
    """

    def __init__(self, directory: str, option: str, compress: bool = False) -> None:
        self.directory = os.path.abspath(directory)
        self._open: Callable[[str], IO[bytes]] = _open_gzip if compress else _open_plain
        self._suffix = ".log.gz" if compress else ".log"
        try:
            os.makedirs(self.directory, exist_ok=True)
        except OSError as error:
            raise OutputError("directory", directory, option, error) from error
        if not os.access(self.directory, os.W_OK | os.X_OK):
            raise OutputError("directory", directory, option, "it is not writable")

    def write(self, message: JobLog) -> None:
        """Write a log that has reached the leader; files of earlier runs are never overwritten."""
        stem = os.path.join(self.directory, log_name(message))
        number = 1
        while True:
            path = f"{stem}{f'-{number}' if number > 1 else ''}{self._suffix}"
            try:
                with self._open(path) as stream:
                    stream.write(message.text)
                return
            except FileExistsError:
                number += 1


def log_name(message: JobLog) -> str:
    """Return a name for a log's file: the job's name, its unit's, its ID, the attempt, and whether it failed."""
    names = [_fit(name) for name in (message.name, message.unit_name) if name]
    state = ["failed"] if message.failed else []
    return "-".join([*names, _fit(message.job_id), f"attempt{message.attempt}", *state])


def _fit(name: str) -> str:
    return (re.sub(_UNFIT, "_", name).strip(".")[:_NAME_LENGTH]) or "_"


def _open_plain(path: str) -> IO[bytes]:
    return open(path, "xb")


def _open_gzip(path: str) -> IO[bytes]:
    from gzip import GzipFile

    return cast("IO[bytes]", GzipFile(path, "xb"))
