"""LSF does what every batch system has to do; a simulated one, since LSF cannot be had for tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from toil_plugin_lsf.scheduler import LSFBatchSystem

from tests.services.running import simulated
from tests.services.simulated_faults import SimulatedFaults, use
from toil_core.api import AbstractBatchSystem, Config
from toil_core.testing.batch_system import BatchSystemContract


@pytest.fixture(scope="module")
def cluster() -> Iterator[dict[str, str]]:
    """The variables to use the simulated cluster with."""
    with simulated("lsf") as variables:
        yield variables


class TestLSF(BatchSystemContract):
    """On a simulated cluster, which can be told to fail."""

    @pytest.fixture
    def batch_system(
        self, config: Config, cluster: dict[str, str], faults: SimulatedFaults, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[AbstractBatchSystem]:
        """Yield the batch system, on a cluster without faults."""
        use(cluster, monkeypatch)
        yield LSFBatchSystem(config)
        faults.mend()

    @pytest.fixture
    def faults(self, config: Config, cluster: dict[str, str]) -> SimulatedFaults:
        """Return what tells the cluster."""

        def misdirect() -> str:
            vars(config)["lsfArgs"] = "-q nowhere"
            return "No such queue"

        return SimulatedFaults(cluster, misdirect)


class TestLSFWithCoalescedCalls(TestLSF):
    """The same with `--coalesceStatusCalls`."""

    @pytest.fixture
    def batch_system(
        self, config: Config, cluster: dict[str, str], faults: SimulatedFaults, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[AbstractBatchSystem]:
        """Yield the batch system."""
        vars(config)["coalesceStatusCalls"] = True
        use(cluster, monkeypatch)
        yield LSFBatchSystem(config)
        faults.mend()
