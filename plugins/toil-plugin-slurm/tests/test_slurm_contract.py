"""Slurm does what every batch system has to do: the real one with accounting and without, and one that can be told to
fail.
"""

from __future__ import annotations

import pytest
from toil_plugin_slurm.scheduler import SlurmBatchSystem

from tests.services.simulated_contract import SimulatedContract
from tests.services.simulated_faults import use
from toil_core.api import AbstractBatchSystem, Config
from toil_core.testing.batch_system import BatchSystemContract


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


class TestSimulatedSlurm(SimulatedContract):
    """On a twin that can be told to fail."""

    scheduler = "slurm"
    system = SlurmBatchSystem

    def misdirect(self, config: Config, cluster: object, directory: object, monkeypatch: pytest.MonkeyPatch) -> str:
        """Name a partition that there is not."""
        monkeypatch.setenv("SBATCH_PARTITION", "nowhere")
        return "invalid partition specified: nowhere"
