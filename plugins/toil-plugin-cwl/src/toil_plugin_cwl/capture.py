"""What cwltool says, and what a tool prints to a file for its standard error, kept for the message if it fails."""

from __future__ import annotations

import logging
import os
from types import TracebackType
from typing import TYPE_CHECKING

from cwltool.loghandler import defaultStreamHandler

if TYPE_CHECKING:
    from cwltool.job import JobBase

_logger = logging.getLogger("cwltool")
_TAIL_BYTES = 8192


def let_toil_log(level: int) -> None:
    """Have what cwltool says go where Toil's own messages go.

    :param level: the least level to say anything at.
    """
    _logger.removeHandler(defaultStreamHandler)
    _logger.setLevel(level)
    # What cannot be evaluated is told by the error that it raises.
    logging.getLogger("cwl_utils").setLevel(logging.CRITICAL)


class Messages(logging.Handler):
    """Keeps what cwltool complains about within the block."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self._lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a message."""
        self._lines.append(record.getMessage())

    def text(self) -> str:
        """Return all that was said."""
        return "\n".join(self._lines)

    def __enter__(self) -> Messages:
        _logger.addHandler(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _logger.removeHandler(self)


def end_of_error_output(job: JobBase) -> str:
    """Return the end of what a command printed to its standard error, if that went to a file.

    Otherwise it is in the log of the job.
    """
    path = os.path.join(job.base_path_logs, job.stderr) if job.stderr else ""
    if not os.path.isfile(path):
        return ""
    with open(path, "rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - _TAIL_BYTES))
        return stream.read().decode("utf-8", "replace")
