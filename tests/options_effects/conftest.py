"""The script that tells what its jobs see, in a directory of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.options_effects.probing import Probe


@pytest.fixture
def probe(tmp_path: Path) -> Probe:
    """The script in the test's directory."""
    return Probe(tmp_path)
