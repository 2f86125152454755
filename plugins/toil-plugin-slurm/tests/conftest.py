"""Workflows on the real Slurm, run as users run them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

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
    for name, value in slurm.items():
        monkeypatch.setenv(name, value)
    return SlurmWorkflow(tmp_path)
