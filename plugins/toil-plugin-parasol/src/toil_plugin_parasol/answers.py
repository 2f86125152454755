"""What `parasol` prints and its hub writes, as Python values."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from toil_core.api import BatchJobExitReason, TaskState, TaskStatus

#: What `timeout` exits with when the time is up.
_TIME_IS_UP = 124
#: The status in the line of a job whose command could not be started.
_NEVER_BEGAN = 65280


class ListedJob(NamedTuple):
    """A line of `parasol -extended list jobs`.

    :ivar task: its number.
    :ivar runs: whether it has a machine.
    :ivar script: the name of the script that it runs.
    :ivar results: the file of results of its batch.
    """

    task: str
    runs: bool
    script: str
    results: str


def listed_jobs(text: str) -> Iterator[ListedJob]:
    """Read what `parasol -extended list jobs` printed: number, machine, user, date, time, command, file of results."""
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 7 and words[0].isdigit():
            script = os.path.basename(words[-2]).removesuffix(".sh")
            yield ListedJob(words[0], words[1] != "none", script, words[-1])


class ResultsFile:
    """The file that the hub appends a line to for each job of a batch that is over.

    :param path: where it is; it need not be there yet.
    :ivar ends: how the jobs have ended, by their numbers.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.ends: dict[str, TaskStatus] = {}
        self._position = 0

    def read(self) -> None:
        """Read the lines that are new; one that is not complete yet is left for later."""
        try:
            with open(self.path, "rb") as stream:
                stream.seek(self._position)
                new, newline, _ = stream.read().rpartition(b"\n")
        except FileNotFoundError:
            return
        self._position += len(new) + len(newline)
        for line in new.decode("utf-8", "replace").splitlines():
            words = line.split()
            if len(words) >= 9 and words[0].isdigit():
                self.ends[words[2]] = _end(int(words[0]), words[1], words[3], int(words[8]) - int(words[7]))


def _end(status: int, host: str, program: str, seconds: float) -> TaskStatus:
    """Return how a job has ended.

    :param status: as `wait()` has it.
    """
    code = os.waitstatus_to_exitcode(status)
    reason, detail = BatchJobExitReason.FINISHED if code == 0 else BatchJobExitReason.FAILED, ""
    if code < 0:
        reason = BatchJobExitReason.KILLED
    elif program == "timeout" and code == _TIME_IS_UP:
        reason, detail = BatchJobExitReason.TIMELIMIT, "its time was up"
    elif status == _NEVER_BEGAN:
        detail = f"it may be that Parasol could not start it on {host}"
    return TaskStatus(TaskState.ENDED, code, reason, detail, seconds)
