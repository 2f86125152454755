"""Chaining: which job, if any, a worker goes on with instead of ending.

It goes on when the job just done leaves exactly one job ready to run that waits for nothing else, and whose
requirements fit what the worker was given without wasting much of it. A local job wastes nothing, and one that runs
beside the leader is followed by such jobs only. The worker then also keeps in mind the follow-ons
of the jobs above, since nobody else can have made them ready.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from toil_core.jobs.requirements import Allocation

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.jobs.description import JobDescription

#: Memory that a chained job may leave unused whatever the proportion, in bytes.
_SLACK = 4 << 30


class Chain:
    """The successors that only this worker can make ready.

    :param job_store: where descriptions are found.
    :param allocation: what the worker was given.
    :param enabled: whether to go on with successors at all.
    :param local: whether to go on with local jobs only.
    """

    def __init__(
        self, job_store: AbstractJobStore, allocation: Allocation, *, enabled: bool, local: bool = False
    ) -> None:
        self._job_store = job_store
        self._allocation = allocation
        self._enabled = enabled
        self._local = local
        self._above: list[list[str]] = []

    def next_after(
        self, children: list[str], follow_ons: list[str], known: Mapping[str, JobDescription]
    ) -> JobDescription | None:
        """Return the job to go on with after one that has these successors, or None to end.

        :param known: descriptions that need not be looked up.
        """
        if not self._enabled:
            return None
        ready = self._ready(children, follow_ons)
        if len(ready) != 1:
            return None
        description = known.get(ready[0]) or self._job_store.read_description(ready[0])
        return description if self._may_run_here(description) else None

    def _ready(self, children: list[str], follow_ons: list[str]) -> list[str]:
        """Return the jobs that can run next, with what comes after them put aside."""
        if children:
            self._above.append(follow_ons)
            return children
        if follow_ons:
            self._above.append([])
            return follow_ons
        while self._above:
            waiting = self._above.pop()
            if waiting:
                self._above.append([])
                return waiting
        return []

    def _may_run_here(self, description: JobDescription) -> bool:
        if description.body is None or description.predecessorNumber != 1 or description.checkpoint:
            return False
        if description.serviceTree or any(hasattr(need, "getValue") for need in description.requirements.values()):
            return False
        if description.housekeeping:
            # It is over soon, wherever it is, and what it leaves unused meanwhile is not worth another start.
            return self._local or description.allocation().fits(self._allocation)
        return not self._local and fits_closely(description.allocation(), self._allocation)


def fits_closely(needed: Allocation, given: Allocation) -> bool:
    """Return whether a job fits into an allocation and leaves neither cores nor much of the memory unused."""
    memory_is_close = needed.memory * 2 >= given.memory or given.memory - needed.memory <= _SLACK
    return needed.fits(given) and needed.cores == given.cores and memory_is_close
