"""Who runs a workflow, or was the last to, by the marks that leaders leave in job stores."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from toil_core.job_stores.errors import NoSuchFileException
from toil_core.worker.node import node_id
from toil_core.worker.processes import birth_of

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
    """Return the leader that last worked on a job store, or None if there never was one.

    It is at work as long as it has not given up the attempt that it claimed, nor died.
    """
    claim = job_store.claimant_of(job_store.config.workflowAttemptNumber)
    if claim is not None:
        is_here = claim.node == node_id()
        runs = claim.is_known_to_run() or (is_here and claim.pid == os.getpid())
        return LeaderProcess(claim.pid, claim.node, is_here, runs if is_here else None)
    try:
        pid, node = job_store.read_leader_pid(), job_store.read_leader_node_id()
    except NoSuchFileException:
        return None
    return LeaderProcess(pid, node, node == node_id(), is_alive=False)


def is_alive(pid: int) -> bool:
    """Return whether a process of this machine exists and has not ended yet."""
    return bool(birth_of(pid))
