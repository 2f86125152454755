"""HTCondor does what every batch system has to do: the real one, and a twin that can be told to fail."""

from __future__ import annotations

import pytest
from toil_plugin_htcondor.scheduler import HTCondorBatchSystem

from tests.services.simulated_contract import SimulatedContract
from tests.services.simulated_faults import use
from toil_core.api import AbstractBatchSystem, Config
from toil_core.testing.batch_system import BatchSystemContract


class TestHTCondor(BatchSystemContract):
    """On the real thing, which cannot be told to fail."""

    twin = "TestSimulatedHTCondor"

    @pytest.fixture
    def batch_system(
        self, config: Config, htcondor: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> AbstractBatchSystem:
        """Return the batch system."""
        use(htcondor, monkeypatch)
        return HTCondorBatchSystem(config)


class TestSimulatedHTCondor(SimulatedContract):
    """On a twin that can be told to fail."""

    scheduler = "htcondor"
    system = HTCondorBatchSystem

    def misdirect(self, config: Config, *_: object) -> str:
        """Name a universe that there is not."""
        vars(config)["htcondorParams"] = "universe = nowhere"
        return "nowhere"
