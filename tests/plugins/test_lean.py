"""With every plugin of the repository installed, nothing heavy is loaded before someone has asked for it."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from toil_core.entry_points import all_entries, normalized

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"WDL", "boto3", "botocore", "cwltool", "docker", "google", "kubernetes", "rdflib", "ruamel", "schema_salad"}
SHOW = "import sys; {}; print('LOADED', *sorted(sys.modules))"


def loaded_by(statement: str, directory: Path) -> set[str]:
    """Return the names of the modules that a Python statement leaves loaded in a new process."""
    program = SHOW.format(statement)
    done = subprocess.run([sys.executable, "-c", program], cwd=directory, capture_output=True, text=True, check=True)
    return set(done.stdout.rpartition("LOADED")[2].split())


def tops(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def test_every_plugin_of_the_repository_is_installed() -> None:
    here = {path.parent.name for path in ROOT.glob("plugins/*/pyproject.toml")}
    assert len(here) >= 8
    assert here - {normalized(entry.distribution) for entry in all_entries()} == set()


@pytest.mark.parametrize(
    "arguments", [("--help",), ("run", "--help"), ("plugins", "list"), ("config", "--help"), ("--version",)]
)
def test_the_command_line_loads_no_implementation_of_a_plugin(arguments: tuple[str, ...], tmp_path: Path) -> None:
    loaded = loaded_by(f"from toil_cli.main import run; run({list(arguments)!r})", tmp_path)
    assert tops(loaded) & HEAVY == set()
    of_plugins = {module for module in loaded if module.startswith("toil_plugin_") and "." in module}
    assert {module for module in of_plugins if module.rpartition(".")[2] not in ("plugin", "options")} == set()


def test_help_loads_neither_tables_nor_templates(tmp_path: Path) -> None:
    loaded = loaded_by("from toil_cli.main import run; run(['--help'])", tmp_path)
    assert tops(loaded) & {"rich", "jinja2", "requests", "pytest"} == set()


@pytest.mark.parametrize("module", ["toil_core.worker.main", "toil_core.worker.zygote", "toil.job"])
def test_a_worker_loads_nothing_of_a_plugin(module: str, tmp_path: Path) -> None:
    loaded = tops(loaded_by(f"import {module}", tmp_path))
    assert loaded & (HEAVY | {"rich", "click", "pluggy"}) == set()
    assert {name for name in loaded if name.startswith("toil_plugin_")} == set()


def test_the_contract_kit_costs_the_tests_of_others_nothing(tmp_path: Path) -> None:
    assert [entry.name for entry in entry_points(group="pytest11") if entry.value.startswith("toil")] == []
    (tmp_path / "test_other.py").write_text("def test_it():\n    pass\n")
    loaded = loaded_by("import pytest; pytest.main(['-q', '-p', 'no:cacheprovider'])", tmp_path)
    assert tops(loaded) & {"toil_core", "toil_cli"} == set()
