"""What a report says in numbers: of the whole run, and of each kind of job what it asked for beside what it used."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from toil_core.inspection.view import State
from toil_core.observe.text import one_line
from toil_core.units import bytes2human

if TYPE_CHECKING:
    from toil_core.inspection.report_timeline import Timeline
    from toil_core.inspection.view import WorkflowJob, WorkflowView

#: How many kinds of jobs are told of one by one, and how many pieces of advice are given.
KINDS, ADVICE = 40, 4
#: Memory that is asked for and not used is worth a word from here on: so many times as much as was used, and so many
#: bytes.
_WASTE_FACTOR, _WASTE_BYTES = 4, 512 << 20


class Share(NamedTuple):
    """How much of something was used, beside how much was asked for; None where that is not known."""

    used: float | None
    asked: float | None

    @property
    def percent(self) -> float | None:
        """The part of what was asked for that was used, in percent."""
        return 100 * self.used / self.asked if self.used is not None and self.asked else None

    @property
    def used_width(self) -> float:
        """How long to draw what was used, in percent of a row in which the larger of the two fills everything."""
        return self._width(self.used)

    @property
    def asked_width(self) -> float:
        """How long to draw what was asked for, likewise."""
        return self._width(self.asked)

    @property
    def is_over(self) -> bool:
        """Whether clearly more was used than asked for."""
        return self.percent is not None and self.percent > 105

    def _width(self, value: float | None) -> float:
        largest = max(self.used or 0, self.asked or 0)
        return 100 * (value or 0) / largest if largest else 0.0


class KindRow(NamedTuple):
    """All jobs of a kind; sizes in bytes, times in seconds."""

    name: str
    jobs: int
    ran: int
    failed: int
    total: float
    typical: float
    longest: float
    cores: Share
    memory: Share
    disk: Share


class Totals(NamedTuple):
    """The whole workflow; sizes in bytes, times in seconds.

    :ivar elapsed: from when the first job began to when the last one ended.
    :ivar at_once: how many jobs ran at once, on average.
    :ivar most_memory: the job that used the most memory, None where none has run.
    """

    jobs: int
    ran: int
    failed_attempts: int
    elapsed: float
    busy: float
    cpu: float
    at_once: float
    memory: int
    most_memory: WorkflowJob | None
    machines: int
    workers: int


def totals(view: WorkflowView, timeline: Timeline, failed_attempts: int) -> Totals:
    """Return the numbers of a whole workflow.

    :param failed_attempts: how many attempts are known to have failed.
    """
    ran = [(job, job.usage) for job in view if job.usage is not None]
    busy = sum(usage.wall for _, usage in ran)
    hungriest, peak = max(((job, usage.memory) for job, usage in ran), key=lambda one: one[1], default=(None, 0))
    elapsed = timeline.end - timeline.start
    return Totals(
        jobs=len(view),
        ran=len(ran),
        failed_attempts=failed_attempts,
        elapsed=elapsed,
        busy=busy,
        cpu=sum(usage.cpu for _, usage in ran),
        at_once=busy / elapsed if elapsed else 0.0,
        memory=peak,
        most_memory=hungriest,
        machines=len(timeline.hosts),
        workers=timeline.lanes,
    )


def kind_rows(view: WorkflowView) -> list[KindRow]:
    """Return the kinds of jobs, those that took the most time first."""
    kinds: dict[str, list[WorkflowJob]] = defaultdict(list)
    for job in view:
        if job.has_something_to_run:
            kinds[job.kind].append(job)
    rows = [_row(name, jobs) for name, jobs in kinds.items()]
    return sorted(rows, key=lambda row: (-row.total, row.name))


def _row(name: str, jobs: Sequence[WorkflowJob]) -> KindRow:
    usages = [job.usage for job in jobs if job.usage is not None]
    walls = [usage.wall for usage in usages]
    busy = sum(walls)
    disks = [usage.disk for usage in usages if usage.disk]
    return KindRow(
        name=one_line(name, 60) or "unnamed",
        jobs=len(jobs),
        ran=len(usages),
        failed=sum(job.state is State.FAILED for job in jobs),
        total=busy,
        typical=median(walls) if walls else 0.0,
        longest=max(walls, default=0.0),
        cores=Share(sum(usage.cpu for usage in usages) / busy if busy else None, _asked(jobs, "cores")),
        memory=Share(max((usage.memory for usage in usages), default=None), _asked(jobs, "memory")),
        disk=Share(max(disks, default=None), _asked(jobs, "disk")),
    )


def _asked(jobs: Iterable[WorkflowJob], name: str) -> float | None:
    """Return the largest requirement of some jobs; those that other jobs determined cannot be told any more."""
    values = [getattr(job.description, name) for job in jobs]
    return max((float(value) for value in values if isinstance(value, (int, float))), default=None)


def advice(rows: Iterable[KindRow]) -> list[str]:
    """Return what to change about requirements, in sentences, what matters most first."""
    found: list[tuple[float, str]] = []
    for row in rows:
        used, asked = row.memory
        if not used or not asked:
            continue
        if used > asked:
            text = f"used up to {bytes2human(used)} of memory and asked for only {bytes2human(asked)}"
            found.append((float("inf"), f"'{row.name}' {text}: it may be killed where memory is scarce."))
        elif asked > _WASTE_FACTOR * used and asked - used > _WASTE_BYTES:
            text = f"asked for {bytes2human(asked)} of memory and never used more than {bytes2human(used)}"
            found.append(((asked - used) * row.jobs, f"'{row.name}' {text}: more jobs would fit if it asked for less."))
    return [text for _, text in sorted(found, key=lambda one: -one[0])[:ADVICE]]
