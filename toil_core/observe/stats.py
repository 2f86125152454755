"""What `--stats` keeps beside what jobs leave anyway: when each attempt was issued, what it was given, how failed ones
ended, and when runs began and ended.

It is written into the job store in parts, each of them JSON: an object with `run` (the number of the run, counted from
0 over restarts), `started`, `finished` and `error` (None until known), and `attempts`, a list of rows whose fields are
those of `AttemptRow`. A leader that is killed loses the rows of its last few seconds.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from toil_core.observe.events import JobCompleted, JobFailed, JobIssued, WorkflowFinished, WorkflowStarted

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.observe.bus import MessageBus
    from toil_core.observe.closing import Closeable
    from toil_core.options.config import Config

#: A part is written when it has so many rows, or is so many seconds old.
_ROWS, _SECONDS = 10_000, 10.0


class AttemptRow(NamedTuple):
    """One attempt at a job, as the leader saw it; times in seconds since the epoch, sizes in bytes."""

    job: str
    attempt: int
    issued: float
    cores: float
    memory: int
    disk: int
    #: When the leader learned of its end.
    ended: float
    #: How it failed, in words; empty for an attempt that was committed.
    failure: str = ""


def attach(bus: MessageBus, config: Config, job_store: AbstractJobStore) -> Closeable:
    """Gather statistics of a run into its job store."""
    collector = StatsCollector(config.workflowAttemptNumber, job_store.write_statistics)
    bus.subscribe(WorkflowStarted, collector.began)
    bus.subscribe(JobIssued, collector.issued)
    bus.subscribe(JobCompleted, collector.completed)
    bus.subscribe(JobFailed, collector.failed)
    bus.subscribe(WorkflowFinished, collector.ended)
    return collector


class StatsCollector:
    """Turns messages into rows, and writes them down now and then.

    :param run: the number of the run.
    :param write: keeps a part under a name.
    """

    def __init__(self, run: int, write: Callable[[str, bytes], None], clock: Callable[[], float] = time.time) -> None:
        self._run = run
        self._write = write
        self._clock = clock
        self._open: dict[str, JobIssued] = {}
        self._issued: dict[str, float] = {}
        self._rows: list[AttemptRow] = []
        self._parts = 0
        self._due = clock() + _SECONDS
        self._facts: dict[str, Any] = {"run": run, "started": None, "finished": None, "error": None}

    def began(self, message: WorkflowStarted) -> None:
        """Note when the run began."""
        self._facts["started"] = message.time

    def issued(self, message: JobIssued) -> None:
        """Note what an attempt was given."""
        self._open[message.job_id] = message
        self._issued[message.job_id] = self._clock()

    def completed(self, message: JobCompleted) -> None:
        """Note that an attempt was committed; what a worker went on with after another job was never issued."""
        self._over(message.job_id, "")

    def failed(self, message: JobFailed) -> None:
        """Note how an attempt failed."""
        self._over(message.job_id, message.reason)

    def ended(self, message: WorkflowFinished) -> None:
        """Note when the run ended, and write everything down."""
        self._facts.update(finished=message.time, error=message.error)
        self._flush()

    def close(self) -> None:
        """Write down what is left."""
        if self._rows:
            self._flush()

    def _over(self, job: str, failure: str) -> None:
        given = self._open.pop(job, None)
        if given is None:
            return
        now = self._clock()
        row = (job, given.attempt, self._issued.pop(job), given.cores, given.memory, given.disk, now, failure)
        self._rows.append(AttemptRow(*row))
        if len(self._rows) >= _ROWS or now >= self._due:
            self._flush()

    def _flush(self) -> None:
        part = json.dumps({**self._facts, "attempts": self._rows}, separators=(",", ":"))
        self._write(f"{self._run:06d}-{self._parts:06d}", part.encode("utf-8"))
        self._parts += 1
        self._rows = []
        self._due = self._clock() + _SECONDS


def decode_part(data: bytes) -> dict[str, Any]:
    """Return a part, with its attempts as rows."""
    part: dict[str, Any] = json.loads(data)
    part["attempts"] = [AttemptRow(*row) for row in part["attempts"]]
    return part
