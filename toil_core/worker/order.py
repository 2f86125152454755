"""A work order: what the leader tells a worker to do, small enough for a command line."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, NamedTuple

from toil_core.jobs.requirements import Allocation
from toil_core.jobs.segments import BodyPlace

if TYPE_CHECKING:
    from toil_core.options.config import Config


class WorkOrder(NamedTuple):
    """Run one attempt at one job, and go on with the jobs that may be chained to it.

    :ivar locator: the job store, with its scheme.
    :ivar store_class: its class, as `"module:Class"`, so that the worker need not look for it.
    :ivar job: the ID of the job.
    :ivar name: its name, for people who look at process lists.
    :ivar attempt: which attempt this is, counted from 1 over the life of this leader.
    :ivar body: where the job's body lies in its segment.
    :ivar allocation: what the batch system has set aside for the job.
    :ivar chain: whether the worker may go on with the job's successors.
    :ivar local: whether the worker runs beside the leader, so that it may go on with jobs only that may run there.
    """

    locator: str
    job: str
    name: str
    attempt: int
    body: BodyPlace
    allocation: Allocation
    chain: bool = True
    store_class: str = ""
    local: bool = False

    def to_json(self) -> str:
        """Return the order as one line of JSON."""
        return json.dumps([*self[:4], list(self.body), list(self.allocation), *self[6:]], separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str | bytes) -> WorkOrder:
        """Restore what `to_json` wrote."""
        locator, job, name, attempt, body, allocation, *others = json.loads(text)
        cores, memory, disk, accelerators, preemptible, wall_time = allocation
        needs = tuple(tuple((key, value) for key, value in one) for one in accelerators)
        given = Allocation(cores, memory, disk, needs, preemptible, wall_time)
        return cls(locator, job, name, attempt, BodyPlace(*body), given, *others)

    def command_line(self) -> str:
        """Return the shell command that carries the order out on any machine where Toil is installed."""
        return f"_toil_worker {shlex.quote(self.name)} {shlex.quote(self.to_json())}"


def attempt_token(config: Config, attempt: int) -> str:
    """Return a name for an attempt that no other attempt at the same job has, over all restarts."""
    return f"{config.workflowAttemptNumber}.{attempt}"
