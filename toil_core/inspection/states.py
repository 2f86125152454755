"""Which state each job of a workflow is in, worked out from what is known of all of them: a pure function, the leader's
rules seen from outside.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping

from toil_core.inspection.view import OVER, State, WorkflowJob


def settle_states(jobs: Mapping[str, WorkflowJob], root: str, tries: int) -> None:
    """Set the state of every job.

    A job that is done lets its children go, then, when everything beneath them is done, its follow-ons. A job that was
    let go by all its parents has run if it left a record or has nothing to run.

    :param jobs: the jobs by ID, each with its parents and all of its successors.
    :param root: the job that waits for nothing.
    :param tries: how many attempts make a job fail for good.
    """
    _Settling(jobs, tries).run(root)
    for job in jobs.values():
        for host in job.services:
            if host in jobs:
                _settle_service(jobs[host], job, tries)


class _Settling:
    """Lets jobs go, one after the other, as far as their records say that they ran."""

    def __init__(self, jobs: Mapping[str, WorkflowJob], tries: int) -> None:
        self._jobs = jobs
        self._tries = tries
        self._waits = {one: sum(one not in jobs[up].services for up in job.parents) for one, job in jobs.items()}
        self._unfinished: dict[str, int] = {}
        #: For each job, those that let it go and wait for it to be done.
        self._above: defaultdict[str, list[WorkflowJob]] = defaultdict(list)
        self._at_follow_ons: set[str] = set()

    def run(self, root: str) -> None:
        """Let the first job go, and all that this makes run."""
        released = deque([root])
        while released:
            job = self._jobs[released.popleft()]
            if job.has_something_to_run and job.record is None:
                job.state = _not_run(job, self._tries)
                continue
            job.state = State.RAN
            released.extend(self._let_go(job, job.children))

    def _let_go(self, job: WorkflowJob, children: list[str]) -> list[str]:
        """Begin with the children of a job, and with what comes next where there is nothing to wait for.

        :returns: the jobs that nothing holds back any more.
        """
        released = []
        phases = [(job, children)]
        while phases:
            parent, successors = phases.pop()
            known = [one for one in successors if one in self._jobs]
            self._unfinished[parent.id] = len(known)
            for one in known:
                self._above[one].append(parent)
                self._waits[one] -= 1
                if self._waits[one] == 0:
                    released.append(one)
            if not known:
                phases.extend(self._next_phases(parent))
        return released

    def _next_phases(self, job: WorkflowJob) -> list[tuple[WorkflowJob, list[str]]]:
        """Return the phases that begin because a job's present phase is over, with their successors."""
        phases = []
        over = [job]
        while over:
            one = over.pop()
            if one.id not in self._at_follow_ons:
                self._at_follow_ons.add(one.id)
                phases.append((one, one.follow_ons))
                continue
            one.state = State.DONE
            for parent in self._above[one.id]:
                self._unfinished[parent.id] -= 1
                if self._unfinished[parent.id] == 0:
                    over.append(parent)
        return phases


def _not_run(job: WorkflowJob, tries: int) -> State:
    return State.FAILED if len(job.failed_attempts) >= tries else State.READY


def _settle_service(host: WorkflowJob, owner: WorkflowJob, tries: int) -> None:
    """A service begins when its owner has run, and ends when everything that comes after the owner is done."""
    if host.record is not None or owner.state is State.DONE:
        host.state = State.DONE
    elif owner.state in OVER:
        host.state = _not_run(host, tries)
