"""What the Makefile and the continuous integration run stay in step with what there is."""

from __future__ import annotations

import os
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()


def test_every_target_that_the_integration_run_calls_exists() -> None:
    called = re.findall(r"^make ([a-z]+)", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    assert called[0] == "test"
    assert [name for name in called if not re.search(rf"^{name}:", MAKEFILE, re.MULTILINE)] == []


def test_the_integration_run_can_be_executed_and_stops_at_the_first_failure() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "set -euo pipefail" in script.read_text()


def test_every_file_that_the_makefile_names_exists() -> None:
    named = set(re.findall(r"(?:plugins/[\w-]+/)?(?:tests|benchmarks|docs)/[\w/]+\.py", MAKEFILE))
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_the_help_lists_every_target_for_people() -> None:
    targets = set(re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE)) - {"help", "quick"}
    assert set(re.findall(r"make ([a-z]+)  ", MAKEFILE)) == targets
