"""Marks by which the leader and those who look for it find each other: its process ID, its machine, the kill flag.

Each start of a workflow is claimed by one leader: a mark with the number of the attempt that nobody can put twice.
"""

from __future__ import annotations

import json
import os
from typing import NamedTuple

from toil_core.job_stores.errors import NoSuchFileException
from toil_core.job_stores.shared_files import SharedFileStore
from toil_core.job_stores.storage import KeyAbsent

_PID, _NODE, _KILL = "pid.log", "leader_node_id.log", "kill_flag"
_CLAIMS = "leaders/"


class LeaderMark(NamedTuple):
    """The leader of one attempt at a workflow.

    :ivar pid: its process ID.
    :ivar node: the machine it runs on.
    :ivar birth: what tells it from other processes that have the same ID at other times.
    """

    pid: int
    node: str
    birth: str

    @classmethod
    def of_this_process(cls) -> LeaderMark:
        """Return what this process would claim an attempt with."""
        from toil_core.worker.node import node_id
        from toil_core.worker.processes import birth_of

        return cls(os.getpid(), node_id(), birth_of(os.getpid()))

    def is_known_to_run(self) -> bool:
        """Return whether this is another process of this machine that has not ended."""
        from toil_core.worker.node import node_id
        from toil_core.worker.processes import birth_of

        return self.node == node_id() and self.pid != os.getpid() and birth_of(self.pid) == self.birth


class LeaderMarks(SharedFileStore):
    """Who leads the workflow, and whether it is to stop."""

    def _set_up(self) -> None:
        super()._set_up()
        self.write_kill_flag(kill=False)

    def claim_attempt(self, number: int) -> LeaderMark | None:
        """Become the leader of an attempt at the workflow, which only one process can.

        :param number: which attempt, counted from 0.
        :returns: None if that worked, else the leader that the attempt has already.
        """
        mark = LeaderMark.of_this_process()
        if self.storage.put(f"{_CLAIMS}{number}", json.dumps(mark).encode("utf-8"), if_absent=True):
            return None
        return self.claimant_of(number) or mark

    def claimant_of(self, number: int) -> LeaderMark | None:
        """Return the leader that has claimed an attempt, or None if nobody has, or it has given the attempt up."""
        try:
            return LeaderMark(*json.loads(self.storage.read(f"{_CLAIMS}{number}")))
        except KeyAbsent:
            return None

    def give_up_attempt(self, number: int) -> None:
        """Let others know that this process, which goes on, no longer leads the workflow."""
        self.storage.delete([f"{_CLAIMS}{number}"])

    def write_leader_pid(self) -> None:
        """Note this process as the leader, in the place of any before it."""
        self.put_shared(_PID, str(os.getpid()))

    def read_leader_pid(self) -> int:
        """Return the process ID of the leader.

        :raises NoSuchFileException: if there never was one.
        """
        return int(self.read_shared(_PID))

    def write_leader_node_id(self) -> None:
        """Note this machine as the one that the leader runs on."""
        from toil_core.worker.node import node_id

        self.put_shared(_NODE, node_id())

    def read_leader_node_id(self) -> str:
        """Return the machine that the leader runs on.

        :raises NoSuchFileException: if there never was one.
        """
        return self.read_shared(_NODE)

    def write_kill_flag(self, kill: bool = False) -> None:
        """Tell the leader to stop, which it then does with all its workers, or take that back.

        :param kill: whether to stop.
        """
        self.put_shared(_KILL, "YES" if kill else "NO")

    def read_kill_flag(self) -> bool:
        """Return whether the leader is to stop."""
        try:
            return self.read_shared(_KILL) == "YES"
        except NoSuchFileException:
            return False
