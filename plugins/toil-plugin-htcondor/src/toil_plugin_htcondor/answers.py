"""What HTCondor's commands print about jobs and slots, as Python values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from toil_core.api import BatchJobExitReason, TaskState, TaskStatus

#: What is asked about each job.
ATTRIBUTES = (
    "ClusterId",
    "ProcId",
    "JobStatus",
    "JobBatchName",
    "ExitCode",
    "ExitBySignal",
    "ExitSignal",
    "HoldReasonCode",
    "HoldReasonSubCode",
    "HoldReason",
    "RemoveReason",
    "NumJobStarts",
    "JobCurrentStartDate",
    "RemoteWallClockTime",
)
_IDLE, _RUNNING, _REMOVED, _COMPLETED, _HELD, _TRANSFERRING, _SUSPENDED = 1, 2, 3, 4, 5, 6, 7
#: Why jobs are put on hold: for memory (by cgroups, or by the policy of the machine), and for time.
_MEMORY_CODES = {(34, None), (21, 102)}
_TIME_CODES = {46, 47}


class Job(NamedTuple):
    """A job that HTCondor tells of.

    :ivar task: its ID, `CLUSTER.PROC`.
    :ivar name: the name of the batch that it was handed over in.
    """

    task: str
    name: str
    facts: Mapping[str, Any]

    @property
    def has_stopped(self) -> bool:
        """Whether it is still in the queue although its attempt is over: on hold, or about to be run again or running
        again, since the machine that it ran on is gone.
        """
        status, starts = self.facts.get("JobStatus"), int(self.facts.get("NumJobStarts", 0))
        return status == _HELD or (status == _IDLE and starts > 0) or (status == _RUNNING and starts > 1)

    def status(self, now: float) -> TaskStatus:
        """Return how far it has come, or how it ended.

        :param now: the time in seconds since the epoch.
        """
        status = self.facts.get("JobStatus")
        seconds = float(self.facts.get("RemoteWallClockTime", 0.0))
        if status == _HELD:
            reason, words = self._why_held(), str(self.facts.get("HoldReason", ""))
            return TaskStatus(TaskState.ENDED, None, reason, words, seconds)
        if self.has_stopped:
            return TaskStatus(TaskState.ENDED, None, BatchJobExitReason.LOST, "it was evicted", seconds)
        if status == _REMOVED:
            return TaskStatus(
                TaskState.ENDED, None, BatchJobExitReason.KILLED, str(self.facts.get("RemoveReason", "")), seconds
            )
        if status == _COMPLETED:
            return self._completed(seconds)
        if status in (_RUNNING, _TRANSFERRING, _SUSPENDED):
            began = self.facts.get("JobCurrentStartDate")
            return TaskStatus(TaskState.RUNNING, seconds=max(0.0, now - began) if began else None)
        return TaskStatus(TaskState.PENDING)

    def _why_held(self) -> BatchJobExitReason:
        code, sub_code = self.facts.get("HoldReasonCode"), self.facts.get("HoldReasonSubCode")
        if code in _TIME_CODES:
            return BatchJobExitReason.TIMELIMIT
        if (code, None) in _MEMORY_CODES or (code, sub_code) in _MEMORY_CODES:
            return BatchJobExitReason.MEMLIMIT
        return BatchJobExitReason.ERROR

    def _completed(self, seconds: float) -> TaskStatus:
        if self.facts.get("ExitBySignal"):
            signal = int(self.facts.get("ExitSignal", 0))
            return TaskStatus(TaskState.ENDED, -signal, BatchJobExitReason.KILLED, "", seconds)
        status = int(self.facts.get("ExitCode", 0))
        reason = BatchJobExitReason.FAILED if status else BatchJobExitReason.FINISHED
        return TaskStatus(TaskState.ENDED, status, reason, "", seconds)


def jobs(text: str) -> Iterator[Job]:
    """Read what `condor_q -json` or `condor_history -json` printed, which is nothing where there are no jobs."""
    for facts in json.loads(text) if text.strip() else []:
        name = str(facts.get("JobBatchName", ""))
        yield Job(f"{facts['ClusterId']}.{facts['ProcId']}", name, facts)


class Slot(NamedTuple):
    """What a machine offers: its cores, and its memory in bytes."""

    cores: int
    memory: int


def slots(text: str) -> list[Slot]:
    """Read what `condor_status` printed with the attributes TotalSlotCpus and TotalSlotMemory."""
    rows = [line.split() for line in text.splitlines()]
    return [
        Slot(int(float(row[0])), int(float(row[1])) << 20)
        for row in rows
        if len(row) == 2 and all(cell.replace(".", "", 1).isdigit() for cell in row)
    ]
