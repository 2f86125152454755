"""Workflows on the toy scheduler, run as users run them: the toy is found as any plugin is."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.batch_systems.scheduler import toy as toy_module
from tests.batch_systems.support import ROOT, eventually
from tests.workflow.conftest import Workflow

_PLUGIN = """
from toil_core.api import BatchSystemSpec, hookimpl

@hookimpl
def toil_batch_systems():
    where = "tests.batch_systems.scheduler.toy:ToyBatchSystem"
    return [BatchSystemSpec(name="toy", implementation=where, summary="For tests.")]
"""


class ToyWorkflow(Workflow):
    """A workflow whose jobs the toy scheduler runs; its queue is a directory of the test's own."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.queue = directory / "queue"
        self.queue.mkdir()
        site = directory / "site"
        (site / "toil_plugin_toy").mkdir(parents=True)
        (site / "toil_plugin_toy" / "plugin.py").write_text(_PLUGIN)
        information = site / "toil_plugin_toy-1.dist-info"
        information.mkdir()
        (information / "METADATA").write_text("Metadata-Version: 2.1\nName: toil-plugin-toy\nVersion: 1\n")
        (information / "entry_points.txt").write_text("[toil.batch_systems]\ntoy = toil_plugin_toy.plugin\n")
        self._path = os.pathsep.join((str(site), str(ROOT)))

    def environment(self) -> dict[str, str]:
        return {**super().environment(), "PYTHONPATH": self._path, toy_module.DIRECTORY: str(self.queue)}

    def start(self, *options: str) -> subprocess.Popen[str]:
        return super().start("--batchSystem", "toy", "--logInfo", *options)

    def set(self, fault: str, on: bool = True) -> None:
        """Switch one of the toy's faults on or off."""
        if on:
            (self.queue / fault).touch()
        else:
            (self.queue / fault).unlink()

    def calls(self) -> Counter[str]:
        """Return how often each command was run."""
        path = self.queue / "calls"
        return Counter(path.read_text().split()) if path.exists() else Counter()

    def until_called(self, command: str, times: int = 1) -> None:
        """Wait until a command was run so often."""
        eventually(lambda: self.calls()[command] >= times, f"{times} calls of {command}")


@pytest.fixture
def toy(tmp_path: Path) -> ToyWorkflow:
    """An empty workflow on a toy scheduler of its own."""
    return ToyWorkflow(tmp_path)
