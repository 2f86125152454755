"""Telling a simulated cluster what to do wrong, in the words of the contract kit."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping

import pytest

from tests.services.jobs import output
from toil_core.testing.faults import Faults

#: What sets everything right again.
_NONE = ("down=", "flap=", "refuse=0", "limit=", "ends=")


class SimulatedFaults(Faults):
    """Tells the simulated cluster what to do wrong.

    :param variables: what to use the cluster with.
    :param misdirect: has the batch system ask for what its scheduler refuses, and returns words of the refusal.
    :param hosts: the names of its machines.
    """

    def __init__(
        self, variables: Mapping[str, str], misdirect: Callable[[], str], hosts: tuple[str, ...] = ("node1", "node2")
    ) -> None:
        self._variables = variables
        self._misdirect = misdirect
        self._hosts = hosts

    def tell(self, *words: str) -> str:
        """Run `simctl`."""
        return output(self._variables, "simctl", *words)

    def mend(self) -> None:
        """Set everything right."""
        self.tell("set", *_NONE)

    def down(self) -> None:
        self.tell("set", "down=all")

    def up(self) -> None:
        self.tell("set", "down=")

    def flap(self) -> None:
        self.tell("set", "flap=missing:4")

    def forget(self) -> None:
        self.tell("end", "all", "cancelled")
        self.tell("vanish", "all")

    def end_for_memory(self) -> None:
        self.tell("end", "all", "memory")

    def end_for_time(self) -> None:
        self.tell("end", "all", "time")

    def lose_node(self) -> None:
        for state in ("down", "up"):
            for host in self._hosts:
                self.tell("host", host, state)

    def fill(self) -> None:
        self.tell("set", "limit=0")

    def make_room(self) -> None:
        self.tell("set", "limit=")

    def refuse(self) -> str:
        return self._misdirect()

    def calls(self) -> int:
        return sum(json.loads(self.tell("calls")).values())


def use(variables: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process, and what it starts, use a cluster."""
    for name, value in {**os.environ, **variables}.items():
        monkeypatch.setenv(name, value)
