"""The script that a submission's tasks run on their nodes.

It is the same text for all tasks of an array; each finds what it has to do by its index. Work orders go to the worker
through its standard input, so that neither their size nor their characters matter, and so that nothing but the script
has to reach the node.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from toil_core.batch_systems.errors import BatchSystemError
from toil_core.errors import UserError
from toil_core.worker.order import WorkOrder

_END = "END-OF-ORDERS"
#: What the script's status is on a node without a worker; also what a shell says of a command that it cannot find.
NO_WORKER = 127


class BadVariableName(BatchSystemError, UserError):
    """A variable has a name that a shell cannot set."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The environment variable '{name}' cannot be set for a job that is a shell command.",
            "Use letters, digits and '_' in its name.",
        )
        self.name = name


class Work(NamedTuple):
    """What one task has to do: carry out work orders one after the other, or run a shell command.

    :ivar return_key: where in the job store to note what of a bundle was not begun in time.
    :ivar patience: seconds after which what of a bundle has not begun is left to others.
    :ivar status_file: where to note the exit status; empty where the scheduler tells it.
    """

    orders: Sequence[WorkOrder] = ()
    command: str = ""
    return_key: str = ""
    patience: float = 0.0
    status_file: str = ""


class Worker(NamedTuple):
    """Where workers are found on nodes.

    :ivar path: the absolute path of `_toil_worker` on the leader's machine.
    :ivar look_elsewhere: whether a node may take the one on its PATH where this one is not.
    """

    path: str
    look_elsewhere: bool = True


def write_script(works: Sequence[Work], environment: Mapping[str, str], worker: Worker, index: str, first: int) -> str:
    """Return the script for an array of tasks, or for a single one.

    :param works: what each task has to do.
    :param environment: variables to set.
    :param index: what in a shell gives the index of a task, such as `$SLURM_ARRAY_TASK_ID`.
    :param first: the index of the first task.
    """
    lines = ["#!/bin/sh"]
    if any(work.orders for work in works):
        lines += _find_worker(worker)
    if len(works) == 1:
        lines += _do(works[0], environment)
    else:
        lines.append(f'case "{index}" in')
        for number, work in enumerate(works, first):
            lines += [f"{number})", *_do(work, environment), ";;"]
        lines += ["*)", f"echo \"toil: There is no task number '{index}' in this job.\" >&2", "exit 2", ";;", "esac"]
    return "\n".join(lines) + "\n"


def _find_worker(worker: Worker) -> list[str]:
    quoted = shlex.quote(worker.path)
    place = f"is no {worker.path}" + (" and no _toil_worker on PATH" if worker.look_elsewhere else "")
    complaint = (
        f"toil: On this node there {place}. "
        "Install Toil where all nodes see it, or activate its environment for the jobs of this scheduler."
    )
    elsewhere = ['[ -x "$worker" ] || worker=$(command -v _toil_worker)'] if worker.look_elsewhere else []
    return [
        f"worker={quoted}",
        *elsewhere,
        '[ -x "$worker" ] || {',
        f'echo {shlex.quote(complaint)} "This is $(uname -n)." >&2',
        f"exit {NO_WORKER}",
        "}",
    ]


def _do(work: Work, environment: Mapping[str, str]) -> list[str]:
    run, after = "exec ", []
    if work.status_file:
        run, after = "", ["status=$?", f'echo "$status" > {shlex.quote(work.status_file)}', 'exit "$status"']
    if not work.orders:
        return [*_exports(environment), f"{run}/bin/sh -c {shlex.quote(work.command)}", *after]
    header = {"environment": dict(environment), "return_key": work.return_key, "patience": work.patience}
    orders = [order.to_json() for order in work.orders]
    name = shlex.quote(work.orders[0].name)
    return [f"{run}\"$worker\" --task {name} <<'{_END}'", json.dumps(header), *orders, _END, *after]


def _exports(environment: Mapping[str, str]) -> list[str]:
    for name in environment:
        if not re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII):
            raise BadVariableName(name)
    return [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]
