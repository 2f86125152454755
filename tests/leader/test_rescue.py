"""Jobs that the batch system forgot or that run too long are given up on, and no others."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from toil_core.batch_systems.exits import BatchJobExitReason
from toil_core.jobs.description import JobDescription
from toil_core.leader.job_graph import Node
from toil_core.leader.rescue import Rescue


class Listing:
    """A batch system that only knows which jobs it has."""

    def __init__(self, issued: list[int], running: dict[int, float]) -> None:
        self.issued, self.running, self.killed = issued, running, list[int]()

    def getIssuedBatchJobIDs(self) -> list[int]:
        return self.issued

    def getRunningBatchJobIDs(self) -> dict[int, float]:
        return self.running

    def killBatchJobs(self, ids: list[int]) -> None:
        self.killed += ids


def nodes(*ids: int) -> dict[int, Node]:
    return {one: Node(JobDescription({}, f"job{one}")) for one in ids}


def rescue(listing: Listing, **config: Any) -> tuple[Rescue, list[tuple[int, BatchJobExitReason]]]:
    lost: list[tuple[int, BatchJobExitReason]] = []
    settings = SimpleNamespace(**{"rescueJobsFrequency": 60, "maxJobDuration": 2**63, **config})
    return Rescue(settings, listing, lambda one, reason: lost.append((one, reason))), lost  # type: ignore[arg-type]


def test_a_job_missing_twice_in_a_row_is_given_up_on() -> None:
    listing = Listing([1], {})
    one, lost = rescue(listing)
    one.look_after(nodes(1, 2))
    assert lost == []
    one.look_after(nodes(1, 2))
    assert lost == [(2, BatchJobExitReason.MISSING)]


def test_a_job_that_shows_up_again_is_not_given_up_on() -> None:
    listing = Listing([1], {})
    one, lost = rescue(listing)
    one.look_after(nodes(1, 2))
    listing.issued = [1, 2]
    one.look_after(nodes(1, 2))
    listing.issued = [1]
    one.look_after(nodes(1, 2))
    assert lost == []


def test_an_overlong_job_is_killed_and_reported() -> None:
    listing = Listing([1, 2], {1: 11.0, 2: 9.0})
    one, lost = rescue(listing, maxJobDuration=10)
    one.look_after(nodes(1, 2))
    assert listing.killed == [1]
    assert lost == [(1, BatchJobExitReason.MAXJOBDURATION)]
    assert one.period() <= 10
