"""Torque does what every batch system has to do: a simulated one, and Slurm's commands that speak as Torque's do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from toil_plugin_torque.scheduler import TorqueBatchSystem

from tests.services.running import simulated
from tests.services.simulated_faults import SimulatedFaults, use
from toil_core.api import AbstractBatchSystem, BatchSystemCapabilities, Config
from toil_core.testing.batch_system import BatchSystemContract


class OnSlurm(TorqueBatchSystem):
    """What there is of Torque's commands over Slurm: these do not tell why a job ended."""

    capabilities = BatchSystemCapabilities(asks_a_scheduler=True, outlives_leader=True)


@pytest.fixture(scope="module")
def cluster() -> Iterator[dict[str, str]]:
    """The variables to use the simulated cluster with."""
    with simulated("torque") as variables:
        yield variables


class TestTorque(BatchSystemContract):
    """On a simulated cluster, which can be told to fail."""

    @pytest.fixture
    def batch_system(
        self, config: Config, cluster: dict[str, str], faults: SimulatedFaults, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[AbstractBatchSystem]:
        """Yield the batch system, on a cluster without faults."""
        use(cluster, monkeypatch)
        yield TorqueBatchSystem(config)
        faults.mend()

    @pytest.fixture
    def faults(self, config: Config, cluster: dict[str, str]) -> SimulatedFaults:
        """Return what tells the cluster."""

        def misdirect() -> str:
            vars(config)["torqueArgs"] = "-q nowhere"
            return "Unknown queue"

        return SimulatedFaults(cluster, misdirect)


class TestTorquesCommandsOnSlurm(BatchSystemContract):
    """On a real scheduler, through Slurm's own version of the commands."""

    twin = "TestTorque"

    @pytest.fixture
    def batch_system(
        self, config: Config, torque: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> AbstractBatchSystem:
        """Return the batch system."""
        use(torque, monkeypatch)
        return OnSlurm(config)
