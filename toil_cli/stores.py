"""Job stores as the commands see them: opening one that exists, and whether a leader is at work on it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from toil_core.errors import UserError

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


def open_job_store(locator: str) -> AbstractJobStore:
    """Open the job store of a workflow.

    :raises UserError: if there is none.
    """
    from toil_core.job_stores.errors import NoSuchJobStoreException
    from toil_core.job_stores.opening import job_store_for

    job_store = job_store_for(locator)
    try:
        job_store.resume()
    except NoSuchJobStoreException as error:
        check_not_something_else(job_store, locator)
        raise UserError(
            f"There is no job store '{locator}'.",
            "Check its name. A workflow that succeeds deletes its job store, unless it runs with --clean=never.",
        ) from error
    return job_store


def check_not_something_else(job_store: AbstractJobStore, locator: str) -> None:
    """Refuse to take a file or directory of the user's for a job store that is not there.

    :raises UserError: if there is one where the job store would be.
    """
    if job_store.scheme == "file" and os.path.lexists(job_store.storage.name):
        raise UserError(f"'{locator}' is not a job store.", "Check its name; it was left as it is.")


def leader_of(job_store: AbstractJobStore) -> LeaderProcess | None:
    """Return the leader that last worked on a job store, or None if there never was one."""
    from toil_core.job_stores.errors import NoSuchFileException
    from toil_core.worker.node import node_id

    try:
        pid, node = job_store.read_leader_pid(), job_store.read_leader_node_id()
    except NoSuchFileException:
        return None
    is_here = node == node_id()
    return LeaderProcess(pid, node, is_here, is_alive(pid) if is_here else None)


def is_alive(pid: int) -> bool:
    """Return whether a process of this machine exists and has not ended yet."""
    import psutil

    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE) and pid != os.getpid()
    except psutil.NoSuchProcess:
        return False
