"""Torque does what every batch system has to do: a simulated one, and Slurm's commands that speak as Torque's do."""

from __future__ import annotations

import pytest
from toil_plugin_torque.scheduler import TorqueBatchSystem

from tests.services.simulated_contract import SimulatedContract
from tests.services.simulated_faults import use
from toil_core.api import AbstractBatchSystem, BatchSystemCapabilities, Config
from toil_core.testing.batch_system import BatchSystemContract


class OnSlurm(TorqueBatchSystem):
    """What there is of Torque's commands over Slurm: these do not tell why a job ended."""

    capabilities = BatchSystemCapabilities(asks_a_scheduler=True, outlives_leader=True)


class TestTorque(SimulatedContract):
    """On a simulated cluster, which can be told to fail."""

    scheduler = "torque"
    system = TorqueBatchSystem

    def misdirect(self, config: Config, *_: object) -> str:
        """Name a queue that there is not."""
        vars(config)["torqueArgs"] = "-q nowhere"
        return "Unknown queue"


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
