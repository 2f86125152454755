"""The single machine keeps the contract of batch systems."""

from __future__ import annotations

import pytest

from toil_core.batch_systems.single_machine import SingleMachineBatchSystem
from toil_core.options.config import Config
from toil_core.testing import BatchSystemContract


class TestSingleMachine(BatchSystemContract):
    @pytest.fixture
    def batch_system(self, config: Config) -> SingleMachineBatchSystem:
        return SingleMachineBatchSystem(config)
