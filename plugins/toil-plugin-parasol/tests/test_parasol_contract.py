"""Parasol does what every batch system has to do; a simulated one, since Parasol cannot be had for tests."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from toil_plugin_parasol.scheduler import ParasolBatchSystem

from tests.services.running import simulated
from tests.services.simulated_faults import SimulatedFaults, use
from toil_core.api import AbstractBatchSystem, Config
from toil_core.testing.batch_system import BatchSystemContract


@pytest.fixture(scope="module")
def cluster() -> Iterator[dict[str, str]]:
    """The variables to use the simulated cluster with."""
    with simulated("parasol") as variables:
        yield variables


class TestParasol(BatchSystemContract):
    """On a simulated cluster, which can be told to fail."""

    @pytest.fixture
    def batch_system(
        self, config: Config, cluster: dict[str, str], faults: SimulatedFaults, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[AbstractBatchSystem]:
        """Yield the batch system, on a cluster without faults."""
        use(cluster, monkeypatch)
        yield ParasolBatchSystem(config)
        faults.mend()

    @pytest.fixture
    def faults(self, config: Config, cluster: dict[str, str], tmp_path: Path) -> SimulatedFaults:
        """Return what tells the cluster."""

        def misdirect() -> str:
            # Parasol takes any job; sites have a script around it that does not.
            program = tmp_path / "parasol"
            program.write_text(
                '#!/bin/sh\ncase "$*" in *"add job"*) echo "Ask for an account first" >&2; exit 1;; esac\n'
                f'PATH={shlex.quote(cluster["PATH"])} exec parasol "$@"\n'
            )
            program.chmod(0o755)
            vars(config)["parasolCommand"] = str(program)
            return "Ask for an account first"

        return SimulatedFaults(cluster, misdirect)
