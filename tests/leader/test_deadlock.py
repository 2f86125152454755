"""A deadlock is declared when the same idle services were all that ran for the configured time, and never before."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from toil_core.jobs.description import JobDescription
from toil_core.leader.deadlock import DeadlockWatch
from toil_core.leader.errors import DeadlockException
from toil_core.leader.job_graph import Node


class Situation:
    """What the watch sees, and a clock that tests turn."""

    def __init__(self) -> None:
        self.now = 0.0
        self.running: dict[int, float] = {}
        self.issued: dict[int, Node] = {}
        self.hosts: set[Node] = set()
        self.starting: set[Node] = set()
        self.waiting: list[Node] = []
        config = SimpleNamespace(deadlockWait=10, deadlockCheckInterval=4)
        self.watch = DeadlockWatch(config, self, self, lambda: self.now)  # type: ignore[arg-type]

    def getRunningBatchJobIDs(self) -> dict[int, float]:
        return self.running

    def getSchedulingStatusMessage(self) -> str:
        return "The job that waits needs more cores."

    def is_host(self, node: Node) -> bool:
        return node in self.hosts

    def has_started(self, node: Node) -> bool:
        return node not in self.starting

    def is_stopping(self, node: Node) -> bool:
        return False

    def issue(self, batch_id: int, name: str, *, host: bool = False, running: bool = True) -> Node:
        node = self.issued[batch_id] = Node(JobDescription({}, name))
        if host:
            self.hosts.add(node)
        if running:
            self.running[batch_id] = 1.0
        return node

    def checks(self, *times: float) -> None:
        for time in times:
            self.now = time
            self.watch.check(self.issued)


def stuck() -> Situation:
    situation = Situation()
    situation.issue(1, "database", host=True)
    situation.issue(2, "client", running=False)
    return situation


def test_services_alone_with_a_job_waiting_are_a_deadlock_after_the_configured_time() -> None:
    situation = stuck()
    situation.checks(0, 4, 8)
    with pytest.raises(DeadlockException) as caught:
        situation.checks(12)
    assert caught.value.running == ["'database'"]
    assert caught.value.waiting == ["'client'"]
    assert "more cores" in str(caught.value)


@pytest.mark.parametrize("change", ["client runs", "other services", "nothing waits", "service starts"])
def test_any_progress_starts_the_time_anew(change: str) -> None:
    situation = stuck()
    situation.checks(0, 4, 8)
    if change == "client runs":
        situation.running[2] = 1.0
    elif change == "other services":
        situation.issue(3, "cache", host=True)
    elif change == "nothing waits":
        del situation.issued[2]
    else:
        situation.starting.add(situation.issued[1])
    situation.checks(12, 16, 20)


def test_services_that_nobody_may_start_are_a_deadlock_at_once() -> None:
    situation = Situation()
    situation.waiting.append(Node(JobDescription({}, "database")))
    with pytest.raises(DeadlockException):
        situation.checks(0)


def test_without_services_there_is_no_deadlock() -> None:
    situation: Any = Situation()
    situation.checks(0)
    situation.issue(1, "slow")
    situation.issue(2, "queued", running=False)
    situation.checks(4, 20, 3000)
    assert situation.watch.period() == 4
