"""No test of options sees the variables of the machine that runs it, or what another test told `toil run`."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from toil_core.options.invocation import clear_invocation


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in list(os.environ):
        if name.startswith("TOIL_"):
            monkeypatch.delenv(name)
    yield
    clear_invocation()
