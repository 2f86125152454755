"""What is handed to a scheduler together: pure decisions, without commands or clocks.

Jobs that need the same become one array. Of kinds that have proved to be short, each task of the array gets a bundle.
Of a kind that nobody knows yet, a few *pilots* go first, and the others wait for them a little while: if jobs of the
kind are short they go in bundles, and if there is no word of the pilots in time, each goes as a task of its own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from toil_core.batch_systems.bundling import Bundling
from toil_core.worker.bundle import MOST_FOLLOWERS

#: So many jobs of an unknown kind go first.
PILOTS = 8
#: With so many jobs of a kind waiting, it is worth the while to try the kind with pilots.
MANY = 2 * PILOTS
#: How many seconds jobs wait at most for news of the pilots of their kind.
HOLD = 10.0


class Waiting(NamedTuple):
    """A job that waits to be handed over.

    :ivar needs: what jobs of one array have in common: requirements and environment.
    :ivar kind: the name by which durations are known.
    :ivar may_be_bundled: False for one that failed before, and for shell commands.
    :ivar expected: how many seconds its author said that it takes; None if nobody said.
    """

    number: int
    needs: Hashable
    kind: str
    may_be_bundled: bool = True
    expected: float | None = None


class Array(NamedTuple):
    """What becomes one submission: tasks, each with the numbers of its jobs."""

    needs: Hashable
    tasks: list[tuple[int, ...]]

    def numbers(self) -> list[int]:
        """Return the numbers of all jobs."""
        return [number for task in self.tasks for number in task]


class Pilots:
    """Which kinds of jobs are being tried.

    :param bundling: knows how long jobs take.
    """

    def __init__(self, bundling: Bundling) -> None:
        self._bundling = bundling
        self._since: dict[str, float] = {}

    def choose(self, waiting: Sequence[Waiting], now: float) -> tuple[list[Waiting], float | None]:
        """Return the jobs to hand over now, and when to look again at those that are held back.

        :param waiting: all that wait, oldest first.
        :param now: the time in seconds, by any clock.
        :returns: the jobs, and a time by that clock, or None where none is held back.
        """
        counts = Counter(job.kind for job in waiting if self._is_unknown(job))
        left = {kind: self._how_many(kind, count, now) for kind, count in counts.items()}
        chosen, until = [], None
        for job in waiting:
            if job.kind in left and self._is_unknown(job):
                if left[job.kind] <= 0:
                    due = self._since[job.kind] + HOLD
                    until = due if until is None else min(until, due)
                    continue
                left[job.kind] -= 1
            chosen.append(job)
        return chosen, until

    def _is_unknown(self, job: Waiting) -> bool:
        if not self._bundling.target or not job.may_be_bundled or job.expected is not None:
            return False
        return self._bundling.durations.expected(job.kind) is None

    def _how_many(self, kind: str, count: int, now: float) -> int:
        if kind not in self._since:
            if count <= MANY:
                return count
            self._since[kind] = now
            return PILOTS
        return count if now - self._since[kind] >= HOLD else 0


def group(
    jobs: Iterable[Waiting], bundling: Bundling, slots: Callable[[Hashable], int], largest_array: int
) -> list[Array]:
    """Return the arrays that jobs are to be handed over in.

    :param jobs: what to hand over, oldest first.
    :param bundling: decides what is bundled.
    :param slots: returns how many tasks with these needs may run at a time, about.
    :param largest_array: how many tasks an array may have; 1 where there are no arrays.
    """
    by_needs: dict[Hashable, list[Waiting]] = defaultdict(list)
    for job in jobs:
        by_needs[job.needs].append(job)
    arrays = []
    for needs, alike in by_needs.items():
        durations = {job.number: seconds for job in alike if (seconds := _short(job, bundling)) is not None}
        short = [job for job in alike if job.number in durations]
        tasks: list[tuple[int, ...]] = [(job.number,) for job in alike if job.number not in durations]
        tasks += _bundles(short, durations, bundling, slots(needs) if short else 1)
        arrays += [Array(needs, tasks[at : at + largest_array]) for at in range(0, len(tasks), max(1, largest_array))]
    return arrays


def split(array: Array, size: Callable[[tuple[int, ...]], int], most: int) -> Iterator[Array]:
    """Divide an array so that the parts are no larger than allowed; a task that is too large by itself is a part.

    :param size: returns how large a task is.
    :param most: how large the tasks of a part may be together.
    """
    part: list[tuple[int, ...]] = []
    total = 0
    for task in array.tasks:
        own = size(task)
        if part and total + own > most:
            yield Array(array.needs, part)
            part, total = [], 0
        part.append(task)
        total += own
    if part:
        yield Array(array.needs, part)


def _short(job: Waiting, bundling: Bundling) -> float | None:
    """Return how many seconds a job is going to take, or None unless it belongs into a bundle."""
    if not job.may_be_bundled or not bundling.target:
        return None
    return bundling.expected(job.kind) if job.expected is None else bundling.if_short(job.expected)


def _bundles(
    jobs: Sequence[Waiting], durations: Mapping[int, float], bundling: Bundling, slots: int
) -> list[tuple[int, ...]]:
    bundles: list[tuple[int, ...]] = []
    at = 0
    while at < len(jobs):
        bundle = [jobs[at].number]
        budget = bundling.seconds_to_add(durations[jobs[at].number], len(jobs) - 1, slots)
        at += 1
        while at < len(jobs) and len(bundle) <= MOST_FOLLOWERS and durations[jobs[at].number] <= budget:
            budget -= durations[jobs[at].number]
            bundle.append(jobs[at].number)
            at += 1
        bundles.append(tuple(bundle))
    return bundles
