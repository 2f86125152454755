"""How far a workflow has come, in numbers: for all jobs, in the terms of the documented sentence, and by kind."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from toil_core.inspection.view import State

if TYPE_CHECKING:
    from collections.abc import Collection

    from toil_core.inspection.view import WorkflowView


class Counts(NamedTuple):
    """How many jobs of which sort are left.

    :ivar unfinished: jobs that are not done with everything that comes after them.
    :ivar with_children: those of them that others come after.
    :ivar with_services: those of them that have services.
    :ivar services: the services of these.
    :ivar failed: jobs all of whose attempts failed.
    """

    unfinished: int
    with_children: int
    with_services: int
    services: int
    failed: int

    def sentence(self, locator: str) -> str:
        """Return the counts as people read them."""
        return (
            f"There are {self.unfinished} unfinished jobs, {self.with_children} parent jobs with children, "
            f"{self.with_services} jobs with services, {self.services} services, and {self.failed} totally failed jobs "
            f"currently in {locator}."
        )


class KindCounts(NamedTuple):
    """How many jobs of one kind are in which state; `running` ones are among the ready ones."""

    kind: str
    total: int
    waiting: int
    ready: int
    running: int
    failed: int
    done: int


def count_jobs(view: WorkflowView) -> Counts:
    """Count what is left of a workflow."""
    left = [job for job in view if job.state is not State.DONE]
    return Counts(
        unfinished=len(left),
        with_children=sum(bool(job.children or job.follow_ons) for job in left),
        with_services=sum(bool(job.services) for job in left),
        services=sum(len(job.services) for job in left),
        failed=sum(job.state is State.FAILED for job in left),
    )


def count_kinds(view: WorkflowView, running: Collection[str] = ()) -> list[KindCounts]:
    """Count the jobs that have something to run, by kind, in the order in which the kinds first occur.

    :param running: the IDs of the jobs that run at this moment, as far as that is known.
    """
    found: dict[str, Counter[str]] = {}
    for job in view:
        if not job.has_something_to_run:
            continue
        counts = found.setdefault(job.kind, Counter())
        counts["done" if job.state is State.RAN else job.state.value] += 1
        counts["running"] += job.state is State.READY and job.id in running
    return [
        KindCounts(
            kind,
            counts["waiting"] + counts["ready"] + counts["failed"] + counts["done"],
            counts["waiting"],
            counts["ready"],
            counts["running"],
            counts["failed"],
            counts["done"],
        )
        for kind, counts in found.items()
    ]
