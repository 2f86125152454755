"""What was read of a workflow: its jobs, linked as they depend on each other, each with its state.

Values only; `reading.py` fills them from a job store.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toil_core.inspection.leader import LeaderProcess
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.jobs.description import JobDescription
    from toil_core.jobs.records import FailureReport, Record, Usage
    from toil_core.options.config import Config


class State(Enum):
    """Where a job is on its way, as far as its job store can tell. The values are for people and for JSON."""

    #: Some predecessor is not done.
    WAITING = "waiting"
    #: Nothing is in the way. Whether it runs just now is known only to the leader.
    READY = "ready"
    #: All attempts failed.
    FAILED = "failed"
    #: The job itself is done; something that comes after it is not.
    RAN = "ran"
    #: The job and everything that comes after it are done.
    DONE = "done"


#: The states of jobs that have no more to run themselves.
OVER = frozenset({State.RAN, State.DONE})


class WorkflowJob:
    """One job of a workflow.

    :ivar description: what it is called and needs.
    :ivar record: what it left when it was done, None before.
    :ivar state: where it is on its way.
    :ivar parents: the IDs of the jobs that it is a child, a follow-on or a service of.
    :ivar children: the IDs of its children, those that it added while it ran included.
    :ivar follow_ons: the IDs of its follow-ons, likewise.
    :ivar services: the IDs of its service hosts.
    :ivar failed_attempts: the numbers of the attempts of the last run that left a report of their failure.
    """

    __slots__ = (
        "children",
        "description",
        "failed_attempts",
        "follow_ons",
        "id",
        "parents",
        "record",
        "services",
        "state",
    )

    def __init__(self, description: JobDescription, record: Record | None) -> None:
        self.id = str(description.jobStoreID)
        self.description = description
        self.record = record
        self.state = State.WAITING
        self.parents: list[str] = []
        self.children = [str(child) for child in description.childIDs]
        self.follow_ons = [str(follow_on) for follow_on in description.followOnIDs]
        self.services = [str(host) for host in description.serviceTree]
        self.failed_attempts: tuple[int, ...] = ()
        if record is not None and record.segment:
            self.children += [f"{record.segment}-{index}" for index in record.children]
            self.follow_ons += [f"{record.segment}-{index}" for index in record.follow_ons]
            self.services += [f"{record.segment}-{index}" for index, _ in record.services]

    @property
    def name(self) -> str:
        """Its class or function."""
        return self.description.jobName

    @property
    def kind(self) -> str:
        """The name that statistics are grouped by."""
        return self.description.displayName

    @property
    def usage(self) -> Usage | None:
        """What its committed attempt used; None where it has not run or had nothing to run."""
        return self.record.usage if self.record is not None and self.record.usage.start else None

    @property
    def host(self) -> str:
        """The machine that ran its committed attempt, empty where there is none."""
        return self.record.host if self.record is not None else ""

    @property
    def has_something_to_run(self) -> bool:
        """Whether it runs, or ran, anything itself; jobs without that only hold others together."""
        return self.record is not None or self.description.has_body()

    def successors(self) -> Iterator[str]:
        """Yield the IDs of children and follow-ons."""
        yield from self.children
        yield from self.follow_ons

    def __str__(self) -> str:
        return str(self.description)

    def __repr__(self) -> str:
        return f"<{self.description} {self.state.name}>"


class WorkflowView:
    """A workflow as it was when it was read.

    :ivar job_store: where it was read from; what is large (reports of failures) is read from there when asked for.
    :ivar root: the ID of its first job, None if it was never started.
    :ivar jobs: all its jobs by ID, from the first on; attempts that were cut off before they counted added none.
    :ivar leader: the process that runs it, or was the last to.
    """

    def __init__(
        self, job_store: AbstractJobStore, root: str | None, jobs: dict[str, WorkflowJob], leader: LeaderProcess | None
    ) -> None:
        self.job_store = job_store
        self.root = root
        self.jobs = jobs
        self.leader = leader

    @property
    def locator(self) -> str:
        """The job store's locator."""
        return self.job_store.locator

    @property
    def config(self) -> Config:
        """The configuration of the workflow's last run."""
        return self.job_store.config

    @property
    def is_complete(self) -> bool:
        """Whether the workflow was started and has nothing left to do."""
        return self.root is not None and all(job.state is State.DONE for job in self.jobs.values())

    @property
    def is_running(self) -> bool | None:
        """Whether a leader is at work; None where that cannot be told from this machine."""
        return self.leader.is_alive if self.leader is not None else False

    def __getitem__(self, job: str) -> WorkflowJob:
        return self.jobs[job]

    def __iter__(self) -> Iterator[WorkflowJob]:
        return iter(self.jobs.values())

    def __len__(self) -> int:
        return len(self.jobs)

    def counts(self) -> Counter[State]:
        """Return how many jobs are in each state."""
        return Counter(job.state for job in self.jobs.values())

    def in_state(self, *states: State) -> list[WorkflowJob]:
        """Return the jobs that are in one of these states."""
        return [job for job in self.jobs.values() if job.state in states]

    def failures(self, job: WorkflowJob) -> list[FailureReport]:
        """Read the reports of a job's failed attempts, those of earlier runs included, in the order of the attempts."""
        return self.job_store.failures(job.id)

    def blockers(self, job: WorkflowJob) -> list[WorkflowJob]:
        """Return what a waiting job waits for, directly.

        That is each predecessor that has not run; and where the job is the follow-on of one that has, whatever of that
        one's children is not done with everything beneath it. Following these leads to jobs that are ready or failed.
        """
        found: dict[str, WorkflowJob] = {}
        for parent in (self.jobs[one] for one in job.parents):
            if parent.state not in OVER:
                found[parent.id] = parent
            elif job.id in parent.follow_ons:
                unfinished = (self.jobs[child] for child in parent.children if child in self.jobs)
                found.update((child.id, child) for child in unfinished if child.state is not State.DONE)
        return list(found.values())

    def workers(self) -> list[list[WorkflowJob]]:
        """Return the jobs that ran, in groups that each one worker process ran one after the other."""
        chained = {job.record.chained_to for job in self if job.record is not None}
        groups = []
        for job in self:
            if job.usage is None or job.id in chained:
                continue
            group = [job]
            while group[-1].record is not None and group[-1].record.chained_to in self.jobs:
                following = self.jobs[group[-1].record.chained_to]
                if following.usage is None:
                    break
                group.append(following)
            groups.append(group)
        return groups
