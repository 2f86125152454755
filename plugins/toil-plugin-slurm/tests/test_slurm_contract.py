"""Slurm does what every batch system has to do: the real one with accounting and without, and one that can be told to
fail.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping

import pytest
from toil_plugin_slurm.scheduler import SlurmBatchSystem

from tests.services.jobs import output
from tests.services.running import simulated
from toil_core.api import AbstractBatchSystem, Config
from toil_core.testing.batch_system import BatchSystemContract
from toil_core.testing.faults import Faults


def use(variables: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process and what it starts use a service."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


class TestSlurm(BatchSystemContract):
    """On the real thing, which cannot be told to fail."""

    twin = "TestSimulatedSlurm"

    @pytest.fixture
    def batch_system(
        self, config: Config, slurm: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> AbstractBatchSystem:
        """Return the batch system."""
        use(slurm, monkeypatch)
        return SlurmBatchSystem(config)


class TestSlurmWithoutAccounting(BatchSystemContract):
    """On the real thing, where only the controller knows how jobs ended, and for some time only."""

    twin = "TestSimulatedSlurm"

    @pytest.fixture
    def batch_system(
        self, config: Config, slurm_without_accounting: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> AbstractBatchSystem:
        """Return the batch system."""
        use(slurm_without_accounting, monkeypatch)
        return SlurmBatchSystem(config)


class SimulatedFaults(Faults):
    """Tells the simulated cluster what to do wrong."""

    def __init__(self, variables: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._variables = variables
        self._monkeypatch = monkeypatch

    def _tell(self, *words: str) -> str:
        return output(self._variables, "simctl", *words)

    def down(self) -> None:
        self._tell("set", "down=all")

    def up(self) -> None:
        self._tell("set", "down=")

    def flap(self) -> None:
        self._tell("set", "flap=missing:4")

    def forget(self) -> None:
        self._tell("end", "all", "cancelled")
        self._tell("vanish", "all")

    def end_for_memory(self) -> None:
        self._tell("end", "all", "memory")

    def end_for_time(self) -> None:
        self._tell("end", "all", "time")

    def lose_node(self) -> None:
        self._tell("host", "node1", "down")
        self._tell("host", "node2", "down")
        self._tell("host", "node1", "up")
        self._tell("host", "node2", "up")

    def fill(self) -> None:
        self._tell("set", "limit=0")

    def make_room(self) -> None:
        self._tell("set", "limit=")

    def refuse(self) -> str:
        self._monkeypatch.setenv("SBATCH_PARTITION", "nowhere")
        return "invalid partition specified: nowhere"

    def calls(self) -> int:
        return sum(json.loads(self._tell("calls")).values())


@pytest.fixture(scope="module")
def twin() -> Iterator[dict[str, str]]:
    """The variables to use the simulated cluster with."""
    with simulated("slurm") as variables:
        yield variables


class TestSimulatedSlurm(BatchSystemContract):
    """On a twin that can be told to fail."""

    @pytest.fixture
    def batch_system(
        self, config: Config, twin: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[AbstractBatchSystem]:
        """Yield the batch system, on a cluster without faults."""
        use({**os.environ, **twin}, monkeypatch)
        yield SlurmBatchSystem(config)
        output(twin, "simctl", "set", "down=", "flap=", "limit=")

    @pytest.fixture
    def faults(self, twin: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> SimulatedFaults:
        """Return what tells the cluster."""
        return SimulatedFaults(twin, monkeypatch)
