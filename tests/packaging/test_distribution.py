"""What is built from the source installs elsewhere and works there."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

from toil_core.entry_points import CORE_ENTRIES

ROOT = Path(__file__).resolve().parents[2]
HELLO = ROOT / "tests" / "examples" / "scripts" / "hello_world.py"


def call(*command: object, cwd: Path) -> str:
    """Run a command that has to succeed, without this process's paths of modules; return what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**environment, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the source distribution and the wheel that was built from it."""
    out = tmp_path_factory.mktemp("dist")
    call(sys.executable, "-m", "build", "--outdir", out, ROOT, cwd=out)
    return out


@pytest.mark.slow
def test_the_wheel_runs_a_workflow_in_a_fresh_environment(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("toil-*.whl")
    call(sys.executable, "-m", "virtualenv", "--quiet", tmp_path / "venv", cwd=tmp_path)
    programs = tmp_path / "venv" / "bin"
    call(programs / "python", "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)
    assert call(programs / "toil", "--version", cwd=tmp_path) == f"toil {distribution('toil').version}\n"
    assert call(programs / "python", HELLO, "file:store", cwd=tmp_path) == "Hello, world!\n"
    assert call(programs / "toil", "run", HELLO, "file:store", cwd=tmp_path) == "Hello, world!\n"


@pytest.mark.slow
def test_the_wheel_holds_the_three_packages_typed_and_nothing_else(built: Path) -> None:
    (wheel,) = built.glob("toil-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"toil", "toil_cli", "toil_core"}
    assert {"toil/py.typed", "toil_cli/py.typed", "toil_core/py.typed"} <= set(names)


@pytest.mark.slow
def test_the_source_distribution_holds_what_its_tests_need(built: Path) -> None:
    (source,) = built.glob("toil-*.tar.gz")
    with tarfile.open(source) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "tests/conftest.py", "toil_core/version.py"} <= names


def test_the_programs_are_declared() -> None:
    scripts = {
        entry.name: entry.value for entry in distribution("toil").entry_points if entry.group == "console_scripts"
    }
    assert scripts == {"toil": "toil_cli.main:main", "_toil_worker": "toil_core.worker.main:main"}


def test_the_plugins_that_the_core_knows_of_itself_are_those_that_it_declares() -> None:
    declared: dict[str, dict[str, str]] = {}
    for entry in distribution("toil").entry_points:
        if entry.group.startswith("toil."):
            declared.setdefault(entry.group.removeprefix("toil."), {})[entry.name] = entry.value
    assert declared == CORE_ENTRIES
