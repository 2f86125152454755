"""How much of what a workflow's jobs used, for each kind of job and for all: counts, sums and spreads of what
`read_workflow` found and what `--stats` gathered. Pure, and values only; how they are shown is for others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from toil_core.inspection.reading import no_garbage
from toil_core.jobs.records import Usage
from toil_core.jobs.requirements import parse_requirement
from toil_core.observe.stats import AttemptRow, decode_part

if TYPE_CHECKING:
    from toil_core.inspection.view import WorkflowView

#: What can be told of jobs: seconds of wall time, of CPU time and of neither, peak memory and disk in bytes, and
#: seconds between being issued and starting. The last two only after a run with `--stats`.
CATEGORIES = ("time", "clock", "wait", "memory", "disk", "queue")


class Spread(NamedTuple):
    """How the values of many jobs lie."""

    min: float
    med: float
    ave: float
    max: float
    total: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread | None:
        """Return the spread of some values, or None if there are none."""
        ordered = sorted(values)
        if not ordered:
            return None
        middle, count = len(ordered) // 2, len(ordered)
        median = ordered[middle] if count % 2 else (ordered[middle - 1] + ordered[middle]) / 2
        total = sum(ordered)
        return cls(ordered[0], median, total / count, ordered[-1], total)


class Comparison(NamedTuple):
    """What was asked for beside what was used, as sums over jobs.

    :ivar requested: core-seconds, or bytes.
    :ivar used: likewise.
    """

    requested: float
    used: float

    @property
    def wasted(self) -> float:
        """What was set aside for nothing; what was used beyond what was asked for does not make up for that."""
        return max(0.0, self.requested - self.used)


class Group(NamedTuple):
    """Jobs, or workers, taken together.

    :ivar name: the kind of job.
    :ivar members: how many there are.
    :ivar spreads: by category; a category that nothing is known of is left out.
    :ivar cores: core-seconds set aside and used.
    :ivar memory: memory asked for and used, in bytes.
    :ivar disk: disk asked for and used, in bytes; None without `--stats`.
    """

    name: str
    members: int
    spreads: dict[str, Spread]
    cores: Comparison | None = None
    memory: Comparison | None = None
    disk: Comparison | None = None


class FailedAttempts(NamedTuple):
    """Attempts that came to nothing: how many, and how many seconds went into them (None without `--stats`)."""

    number: int
    seconds: float | None


class Statistics(NamedTuple):
    """All that is known of what a workflow used.

    :ivar gathered: whether it was run with `--stats`.
    :ivar runtime: seconds in which a leader ran; without `--stats`, between the first start and the last end of a job.
    :ivar clock: seconds of CPU time of all jobs.
    :ivar done: how many jobs have run.
    :ivar known: how many jobs with something to run are known.
    :ivar failed: attempts that came to nothing.
    :ivar workers: what worker processes used, each of them as one.
    :ivar jobs_per_worker: how many jobs a worker ran.
    :ivar jobs: what jobs used.
    :ivar kinds: the same for each kind of job.
    """

    gathered: bool
    runtime: float
    clock: float
    done: int
    known: int
    failed: FailedAttempts
    workers: Group
    jobs_per_worker: Spread | None
    jobs: Group
    kinds: list[Group]


class _Measured(NamedTuple):
    """One job that ran: what it used, what it was given, and for how many seconds it had waited, if known."""

    kind: str
    usage: Usage
    cores: float
    memory: int
    disk: int
    queue: float | None


class _Gathered:
    """What `--stats` gathered: how long leaders ran, and the attempts by job, the last one that was committed."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self.committed: dict[str, AttemptRow] = {}
        self.failures: list[AttemptRow] = []
        self._runs: dict[int, list[float]] = defaultdict(list)
        for part in map(decode_part, parts):
            moments = [part["started"], part["finished"], *(row.ended for row in part["attempts"])]
            self._runs[part["run"]] += [moment for moment in moments if moment is not None]
            for row in part["attempts"]:
                if row.failure:
                    self.failures.append(row)
                else:
                    self.committed[row.job] = row

    @property
    def runtime(self) -> float:
        """The seconds in which leaders ran, as far as they wrote that down."""
        return sum(max(moments) - min(moments) for moments in self._runs.values() if moments)

    def failed(self) -> FailedAttempts:
        """Return how many attempts came to nothing, and the seconds that went into them."""
        return FailedAttempts(len(self.failures), sum(row.ended - row.issued for row in self.failures))

    def __bool__(self) -> bool:
        return bool(self._runs)


def collect(view: WorkflowView) -> Statistics:
    """Work out the statistics of a workflow."""
    with no_garbage():
        return _collect(view)


