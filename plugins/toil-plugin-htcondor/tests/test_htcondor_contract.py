"""HTCondor does what every batch system has to do: the real one, and a twin that can be told to fail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from toil_plugin_htcondor.scheduler import HTCondorBatchSystem

from tests.services.running import simulated
from tests.services.simulated_faults import SimulatedFaults, use
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


@pytest.fixture(scope="module")
def cluster() -> Iterator[dict[str, str]]:
    """The variables to use the simulated cluster with."""
    with simulated("htcondor") as variables:
        yield variables


class TestSimulatedHTCondor(BatchSystemContract):
    """On a twin that can be told to fail."""

    @pytest.fixture
    def batch_system(
        self, config: Config, cluster: dict[str, str], faults: SimulatedFaults, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[AbstractBatchSystem]:
        """Yield the batch system, on a cluster without faults."""
        use(cluster, monkeypatch)
        yield HTCondorBatchSystem(config)
        faults.mend()

    @pytest.fixture
    def faults(self, config: Config, cluster: dict[str, str]) -> SimulatedFaults:
        """Return what tells the cluster."""

        def misdirect() -> str:
            vars(config)["htcondorParams"] = "universe = nowhere"
            return "nowhere"

        return SimulatedFaults(cluster, misdirect)
