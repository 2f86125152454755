"""What HTCondor's commands print is understood, also where no pool can be brought to print it in a test."""

from __future__ import annotations

import json
from typing import Any

import pytest
from toil_plugin_htcondor.answers import jobs, slots

from toil_core.api import BatchJobExitReason, TaskState, TaskStatus

# As condor_q 23.9 prints it: between two jobs there is a comma in a line of its own.
_QUEUE = """[
{
  "ClusterId": 1,
  "CompletionDate": 1795535769,
  "ExitBySignal": false,
  "ExitCode": 3,
  "JobBatchName": "toil-many",
  "JobCurrentStartDate": 1795535759,
  "JobStatus": 4,
  "NumJobStarts": 1,
  "ProcId": 0,
  "RemoteWallClockTime": 0.0
}
,
{
  "ClusterId": 1,
  "ExitBySignal": false,
  "JobBatchName": "toil-many",
  "JobCurrentStartDate": 1795535759,
  "JobStatus": 2,
  "NumJobStarts": 0,
  "ProcId": 1,
  "RemoteWallClockTime": 0.0
}
]
"""
_STATUS = """8 8000 2 Partitionable
1 128 0 Dynamic
4 16000.0 undefined Static
undefined undefined undefined undefined
"""


def status(**facts: Any) -> TaskStatus:
    """Return what is made of a job of which HTCondor tells this."""
    (job,) = jobs(json.dumps([{"ClusterId": 7, "ProcId": 0, **facts}]))
    return job.status(now=100.0)


def held(code: int, sub_code: int, reason: str) -> TaskStatus:
    """Return what is made of a job that ran and is on hold now."""
    return status(
        JobStatus=5, HoldReasonCode=code, HoldReasonSubCode=sub_code, HoldReason=reason, RemoteWallClockTime=2.0
    )


def test_jobs_in_the_queue_are_told_one_by_one() -> None:
    ended, running = jobs(_QUEUE)
    assert [(one.task, one.name) for one in (ended, running)] == [("1.0", "toil-many"), ("1.1", "toil-many")]
    assert ended.status(0) == TaskStatus(TaskState.ENDED, 3, BatchJobExitReason.FAILED, "", 10.0)
    assert running.status(1795535764.0) == TaskStatus(TaskState.RUNNING, seconds=5.0)
    assert not ended.has_stopped
    assert not running.has_stopped


@pytest.mark.parametrize("text", ["", "[\n]\n"])
def test_where_there_are_no_jobs_none_is_told(text: str) -> None:
    assert list(jobs(text)) == []


def test_a_job_that_a_signal_ended_was_killed() -> None:
    ended = status(JobStatus=4, ExitBySignal=True, ExitSignal=9, RemoteWallClockTime=3.0)
    assert ended == TaskStatus(TaskState.ENDED, -9, BatchJobExitReason.KILLED, "", 3.0)


@pytest.mark.parametrize(
    ("code", "sub_code", "words", "reason"),
    [
        (21, 102, "Error from slot1_1@host: memory usage exceeded request_memory", BatchJobExitReason.MEMLIMIT),
        (34, 0, "Error from slot1_1@host: Job has gone over cgroup limit", BatchJobExitReason.MEMLIMIT),
        (
            26,
            0,
            "The system macro SYSTEM_PERIODIC_HOLD expression 'ResidentSetSize > 5' evaluated to TRUE",
            BatchJobExitReason.MEMLIMIT,
        ),
        (46, 0, "The job exceeded allowed job duration of 00:02", BatchJobExitReason.TIMELIMIT),
        (47, 0, "The job exceeded allowed execute duration of 00:02", BatchJobExitReason.TIMELIMIT),
        (
            3,
            0,
            "The job attribute PeriodicHold expression 'time() - JobStartDate > 5' evaluated to TRUE",
            BatchJobExitReason.TIMELIMIT,
        ),
        (21, 104, "Error from slot1_1@host: disk usage exceeded request_disk", BatchJobExitReason.ERROR),
        (7, 2, "Error from slot1_3@host: Failed to open '/x' as standard output", BatchJobExitReason.ERROR),
        (6, 2, "Failed to execute '/in/memory/script': (errno=2)", BatchJobExitReason.ERROR),
    ],
)
def test_why_a_job_was_put_on_hold_is_told_in_htcondors_words(
    code: int, sub_code: int, words: str, reason: BatchJobExitReason
) -> None:
    assert held(code, sub_code, words) == TaskStatus(TaskState.ENDED, None, reason, words, 2.0)


@pytest.mark.parametrize("code", [1, 15, 16])
def test_a_job_that_somebody_holds_waits(code: int) -> None:
    assert held(code, 0, "via condor_hold (by user ann)") == TaskStatus(
        TaskState.PENDING, detail="via condor_hold (by user ann)"
    )


@pytest.mark.parametrize("facts", [{"JobStatus": 1, "NumJobStarts": 1}, {"JobStatus": 2, "NumJobStarts": 2}])
def test_a_job_that_ran_and_is_to_run_again_was_lost(facts: dict[str, int]) -> None:
    ended = status(**facts, RemoteWallClockTime=5.0)
    assert (ended.state, ended.reason, ended.seconds) == (TaskState.ENDED, BatchJobExitReason.LOST, 5.0)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("via condor_rm (by user ann)", BatchJobExitReason.KILLED),
        ("The system macro SYSTEM_PERIODIC_REMOVE expression 'MemoryUsage > 5' evaluated to TRUE", "memory"),
        ("The job attribute PeriodicRemove expression 'RemoteWallClockTime > 5' evaluated to TRUE", "time"),
    ],
)
def test_a_removed_job_is_told_by_what_removed_it(words: str, reason: BatchJobExitReason | str) -> None:
    reasons = {"memory": BatchJobExitReason.MEMLIMIT, "time": BatchJobExitReason.TIMELIMIT}
    ended = status(JobStatus=3, RemoveReason=words)
    assert (ended.reason, ended.detail) == (reasons.get(str(reason), reason), words)


def test_a_job_that_was_removed_after_it_had_ended_has_its_exit_status() -> None:
    ended = status(
        JobStatus=3, ExitCode=0, JobCurrentStartDate=20, CompletionDate=24, RemoveReason="via condor_rm (by user ann)"
    )
    assert ended == TaskStatus(TaskState.ENDED, 0, BatchJobExitReason.FINISHED, "", 4.0)


def test_slots_that_are_parts_of_others_are_not_counted() -> None:
    assert slots(_STATUS) == [(8, 8000 << 20, 2), (4, 16000 << 20, 0)]
