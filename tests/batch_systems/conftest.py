"""Batch systems to test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.batch_systems.support import CONTEXT, ROOT, RUN_ORDER, Machine
from toil_core.batch_systems.resources import Amount
from toil_core.batch_systems.single_machine import SingleMachineBatchSystem
from toil_core.options.config import Config


@pytest.fixture
def make_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Machine]]:
    """Make batch systems; keywords are settings, `locator` and `capacity`."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    made: list[Machine] = []

    def make(locator: str = "fine", capacity: Amount | None = None, **settings: Any) -> Machine:
        config = Config()
        config.workflowID = "workflow"
        config.implementations = {"job_store": "some:Class"}
        config.workDir = str(tmp_path)
        for name, value in settings.items():
            setattr(config, name, value)
        size = capacity or Amount.of(4, 1 << 30, 1 << 30)
        system = SingleMachineBatchSystem(config, size, CONTEXT, RUN_ORDER)
        made.append(Machine(system, config, locator))
        return made[-1]

    yield make
    for machine in made:
        machine.system.shutdown()


@pytest.fixture
def machine(make_machine: Callable[..., Machine]) -> Machine:
    """Return a batch system with four cores and 1 GiB of memory and disk."""
    return make_machine()
