"""What the tests of this plugin share; modules for them lie beside them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from cwl_runs import Runs


@pytest.fixture
def cwl(tmp_path: Path) -> Runs:
    """Return what runs documents in the test's directory."""
    return Runs(tmp_path)


@pytest.fixture
def content() -> Callable[[Any], str]:
    """Return a function that reads the file that a File object names."""
    return lambda one: Path(one["path"]).read_text()
