"""Who runs a workflow, or was the last to, by the marks that leaders leave in job stores."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from toil_core.job_stores.errors import NoSuchFileException
from toil_core.worker.node import node_id

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore


class LeaderProcess(NamedTuple):
    """Who runs, or last ran, a workflow.

    :ivar pid: the process ID.
    :ivar node: the machine, as the job store names it.
    :ivar is_here: whether that is this machine.
    :ivar is_alive: whether the process exists; None where that cannot be told from this machine.
    """

    pid: int
    node: str
    is_here: bool
    is_alive: bool | None

    def __str__(self) -> str:
        return f"process {self.pid} on {'this machine' if self.is_here else f'machine {self.node}'}"


def leader_of(job_store: AbstractJobStore) -> LeaderProcess | None:
    """Return the leader that last worked on a job store, or None if there never was one."""
    try:
        pid, node = job_store.read_leader_pid(), job_store.read_leader_node_id()
    except NoSuchFileException:
        return None
    is_here = node == node_id()
    return LeaderProcess(pid, node, is_here, is_alive(pid) if is_here else None)


def is_alive(pid: int) -> bool:
    """Return whether a process of this machine, other than this one, exists and has not ended yet."""
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE) and pid != os.getpid()
    except psutil.NoSuchProcess:
        return False
