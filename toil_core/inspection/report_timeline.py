"""Which job ran when, and where: the attempts of a workflow as bars in lanes, one lane for each worker of a machine.

Workers leave no trace of their own, so lanes are worked out: what ran at the same time on a machine is put into
different lanes, and what one worker did one after the other into the same one.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from toil_core.inspection.view import WorkflowJob, WorkflowView
    from toil_core.jobs.records import FailureReport


class Bar(NamedTuple):
    """An attempt: of which job, when it began (seconds since the epoch), how long it took, in which lane."""

    job: str
    start: float
    wall: float
    lane: int
    failed: bool


class Timeline(NamedTuple):
    """All attempts of which it is known when they ran.

    :ivar hosts: the machines, each with the number of its lanes, in the order of the lanes.
    """

    bars: list[Bar]
    hosts: list[tuple[str, int]]
    start: float
    end: float

    @property
    def lanes(self) -> int:
        """How many lanes there are."""
        return sum(lanes for _, lanes in self.hosts)


class _Piece(NamedTuple):
    """Part of a lane: an attempt, before it is known in which one."""

    job: str
    start: float
    wall: float
    failed: bool


def timeline(view: WorkflowView, reports: Sequence[FailureReport]) -> Timeline:
    """Return the attempts of a workflow in lanes.

    :param reports: those of its attempts that failed.
    """
    by_host: dict[str, list[list[_Piece]]] = defaultdict(list)
    for group in view.workers():
        by_host[group[0].host].append(list(_pieces(group)))
    for report in reports:
        if report.usage.start:
            by_host[report.host].append([_Piece(report.job, report.usage.start, report.usage.wall, True)])
    bars: list[Bar] = []
    hosts = []
    first_lane = 0
    for host in sorted(by_host):
        lanes = 0
        for lane, pieces in _in_lanes(by_host[host]):
            lanes = max(lanes, lane + 1)
            bars += [Bar(one.job, one.start, one.wall, first_lane + lane, one.failed) for one in pieces]
        hosts.append((host, lanes))
        first_lane += lanes
    start = min((bar.start for bar in bars), default=0.0)
    return Timeline(bars, hosts, start, max((bar.start + bar.wall for bar in bars), default=0.0))


def _pieces(group: list[WorkflowJob]) -> Iterator[_Piece]:
    for job in group:
        assert job.usage is not None
        yield _Piece(job.id, job.usage.start, job.usage.wall, False)


def _in_lanes(groups: list[list[_Piece]]) -> Iterator[tuple[int, list[_Piece]]]:
    """Yield each group of pieces with the first lane that is free when it begins."""
    free: list[int] = []
    busy: list[tuple[float, int]] = []
    lanes = 0
    for group in sorted(groups, key=lambda one: one[0].start):
        while busy and busy[0][0] <= group[0].start:
            heapq.heappush(free, heapq.heappop(busy)[1])
        if free:
            lane = heapq.heappop(free)
        else:
            lane, lanes = lanes, lanes + 1
        heapq.heappush(busy, (group[-1].start + group[-1].wall, lane))
        yield lane, group
