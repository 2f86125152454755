"""Distributions that exist for one test: a module and the metadata that pip would have written."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_serial = itertools.count()

#: Makes a distribution: its name, the source of its plugin module, and its entry points by group.
Install = Callable[..., str]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory on `sys.path`, here and in processes started by the test."""
    path = tmp_path / "site"
    path.mkdir()
    monkeypatch.syspath_prepend(str(path))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(path)]))
    return path


@pytest.fixture
def install(site: Path) -> Install:
    """Install a distribution into `site`, and return the name of its plugin module."""

    def make(distribution: str, source: str, version: str = "1.0", **entries: str | list[str]) -> str:
        from toil_core import entry_points

        module = f"made_for_test_{os.getpid()}_{next(_serial)}"
        (site / f"{module}.py").write_text(textwrap.dedent(source))
        info = site / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        lines = []
        for kind, names in entries.items():
            lines.append(f"[toil.{kind}]")
            lines += [f"{name} = {module}" for name in ([names] if isinstance(names, str) else names)]
        (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
        entry_points._in_directory.cache_clear()
        return module

    return make


@pytest.fixture
def core_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave directories in which plugins are installed out of `sys.path`, as if only the core were there."""
    from toil_core.entry_points import all_entries

    def brings_plugins(path: str) -> bool:
        return any(Path(path).glob("toil_plugin_*.dist-info"))

    monkeypatch.setattr(sys, "path", [path for path in sys.path if not brings_plugins(path)])
    assert {entry.distribution for entry in all_entries()} == {"toil"}


@pytest.fixture
def toil(site: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the `toil` command in a process of its own."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "toil_cli", *arguments],
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
            cwd=site.parent,
            check=False,
        )

    return run
