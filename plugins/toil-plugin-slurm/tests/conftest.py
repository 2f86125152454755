"""Workflows on the real Slurm, run as users run them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.running import service
from tests.services.simulated_faults import use
from tests.workflow.conftest import Workflow


class SlurmWorkflow(Workflow):
    """A workflow whose jobs Slurm runs."""

    def start(self, *options: str) -> subprocess.Popen[str]:
        """Start it; it tells what it hands over."""
        common = ("--batchSystem", "slurm", "--logInfo", "--workDir", str(self.directory), "--defaultMemory", "100M")
        return super().start(*common, *options)


@pytest.fixture
def on_slurm(slurm: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SlurmWorkflow:
    """Return an empty workflow on the real Slurm."""
    use(slurm, monkeypatch)
    return SlurmWorkflow(tmp_path)


@pytest.fixture
def alone_on_slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlurmWorkflow]:
    """Yield an empty workflow on a real Slurm that runs nothing else, for tests that fill all of it."""
    with service("slurm", DBD="0") as variables:
        use(variables, monkeypatch)
        yield SlurmWorkflow(tmp_path)
