"""What all clauses on batch systems start from: the fixtures, of which authors override one or two, and the skips."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from toil_core import plugins
from toil_core.batch_systems.abstract import AbstractBatchSystem
from toil_core.options.config import Config
from toil_core.testing.faults import Faults
from toil_core.testing.playing_leader import PlayedLeader

_WHY = {
    "asks_a_scheduler": "it asks no scheduler that could fail",
    "outlives_leader": "its jobs end with the leader",
    "announces_starts": "it does not know when jobs start",
    "tells_memory": "it does not tell when a job wanted too much memory",
    "tells_time": "it does not end jobs that take too long",
    "tells_lost": "it does not tell when a job was lost with its machine",
}


class BatchFixtures:
    """Fixtures, of which the author of a backend overrides `batch_system`, and `faults` where there is a scheduler."""

    #: How many seconds anything may take, from a queue to news of a job.
    patience = 60.0
    #: For a scheduler that cannot be told to fail: where the clauses about that are proved instead.
    twin = ""

    @pytest.fixture
    def batch_system(self, config: Config) -> AbstractBatchSystem:
        """Return the batch system, made with this configuration. The contract shuts it down."""
        raise NotImplementedError("override the fixture 'batch_system'")

    @pytest.fixture
    def faults(self) -> Faults | None:
        """Return the remote control of the scheduler; None where it cannot be told to fail."""
        return None

    @pytest.fixture
    def shared_directory(self, tmp_path: Path) -> Path:
        """Return an empty directory that jobs see under the same path."""
        path = tmp_path / "shared"
        path.mkdir()
        return path

    @pytest.fixture
    def config(self, tmp_path: Path, shared_directory: Path) -> Config:
        """Return the configuration of the workflow, with plugins' options as the environment sets them."""
        config = Config()
        config.setOptions(SimpleNamespace(), plugins.plugin_options())
        config.workflowID = f"contract-{tmp_path.name[-12:]}-{id(config) % 9973}"
        config.workDir = str(shared_directory)
        return config

    @pytest.fixture
    def leader(self, batch_system: AbstractBatchSystem, shared_directory: Path) -> Iterator[PlayedLeader]:
        """Yield what issues jobs to the batch system and hears of them."""
        leader = PlayedLeader(batch_system, shared_directory, self.patience)
        yield leader
        leader.shut_down()

    def needs(self, leader: PlayedLeader, capability: str) -> None:
        """Skip the clause unless the batch system declares a capability."""
        if not getattr(leader.batch_system.capabilities, capability):
            pytest.skip(f"{_WHY[capability]} ('{capability}' is not declared)")

    def fault(self, leader: PlayedLeader, faults: Faults | None, *names: str) -> Faults:
        """Return the remote control of the scheduler, or skip the clause where the scheduler cannot be told.

        :param names: what the clause is going to tell it.
        """
        self.needs(leader, "asks_a_scheduler")
        if faults is None:
            if not self.twin:
                pytest.fail("It asks a scheduler: override the fixture 'faults', or tell in 'twin' what proves this.")
            pytest.skip(f"this scheduler cannot be told to fail; see {self.twin}")
        for name in names:
            if not faults.can(name):
                pytest.skip(f"this scheduler cannot be told to {name.replace('_', ' ')}")
        return faults
