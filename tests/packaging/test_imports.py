"""Who may import what: start-up stays light, and plugins use what is meant for them."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("asyncio", "click", "cloudpickle", "pluggy", "psutil", "requests", "rich", "urllib.request", "yaml")
ALLOWED = ("toil_core.api", "toil_core.testing")


@pytest.mark.parametrize("module", ["toil.job", "toil.common", "toil_core.worker.main", "toil_core.worker.zygote"])
def test_jobs_and_workers_load_nothing_heavy(module: str) -> None:
    program = f"import sys, {module}; print(*sorted(set(sys.argv[1:]) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program, *HEAVY], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def foreign_imports(source: str, package: str) -> list[str]:
    """Return what a plugin's module imports of Toil although it is not meant for plugins.

    :param package: the plugin's own package.
    """
    return [name for name in _imported(ast.parse(source)) if not _is_allowed(name, package)]


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_allowed(name: str, package: str) -> bool:
    top = name.partition(".")[0]
    of_toil = top in ("toil", "toil_cli", "toil_core") or top.startswith("toil_plugin_")
    return not of_toil or top == package or f"{name}.".startswith(tuple(f"{module}." for module in ALLOWED))


def test_plugins_of_this_repository_import_only_what_is_meant_for_them() -> None:
    found = {
        str(path.relative_to(ROOT)): names
        for path in ROOT.glob("plugins/*/src/*/**/*.py")
        if (names := foreign_imports(path.read_text(), path.relative_to(ROOT).parts[3]))
    }
    assert found == {}


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("import toil_core.leader", "toil_core.leader"),
        ("from toil_core import plugins", "toil_core.plugins"),
        ("from toil_core.apis import x", "toil_core.apis.x"),
        ("from toil.job import Job", "toil.job.Job"),
        ("from toil_plugin_other.plugin import x", "toil_plugin_other.plugin.x"),
    ],
)
def test_imports_that_plugins_may_not_make_are_found(line: str, name: str) -> None:
    assert foreign_imports(line, "toil_plugin_own") == [name]


def test_imports_that_plugins_may_make_are_not_reported() -> None:
    lines = (
        "import os\nfrom . import x\nfrom toil_core import api\nfrom toil_core.api import y\nimport toil_plugin_own.z"
    )
    assert foreign_imports(lines, "toil_plugin_own") == []
