"""What HTCondor's commands print about jobs and slots, as Python values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from toil_core.api import BatchJobExitReason, Machine, TaskState, TaskStatus

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
    "CompletionDate",
    "RemoteWallClockTime",
)
_IDLE, _RUNNING, _REMOVED, _COMPLETED, _HELD, _TRANSFERRING, _SUSPENDED = 1, 2, 3, 4, 5, 6, 7
#: Holds that people ask for, and that they may end: by `condor_hold`, at submission, and until files have arrived.
_ASKED_FOR = {1, 15, 16}
#: Why jobs are put on hold: for time, for memory by control groups, and by policies, whose words have to be looked at.
_TIME_CODES = {46, 47}
_MEMORY_CODE = 34
_POLICY_CODES = {3, 21, 26}
#: What stands in the words, or in the expression, of policies that end jobs.
_ABOUT_MEMORY = r"memory|ResidentSetSize|ImageSize"
_ABOUT_TIME = r"wall.?(clock|time)|duration|Job(Current)?StartDate"


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
        if status == _HELD:
            return self.facts.get("HoldReasonCode") not in _ASKED_FOR
        return (status == _IDLE and starts > 0) or (status == _RUNNING and starts > 1)

    def status(self, now: float) -> TaskStatus:
        """Return how far it has come, or how it ended.

        :param now: the time in seconds since the epoch.
        """
        status = self.facts.get("JobStatus")
        # One that was removed after it had ended, while it was still in the queue, has ended.
        if status == _COMPLETED or (status == _REMOVED and self.facts.get("CompletionDate")):
            return self._completed()
        if status == _REMOVED:
            words = str(self.facts.get("RemoveReason", ""))
            return self._ended(None, _limit(words) or BatchJobExitReason.KILLED, words)
        if self.has_stopped and status == _HELD:
            return self._ended(None, self._why_held(), self._hold_reason)
        if self.has_stopped:
            return self._ended(None, BatchJobExitReason.LOST, "it was evicted from its machine, or that was lost")
        if status in (_RUNNING, _TRANSFERRING, _SUSPENDED):
            began = self.facts.get("JobCurrentStartDate")
            return TaskStatus(TaskState.RUNNING, seconds=max(0.0, now - began) if began else None)
        return TaskStatus(TaskState.PENDING, detail=self._hold_reason if status == _HELD else "")

    @property
    def _hold_reason(self) -> str:
        return str(self.facts.get("HoldReason", ""))

    def _why_held(self) -> BatchJobExitReason:
        code = self.facts.get("HoldReasonCode")
        if code in _TIME_CODES:
            return BatchJobExitReason.TIMELIMIT
        if code == _MEMORY_CODE:
            return BatchJobExitReason.MEMLIMIT
        return (_limit(self._hold_reason) if code in _POLICY_CODES else None) or BatchJobExitReason.ERROR

    def _completed(self) -> TaskStatus:
        if self.facts.get("ExitBySignal"):
            return self._ended(-int(self.facts.get("ExitSignal", 0)), BatchJobExitReason.KILLED)
        status = int(self.facts.get("ExitCode", 0))
        return self._ended(status, BatchJobExitReason.FAILED if status else BatchJobExitReason.FINISHED)

    def _ended(self, status: int | None, reason: BatchJobExitReason, detail: str = "") -> TaskStatus:
        seconds = float(self.facts.get("RemoteWallClockTime", 0.0))
        began, over = self.facts.get("JobCurrentStartDate"), self.facts.get("CompletionDate")
        # As long as a job is in the queue, HTCondor has not added up how long it ran.
        if not seconds and began and over:
            seconds = float(over - began)
        return TaskStatus(TaskState.ENDED, status, reason, detail, seconds)


def _limit(words: str) -> BatchJobExitReason | None:
    """Return which limit a policy was about that ended a job, as far as its words or its expression tell."""
    if re.search(_ABOUT_MEMORY, words, re.IGNORECASE):
        return BatchJobExitReason.MEMLIMIT
    return BatchJobExitReason.TIMELIMIT if re.search(_ABOUT_TIME, words, re.IGNORECASE) else None


def jobs(text: str) -> Iterator[Job]:
    """Read what `condor_q -json` or `condor_history -json` printed, which is nothing where there are no jobs."""
    for facts in json.loads(text) if text.strip() else []:
        name = str(facts.get("JobBatchName", ""))
        yield Job(f"{facts['ClusterId']}.{facts['ProcId']}", name, facts)


#: What is asked about each slot.
SLOT_ATTRIBUTES = ("TotalSlotCpus", "TotalSlotMemory", "TotalSlotGPUs", "SlotType")


def slots(text: str) -> list[Machine]:
    """Read what `condor_status -af` printed with `SLOT_ATTRIBUTES`; slots that are parts of others are left out."""
    found = []
    for line in text.splitlines():
        cells = line.split()
        if len(cells) == len(SLOT_ATTRIBUTES) and cells[0] != "undefined" and cells[-1] != "Dynamic":
            cores, memory, gpus = (int(float(cell)) if cell != "undefined" else 0 for cell in cells[:3])
            found.append(Machine(cores, memory << 20, gpus))
    return found
