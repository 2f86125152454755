"""Grid Engine does what every batch system has to do; the real one, on this machine."""

from __future__ import annotations

import pytest
from toil_plugin_gridengine.scheduler import GridEngineBatchSystem

from toil_core.api import AbstractBatchSystem, Config
from toil_core.testing.batch_system import BatchSystemContract


class TestGridEngine(BatchSystemContract):
    """On the real thing, which cannot be told to fail."""

    twin = "the tests of what all schedulers share, and of what Grid Engine prints"

    @pytest.fixture
    def batch_system(
        self, config: Config, grid_engine: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> AbstractBatchSystem:
        """Return the batch system."""
        for name, value in grid_engine.items():
            monkeypatch.setenv(name, value)
        return GridEngineBatchSystem(config)
