"""Marks by which the leader and those who look for it find each other: its process ID, its machine, the kill flag."""

from __future__ import annotations

import os

from toil_core.job_stores.errors import NoSuchFileException
from toil_core.job_stores.shared_files import SharedFileStore

_PID, _NODE, _KILL = "pid.log", "leader_node_id.log", "kill_flag"


class LeaderMarks(SharedFileStore):
    """Who leads the workflow, and whether it is to stop."""

    def _set_up(self) -> None:
        super()._set_up()
        self.write_kill_flag(kill=False)

    def write_leader_pid(self) -> None:
        """Note this process as the leader, in the place of any before it."""
        self.put_shared(_PID, str(os.getpid()))

    def read_leader_pid(self) -> int:
        """Return the process ID of the leader.

        :raises NoSuchFileException: if there never was one.
        """
        return int(self.read_shared(_PID))

    def leader_start(self) -> float | None:
        """Return when the leader began its run, in seconds since the epoch, or None if there never was one."""
        found = self._shared_stat(self._shared_key(_PID))
        return found.modified if found is not None else None

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