def _collect(view: WorkflowView) -> Statistics:
    gathered = _Gathered(view.job_store.read_statistics())
    measured = _measured(view, gathered.committed)
    kinds: dict[str, list[_Measured]] = defaultdict(list)
    for job in measured.values():
        kinds[job.kind].append(job)
    workers = [[measured[job.id] for job in worker] for worker in view.workers()]
    with_disk = bool(gathered)
    jobs = _of_jobs("Job", list(measured.values()), with_disk)
    return Statistics(
        gathered=bool(gathered),
        runtime=gathered.runtime or _extent([job.usage for job in measured.values()]),
        clock=jobs.spreads["clock"].total if measured else 0.0,
        done=len(measured),
        known=sum(job.has_something_to_run for job in view),
        failed=gathered.failed() if gathered else FailedAttempts(sum(len(job.failed_attempts) for job in view), None),
        workers=Group("Worker", len(workers), _spreads([_as_worker(worker) for worker in workers], with_disk)),
        jobs_per_worker=Spread.of(len(worker) for worker in workers),
        jobs=jobs,
        kinds=[_of_jobs(kind, members, with_disk) for kind, members in kinds.items()],
    )


def order_kinds(kinds: Sequence[Group], category: str, field: str, reverse: bool) -> list[Group]:
    """Return groups in order; those that nothing is known of in that category come last.

    :param category: one of `CATEGORIES`, or `count` or `alpha` for the number or the names of jobs.
    :param field: the field of a spread.
    :param reverse: whether the largest comes first.
    """
    if category == "alpha":
        return sorted(kinds, key=lambda group: group.name.lower(), reverse=reverse)
    if category == "count":
        return sorted(kinds, key=lambda group: group.members, reverse=reverse)
    known = [group for group in kinds if category in group.spreads]
    known.sort(key=lambda group: float(getattr(group.spreads[category], field)), reverse=reverse)
    return known + [group for group in kinds if category not in group.spreads]


def _of_jobs(name: str, jobs: Sequence[_Measured], with_disk: bool) -> Group:
    spreads = _spreads(jobs, with_disk)
    if not jobs:
        return Group(name, 0, spreads)
    disk = sum(job.disk for job in jobs)
    return Group(
        name,
        len(jobs),
        spreads,
        Comparison(sum(job.cores * job.usage.wall for job in jobs), spreads["clock"].total),
        Comparison(sum(job.memory for job in jobs), spreads["memory"].total),
        Comparison(disk, spreads["disk"].total) if with_disk else None,
    )


def _spreads(measured: Sequence[_Measured], with_disk: bool) -> dict[str, Spread]:
    usages = [one.usage for one in measured]
    values: dict[str, list[float]] = {
        "time": [usage.wall for usage in usages],
        "clock": [usage.cpu for usage in usages],
        "wait": [usage.wall - usage.cpu for usage in usages],
        "memory": [usage.memory for usage in usages],
        "disk": [usage.disk for usage in usages] if with_disk else [],
        "queue": [one.queue for one in measured if one.queue is not None],
    }
    return {category: spread for category in CATEGORIES if (spread := Spread.of(values[category])) is not None}


def _as_worker(jobs: Sequence[_Measured]) -> _Measured:
    """Return what a worker used that ran these jobs one after the other."""
    first = jobs[0]
    if len(jobs) == 1:
        return first
    usages = [job.usage for job in jobs]
    usage = Usage(
        first.usage.start,
        sum(usage.wall for usage in usages),
        sum(usage.cpu for usage in usages),
        max(usage.memory for usage in usages),
        max(usage.disk for usage in usages),
    )
    return first._replace(usage=usage)


def _measured(view: WorkflowView, committed: Mapping[str, AttemptRow]) -> dict[str, _Measured]:
    """Return what is known of each job that ran: what it used, and what it was given or, failing that, asked for."""
    config = view.config
    defaults = {
        name: parse_requirement(name, getattr(config, f"default{name.capitalize()}"))
        for name in ("cores", "memory", "disk")
    }
    found = {}
    for job in view:
        usage, row = job.usage, committed.get(job.id)
        if usage is None:
            continue
        if row is not None:
            found[job.id] = _Measured(
                job.kind, usage, row.cores, row.memory, row.disk, max(0.0, usage.start - row.issued)
            )
            continue
        wanted = {**defaults, **job.description.requirements}
        sizes = (_number(wanted["cores"]), int(_number(wanted["memory"])), int(_number(wanted["disk"])))
        found[job.id] = _Measured(job.kind, usage, *sizes, None)
    return found


def _number(value: object) -> float:
    """Return a requirement; one that another job was to determine counts as nothing."""
    return value if isinstance(value, (int, float)) else 0.0


def _extent(usages: Sequence[Usage]) -> float:
    if not usages:
        return 0.0
    return max(usage.start + usage.wall for usage in usages) - min(usage.start for usage in usages)
