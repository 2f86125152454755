"""The contract of batch systems on a simulated cluster, which can be told to fail."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import ClassVar

import pytest

from tests.services.running import simulated
from tests.services.simulated_faults import SimulatedFaults, use
from toil_core.api import AbstractBatchSystem, Config
from toil_core.testing.batch_system import BatchSystemContract


class SimulatedContract(BatchSystemContract):
    """Derive from it, name the cluster and the batch system, and override `misdirect`."""

    #: What the cluster is to be: see `simulated`.
    scheduler: ClassVar[str]
    system: ClassVar[type[AbstractBatchSystem]]
    #: Options that the batch system is made with.
    settings: ClassVar[dict[str, object]] = {}

    def misdirect(
        self, config: Config, cluster: dict[str, str], directory: Path, monkeypatch: pytest.MonkeyPatch
    ) -> str:
        """Have the batch system ask for what its scheduler refuses.

        :param directory: an empty directory.
        :returns: words of the refusal.
        """
        raise NotImplementedError("override 'misdirect'")

    @pytest.fixture(scope="class")
    @classmethod
    def cluster(cls) -> Iterator[dict[str, str]]:
        """Yield the variables to use the simulated cluster with."""
        with simulated(cls.scheduler) as variables:
            yield variables

    @pytest.fixture
    def batch_system(
        self, config: Config, cluster: dict[str, str], faults: SimulatedFaults, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[AbstractBatchSystem]:
        """Yield the batch system, on a cluster without faults."""
        use(cluster, monkeypatch)
        vars(config).update(self.settings)
        yield self.system(config)
        faults.mend()

    @pytest.fixture
    def faults(
        self, config: Config, cluster: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> SimulatedFaults:
        """Return what tells the cluster."""
        return SimulatedFaults(cluster, partial(self.misdirect, config, cluster, tmp_path, monkeypatch))
