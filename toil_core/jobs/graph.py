"""Checks on the graph of jobs that are about to be written: one root, no cycle, checkpoints are leaves.

All are linear in jobs and edges. The follow-ons of a job wait for everything beneath its children, which makes for
quadratically many implied edges; instead each job gets three events (it begins, its children are done, everything
beneath it is done) with a constant number of edges for each relation, and a cycle among events is a deadlock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Literal

from toil_core.jobs.description import TemporaryID
from toil_core.jobs.errors import JobGraphDeadlockException

if TYPE_CHECKING:
    from toil_core.jobs.job import Job

Event = tuple["Job", Literal["begins", "children done", "done"]]


def connected_jobs(job: Job) -> list[Job]:
    """Return all jobs that edges in any direction connect to this one, itself included."""
    found, todo = {job: None}, [job]
    while todo:
        links = todo.pop().links
        predecessors = (parent for parent, _ in links.predecessors)
        for other in (*links.children, *links.follow_ons, *links.services, *predecessors):
            if other not in found:
                found[other] = None
                todo.append(other)
    return list(found)


def root_jobs(job: Job) -> list[Job]:
    """Return the jobs connected to this one that have no predecessors."""
    return [one for one in connected_jobs(job) if not one.links.predecessors]


def _after(event: Event) -> Iterator[Event]:
    job, stage = event
    links = job.links
    if stage == "begins":
        for child in links.children:
            yield (child, "begins")
        yield (job, "children done")
    elif stage == "children done":
        for follow_on in links.follow_ons:
            yield (follow_on, "begins")
        yield (job, "done")
    else:
        for parent, relation in links.predecessors:
            if relation != "service":
                yield (parent, "children done" if relation == "child" else "done")


def find_cycle(jobs: Iterable[Job]) -> list[Job] | None:
    """Return the jobs on a cycle of dependencies, each named once, or None if there is no cycle."""
    finished: set[Event] = set()
    for start in jobs:
        path: dict[Event, Iterator[Event]] = {}
        event: Event = (start, "begins")
        if event in finished:
            continue
        path[event] = _after(event)
        while path:
            event, following = next(reversed(path.items()))
            step = next(following, None)
            if step is None:
                finished.add(event)
                del path[event]
            elif step in path:
                on_cycle = list(path)[list(path).index(step) :]
                return list(dict.fromkeys(job for job, _ in on_cycle))
            elif step not in finished:
                path[step] = _after(step)
    return None


def topological_order(job: Job) -> list[Job]:
    """Return the jobs of this job's subgraph, each after all that have to begin before it."""
    members = _beneath(job)
    finished: list[Event] = []
    seen: set[Event] = set()
    path: list[tuple[Event, Iterator[Event]]] = []
    for member in members:
        if (member, "begins") in seen:
            continue
        seen.add((member, "begins"))
        path.append(((member, "begins"), _after((member, "begins"))))
        while path:
            following = path[-1][1]
            step = next(following, None)
            if step is None:
                finished.append(path.pop()[0])
            elif step[0] in members and step not in seen:
                seen.add(step)
                path.append((step, _after(step)))
    return [one for one, stage in reversed(finished) if stage == "begins"]


def _beneath(job: Job) -> dict[Job, None]:
    found, todo = {job: None}, [job]
    while todo:
        links = todo.pop().links
        for other in (*links.children, *links.follow_ons):
            if other not in found:
                found[other] = None
                todo.append(other)
    return found


def check_connected(job: Job) -> None:
    """Check that the jobs connected to this one have exactly one root.

    :raises JobGraphDeadlockException: if they have several, or none.
    """
    roots = root_jobs(job)
    if len(roots) != 1:
        named = ", ".join(sorted(str(root) for root in roots)) or "none"
        raise JobGraphDeadlockException(
            f"A job graph has to have exactly one root, but this one has {len(roots)}: {named}.",
            "Make all but one of them a child or follow-on of another job.",
        )


def check_acyclic(job: Job) -> None:
    """Check that no job connected to this one has to wait for itself.

    :raises JobGraphDeadlockException: if one has; the error names the jobs on the cycle.
    """
    cycle = find_cycle(connected_jobs(job))
    if cycle:
        around = " -> ".join(str(one) for one in [*cycle, cycle[0]])
        raise JobGraphDeadlockException(
            f"The job graph has a cycle of children and follow-ons: {around}.",
            "Remove one of these edges; a job's follow-ons wait for everything beneath its children.",
        )


def check_checkpoints_are_leaves(job: Job) -> None:
    """Check that no new checkpoint job has successors yet.

    :raises JobGraphDeadlockException: if one has.
    """
    for one in connected_jobs(job):
        is_new = isinstance(one.jobStoreID, TemporaryID)
        if one.checkpoint and is_new and (one.links.children or one.links.follow_ons or one.links.services):
            raise JobGraphDeadlockException(
                f"The checkpoint job {one} has successors before it has run.",
                "A checkpoint job makes its successors in its run method, so that they can be made again.",
            )
