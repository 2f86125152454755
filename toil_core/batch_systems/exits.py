"""How a job's process ended: its exit status and, where the batch system can tell, the reason in words."""

from __future__ import annotations

import signal
from enum import IntEnum
from typing import NamedTuple

#: The exit status reported where a job ended without giving one.
EXIT_STATUS_UNAVAILABLE_VALUE = 255


class BatchJobExitReason(IntEnum):
    """Why a job is no longer running."""

    FINISHED = 1
    FAILED = 2
    LOST = 3
    KILLED = 4
    ERROR = 5
    MEMLIMIT = 6
    MISSING = 7
    MAXJOBDURATION = 8
    TIMELIMIT = 9

    def in_words(self) -> str:
        """Return the reason as the end of a sentence that starts with "the job"."""
        return _WORDS[self]


_WORDS = {
    BatchJobExitReason.FINISHED: "finished",
    BatchJobExitReason.FAILED: "failed",
    BatchJobExitReason.LOST: "was lost together with the node or process that ran it",
    BatchJobExitReason.KILLED: "was killed",
    BatchJobExitReason.ERROR: "could not be run by the batch system",
    BatchJobExitReason.MEMLIMIT: "used more memory than it had asked for",
    BatchJobExitReason.MISSING: "is no longer known to the batch system",
    BatchJobExitReason.TIMELIMIT: "ran longer than the time that it was given",
    BatchJobExitReason.MAXJOBDURATION: "ran longer than --maxJobDuration allows",
}


class UpdatedBatchJobInfo(NamedTuple):
    """News of a job that has stopped running.

    :ivar jobID: the batch system's ID for it.
    :ivar exitStatus: 0 for success; a negative number is the signal that killed it.
    :ivar exitReason: why it stopped, where the batch system can tell.
    :ivar wallTime: seconds that it ran, or None where that is not tracked.
    :ivar detail: one line of the batch system's own words about a failure.
    :ivar log: what a job that failed has printed, truncated, where the batch system has it.
    :ivar begun: False where the job, one of a bundle, may just as well not have begun.
    :ivar is_final: whether another attempt would end in the same way.
    :ivar is_certain: False where the job has only gone out of sight: it has ended if the job store has its record, and
        otherwise there will be more news of it.
    """

    jobID: int
    exitStatus: int
    exitReason: BatchJobExitReason | None = None
    wallTime: float | None = None
    detail: str = ""
    log: bytes = b""
    begun: bool = True
    is_final: bool = False
    is_certain: bool = True


def describe_exit(status: int, reason: BatchJobExitReason | None = None) -> str:
    """Return how a job ended as the end of a sentence that starts with "the job"."""
    told_by_status = (BatchJobExitReason.FAILED, BatchJobExitReason.FINISHED)
    if reason is not None and reason not in told_by_status and not (reason == BatchJobExitReason.KILLED and status < 0):
        return reason.in_words()
    if status < 0:
        try:
            return f"was killed by signal {-status} ({signal.Signals(-status).name})"
        except ValueError:
            return f"was killed by signal {-status}"
    if status == EXIT_STATUS_UNAVAILABLE_VALUE:
        return "ended without an exit status"
    return f"ended with exit status {status}"
