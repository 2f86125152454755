"""What Grid Engine's commands print, as Python values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple
from xml.etree import ElementTree as ET

from toil_core.api import BatchJobExitReason, TaskState, TaskStatus, human2bytes

#: What `failed` in the accounting says of jobs whose host or whose daemon there was lost.
_LOST = {19, 21, 24, 25}
_AFTER_JOB = 100
_TIME_IS_UP = 37
#: A job that came so near to its memory limit, as a part of it, was ended by that limit.
_AT_THE_LIMIT = 0.95


class QueuedTask(NamedTuple):
    """A task that is in the queue.

    :ivar task: its ID: `JOB` or `JOB.TASK`.
    :ivar name: the job's name.
    :ivar code: the state as Grid Engine writes it, such as `qw` or `Eqw`.
    :ivar started: when it began to run.
    """

    task: str
    name: str
    code: str
    started: datetime | None

    @property
    def is_broken(self) -> bool:
        """Whether it cannot be started, and waits for someone to look after it."""
        return "E" in self.code

    def status(self, now: datetime) -> TaskStatus:
        """Return how far it has come."""
        if self.started is None:
            return TaskStatus(TaskState.PENDING, detail="on hold" if "h" in self.code else "")
        return TaskStatus(TaskState.RUNNING, seconds=(now - self.started).total_seconds())


def queued_tasks(xml: str) -> Iterator[QueuedTask]:
    """Read what `qstat -xml` printed; an array's tasks that wait are listed as ranges."""
    for job in ET.fromstring(xml).iter("job_list"):
        number, name, code = (job.findtext(tag, "") for tag in ("JB_job_number", "JB_name", "state"))
        start = job.findtext("JAT_start_time")
        started = datetime.fromisoformat(start) if start else None
        tasks = job.findtext("tasks")
        for task in _expanded(tasks) if tasks else [""]:
            yield QueuedTask(f"{number}.{task}" if task else number, name, code, started)


def _expanded(ranges: str) -> Iterator[str]:
    """Return the numbers in text such as `1,4-10:2`."""
    for part in ranges.split(","):
        bounds, _, step = part.partition(":")
        first, _, last = bounds.partition("-")
        for number in range(int(first), int(last or first) + 1, int(step or 1)):
            yield str(number)


def largest_memory(xml: str) -> int:
    """Read what `qhost -xml` printed: the memory of the host that has most of it, in bytes."""
    sizes = [
        human2bytes(_binary(value.text or "0"))
        for value in ET.fromstring(xml).iter("hostvalue")
        if value.get("name") == "mem_total" and value.text != "-"
    ]
    return max(sizes, default=0)


def accounts(text: str) -> Mapping[str, TaskStatus]:
    """Read what `qacct -j` printed, by the IDs of tasks."""
    found = {}
    for entry in re.split(r"^=+\s*$", text, flags=re.MULTILINE):
        facts = dict(line.split(None, 1) for line in entry.splitlines() if len(line.split(None, 1)) == 2)
        if "jobnumber" in facts:
            facts = {key: value.strip() for key, value in facts.items()}
            task = facts.get("taskid", "undefined")
            job = facts["jobnumber"]
            found[job if task == "undefined" else f"{job}.{task}"] = _ended(facts)
    return found


def _ended(facts: Mapping[str, str]) -> TaskStatus:
    status = int(facts.get("exit_status", "0").split()[0])
    failed = int(facts.get("failed", "0").split()[0])
    seconds = float(re.sub(r"[^0-9.]", "", facts.get("ru_wallclock", "")) or 0)
    detail = "" if failed in (0, _AFTER_JOB) else f"Grid Engine says: {facts['failed']}"
    return TaskStatus(
        TaskState.ENDED,
        128 - status if status > 128 else status,
        _reason(facts, status, failed, seconds),
        detail,
        seconds,
    )


def _reason(facts: Mapping[str, str], status: int, failed: int, seconds: float) -> BatchJobExitReason:
    asked = dict(re.findall(r"(\w+)=([^,\s]+)", facts.get("category", "")))
    if failed in _LOST:
        return BatchJobExitReason.LOST
    if not status and not failed:
        return BatchJobExitReason.FINISHED
    if failed == _TIME_IS_UP or (status > 128 and "h_rt" in asked and seconds >= float(asked["h_rt"])):
        return BatchJobExitReason.TIMELIMIT
    if "h_vmem" in asked:
        limit = human2bytes(_binary(asked["h_vmem"])) * int(facts.get("slots", "1"))
        if human2bytes(_binary(facts.get("maxvmem", "0"))) >= limit * _AT_THE_LIMIT:
            return BatchJobExitReason.MEMLIMIT
    if failed == _AFTER_JOB:
        return BatchJobExitReason.KILLED
    return BatchJobExitReason.FAILED if status else BatchJobExitReason.ERROR


def _binary(size: str) -> str:
    """Return a size in words that mean the same elsewhere: Grid Engine's K, M and G are powers of 1024."""
    return re.sub(r"^([0-9.]+)([KMGT])B?$", r"\1\2i", size)
