"""What Slurm's commands show of a task, value by value."""

from __future__ import annotations

import time
from typing import NamedTuple

from .model import End, State, Task
from .slurm import long_duration, number_list, state


class Row(NamedTuple):
    """What squeue shows on one line: a task, or those of an array that wait."""

    task: Task
    indices: tuple[int, ...] = ()

    @property
    def waiting(self) -> bool:
        """Whether the line stands for what waits of an array."""
        return len(self.indices) > 1


def rows(tasks: list[Task], each: bool = False) -> list[Row]:
    """Tasks as lines; what waits of an array is one of them.

    :param each: every task has a line.
    """
    found: list[Row] = []
    waiting: dict[int, list[Task]] = {}
    for task in tasks:
        if task.index is not None and task.state is State.PENDING and not each:
            waiting.setdefault(task.job, []).append(task)
        else:
            found.append(Row(task))
    for together in waiting.values():
        found.append(Row(together[0], tuple(task.index for task in together if task.index is not None)))
    return found


def job_id(row: Row) -> str:
    """The number of a job with that of the element: 3_1, 3_[2-4%2]."""
    task = row.task
    if task.index is None:
        return str(task.job)
    if not row.waiting:
        return f"{task.job}_{task.index}"
    return f"{task.job}_[{task_ids(row)}]"


def task_ids(row: Row) -> str:
    """The elements that a line stands for, with how many may run at once."""
    if row.task.index is None:
        return "N/A"
    if not row.waiting:
        return str(row.task.index)
    together = row.task.request.together
    return number_list(list(row.indices)) + (f"%{together}" if together else "")


def reason(task: Task) -> str:
    """Why a task waits, or ended badly."""
    if task.state is State.PENDING:
        waiting = "JobArrayTaskLimit" if task.request.together else "Resources"
        return "JobHeldUser" if task.held else waiting
    if task.state is not State.ENDED:
        return "None"
    if task.end is End.EXIT and task.status == 0:
        return "JobLaunchFailure" if task.signal else "None"
    return {
        End.EXIT: "NonZeroExitCode",
        End.MEMORY: "OutOfMemory",
        End.TIME: "TimeLimit",
        End.NODE: "NodeDown",
        End.LAUNCH: "JobLaunchFailure",
    }.get(task.end or End.EXIT, "None")


def exit_code(task: Task, kept: bool = False) -> tuple[int, int]:
    """Exit status and signal.

    :param kept: as the accounting has them, not the controller.
    """
    if task.end is End.EXIT:
        return (task.status - 128 if kept and task.status > 128 else task.status), task.signal
    if task.end is End.MEMORY:
        return 0, 125
    if task.end is End.LAUNCH:
        return 0, 53
    if task.end in (End.TIME, End.CANCELLED) and task.started is not None and not kept:
        return 0, 15
    return 0, 0


def stamp(seconds: float | None, none: str = "N/A") -> str:
    """A time as Slurm writes it."""
    return none if seconds is None else time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(seconds))


def elapsed(task: Task) -> int:
    """Whole seconds that a task has run."""
    if task.started is None:
        return 0
    end = task.ended if task.ended is not None else time.time()
    return int(end) - int(task.started)


def memory(mebibytes: int) -> str:
    """Memory with the largest unit that leaves a whole number."""
    return f"{mebibytes // 1024}G" if mebibytes and mebibytes % 1024 == 0 else f"{mebibytes}M"


def limit(seconds: float | None) -> str:
    """A time limit as scontrol and sacct show it."""
    return "UNLIMITED" if seconds is None else long_duration(seconds)


def kept_state(task: Task) -> str:
    """The state as the accounting has it: with who cancelled."""
    name = state(task)
    return f"CANCELLED by {task.request.notes['uid']}" if name == "CANCELLED" else name
