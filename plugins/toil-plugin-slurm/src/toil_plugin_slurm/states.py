"""What Slurm's commands say of jobs, as what the core knows of tasks."""

from __future__ import annotations

import math
import os

from toil_core.api import BatchJobExitReason, TaskState, TaskStatus

_RUNNING = {"RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT", "RESIZING"}
_ENDED = {
    "COMPLETED": BatchJobExitReason.FINISHED,
    "FAILED": BatchJobExitReason.FAILED,
    "CANCELLED": BatchJobExitReason.KILLED,
    "OUT_OF_MEMORY": BatchJobExitReason.MEMLIMIT,
    "TIMEOUT": BatchJobExitReason.TIMELIMIT,
    "DEADLINE": BatchJobExitReason.TIMELIMIT,
    "NODE_FAIL": BatchJobExitReason.LOST,
    "BOOT_FAIL": BatchJobExitReason.LOST,
    "PREEMPTED": BatchJobExitReason.LOST,
    "REVOKED": BatchJobExitReason.LOST,
    "LAUNCH_FAILED": BatchJobExitReason.LOST,
    "RECONFIG_FAIL": BatchJobExitReason.LOST,
}
#: Reasons that say nothing beyond the state.
_NO_REASON = {"None", "NonZeroExitCode", "OutOfMemory", "TimeLimit", ""}


def from_squeue(row: str) -> tuple[str, TaskStatus]:
    """Return a task's ID and status from a line `ID|state|wait status|time|reason|` of squeue."""
    task, state, wait_status, time, reason = row.split("|")[:5]
    code = os.waitstatus_to_exitcode(int(wait_status)) if wait_status.isdigit() else None
    return task, _status(state, code, seconds_of(time), "" if reason in _NO_REASON else reason)


def from_sacct(row: str) -> tuple[str, TaskStatus]:
    """Return a task's ID and status from a line `ID|state|exit status:signal|seconds` of sacct."""
    task, state, code, seconds = row.split("|")[:4]
    status, _, signal = code.partition(":")
    known = -int(signal) if int(signal or 0) else int(status)
    return task, _status(state.split()[0], known, float(seconds) if seconds else None, "")


def _status(state: str, code: int | None, seconds: float | None, reason: str) -> TaskStatus:
    if state not in _ENDED:
        now = TaskState.RUNNING if state in _RUNNING else TaskState.PENDING
        return TaskStatus(now, detail=reason, seconds=seconds if now is TaskState.RUNNING else None)
    why = _ENDED[state]
    if code == 0 and why is not BatchJobExitReason.FINISHED:
        code = None
    said = " ".join(word for word in ("" if state in ("COMPLETED", "FAILED") else state, reason) if word)
    return TaskStatus(TaskState.ENDED, code, why, said and f"Slurm says {said}", seconds)


def seconds_of(time: str) -> float | None:
    """Return the seconds that a time of the form `[days-][[hours:]minutes:]seconds` stands for.

    :returns: infinity for `infinite` and its like, None for what is no time.
    """
    if time.lower() in ("infinite", "unlimited"):
        return math.inf
    days, _, clock = time.rpartition("-")
    parts = clock.split(":")
    if not all(part.isdigit() for part in [*parts, days or "0"]):
        return None
    return int(days or 0) * 86400.0 + sum(int(part) * 60.0**place for place, part in enumerate(reversed(parts)))
