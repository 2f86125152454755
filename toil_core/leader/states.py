"""The states of a job as the leader sees it, and which may follow which. This table is the only place that says so."""

from __future__ import annotations

from enum import IntEnum


class JobState(IntEnum):
    """Where a job is on its way."""

    #: Some predecessor is not done yet.
    WAITING = 0
    #: Nothing is in the way; the leader will issue it next.
    READY = 1
    #: The batch system has it, or the worker of the job before is to go on with it.
    ISSUED = 2
    #: The job is done; its services are being started.
    SERVICES = 3
    #: The job is done, its children are not.
    CHILDREN = 4
    #: Children are done, follow-ons are not.
    FOLLOW_ONS = 5
    #: All beneath the job is done; its services are being stopped.
    STOPPING = 6
    #: The job and all beneath it are done.
    DONE = 7
    #: All attempts failed, or a service did that everything beneath the job needs.
    FAILED = 8


LEGAL: dict[JobState, frozenset[JobState]] = {
    JobState.WAITING: frozenset({JobState.READY}),
    # A job with nothing to run, or with a record from before a restart, need not be issued.
    JobState.READY: frozenset({JobState.ISSUED, JobState.SERVICES, JobState.CHILDREN, JobState.FAILED}),
    # A failed attempt makes the job ready again, as long as it has tries left.
    JobState.ISSUED: frozenset({JobState.READY, JobState.SERVICES, JobState.CHILDREN, JobState.FAILED}),
    # From the states after its own end, a checkpoint whose successors failed becomes ready again.
    JobState.SERVICES: frozenset({JobState.CHILDREN, JobState.FAILED, JobState.READY}),
    JobState.CHILDREN: frozenset({JobState.FOLLOW_ONS, JobState.FAILED, JobState.READY}),
    JobState.FOLLOW_ONS: frozenset({JobState.STOPPING, JobState.DONE, JobState.FAILED, JobState.READY}),
    JobState.STOPPING: frozenset({JobState.DONE, JobState.FAILED, JobState.READY}),
    JobState.DONE: frozenset(),
    JobState.FAILED: frozenset(),
}


class IllegalTransition(AssertionError):
    """The leader's own logic is broken."""

    def __init__(self, job: object, before: JobState, after: JobState) -> None:
        super().__init__(f"{job} cannot go from {before.name} to {after.name}")
