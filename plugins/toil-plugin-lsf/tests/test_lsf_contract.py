"""LSF does what every batch system has to do; a simulated one, since LSF cannot be had for tests."""

from __future__ import annotations

from toil_plugin_lsf.scheduler import LSFBatchSystem

from tests.services.simulated_contract import SimulatedContract
from toil_core.api import Config


class TestLSF(SimulatedContract):
    """On a simulated cluster, which can be told to fail."""

    scheduler = "lsf"
    system = LSFBatchSystem

    def misdirect(self, config: Config, *_: object) -> str:
        """Name a queue that there is not."""
        vars(config)["lsfArgs"] = "-q nowhere"
        return "No such queue"


class TestLSFWithCoalescedCalls(TestLSF):
    """The same with `--coalesceStatusCalls`."""

    settings = {"coalesceStatusCalls": True}
