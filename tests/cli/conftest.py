"""Running the `toil` command, and scripts, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]


def _process(where: Path, command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(filter(None, [environment.pop("PYTHONPATH", ""), str(ROOT)]))
    return subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        text=True,
        cwd=where,
        env={**os.environ, "PYTHONPATH": path, **environment},
        check=False,
    )


@pytest.fixture
def toil(tmp_path: Path) -> Run:
    """Run `toil` with these arguments in the test's directory."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return _process(tmp_path, ["-m", "toil_cli", *arguments], environment)

    return run


@pytest.fixture
def python(tmp_path: Path) -> Run:
    """Run Python with these arguments in the test's directory."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return _process(tmp_path, list(arguments), environment)

    return run
