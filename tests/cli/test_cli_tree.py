"""The command tree: what it shows, what it imports for that, and what it says to wrong input."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from toil_cli.main import COMMANDS
from toil_core.version import VERSION

Run = Callable[..., subprocess.CompletedProcess[str]]

HEAVY = (
    "asyncio",
    "boto3",
    "cwltool",
    "google",
    "importlib.metadata",
    "kubernetes",
    "pluggy",
    "psutil",
    "requests",
    "rich",
    "toil_cli.commands",
    "toil_core.jobs",
    "toil_core.leader",
    "toil_core.options",
    "urllib.request",
    "yaml",
)


def test_help_lists_every_command(toil: Run) -> None:
    shown = toil("--help")
    assert shown.returncode == 0
    for command, (_, summary) in COMMANDS.items():
        assert f"\n  {command} " in shown.stdout
        assert summary.split(" ")[0] in shown.stdout


def test_help_imports_nothing_that_it_does_not_show(python: Run) -> None:
    code = """
import sys
from toil_cli.main import run
status = run(["--help"])
print("MODULES", *sorted(sys.modules))
raise SystemExit(status)
"""
    shown = python("-c", code)
    assert shown.returncode == 0
    modules = shown.stdout.splitlines()[-1].split()
    assert modules[0] == "MODULES"
    assert not set(modules) & set(HEAVY)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, toil: Run) -> None:
    shown = toil(command, "--help")
    assert shown.returncode == 0
    assert shown.stdout.startswith(f"Usage: toil {command}")
    assert shown.stderr == ""


@pytest.mark.parametrize("arguments", [["--version"], ["version"]])
def test_the_version_is_printed(arguments: list[str], toil: Run) -> None:
    shown = toil(*arguments)
    assert (shown.returncode, shown.stdout) == (0, f"toil {VERSION}\n")


def test_without_a_command_help_is_shown_as_an_error(toil: Run) -> None:
    shown = toil()
    assert shown.returncode == 2
    assert "Commands:" in shown.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["clen"], "There is no command 'clen'. Did you mean 'clean'?"),
        (["server"], "The command 'toil server' is not installed. Install it with: pip install toil-plugin-wes"),
        (["--bogus"], "There is no option --bogus."),
        (["clean", "x", "--forse"], "There is no option --forse. Did you mean --force?"),
        (["clean"], "Missing argument 'JOBSTORE'."),
        (["plugins", "lst"], "There is no command 'lst'. Did you mean 'list'?"),
    ],
)
def test_a_wrong_command_line_is_one_sentence_and_status_2(arguments: list[str], sentence: str, toil: Run) -> None:
    shown = toil(*arguments)
    assert shown.returncode == 2
    assert shown.stderr.splitlines()[0] == f"toil: error: {sentence}"
    assert "Traceback" not in shown.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_each_shell(shell: str, toil: Run) -> None:
    shown = toil("completion", shell)
    assert shown.returncode == 0
    assert "_TOIL_COMPLETE" in shown.stdout


def test_completion_completes_commands(toil: Run) -> None:
    shown = toil(_TOIL_COMPLETE="bash_complete", COMP_WORDS="toil cl", COMP_CWORD="1")
    assert shown.stdout.split() == ["plain,clean"]


def test_config_writes_a_file_that_a_run_can_use(toil: Run, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text("print('ran')\n")
    assert toil("config", "toil.yaml").returncode == 0
    assert "retryCount" in (tmp_path / "toil.yaml").read_text()
    assert toil("run", "script.py", "--config", "toil.yaml").stdout == "ran\n"


def test_config_leaves_a_file_that_exists_alone(toil: Run, tmp_path: Path) -> None:
    (tmp_path / "toil.yaml").write_text("mine")
    shown = toil("config", "toil.yaml")
    assert shown.returncode == 2
    assert "toil.yaml" in shown.stderr
    assert (tmp_path / "toil.yaml").read_text() == "mine"


PLUGIN = """
import click
from toil_core.api import CommandSpec, hookimpl

@hookimpl
def toil_commands():
    return [CommandSpec(name="moon", implementation="moon_command:moon", summary="Fly to the moon.")]
"""
COMMAND = """
import click

@click.command()
@click.argument("who")
def moon(who):
    print("flying", who)
    return 7
"""


@pytest.fixture
def moon(tmp_path: Path) -> Path:
    """A directory with a distribution that adds a command."""
    site = tmp_path / "site"
    info = site / "toil_plugin_moon-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "entry_points.txt").write_text("[toil.commands]\nmoon = moon_plugin\n")
    (site / "moon_plugin.py").write_text(PLUGIN)
    (site / "moon_command.py").write_text(COMMAND)
    return site


def test_a_command_of_a_plugin_is_shown_and_run(toil: Run, moon: Path) -> None:
    assert "Fly to the moon." in toil("--help", PYTHONPATH=str(moon)).stdout
    ran = toil("moon", "me", PYTHONPATH=str(moon))
    assert (ran.returncode, ran.stdout) == (7, "flying me\n")


def test_the_implementation_of_a_plugins_command_is_not_imported_for_help(toil: Run, moon: Path) -> None:
    (moon / "moon_command.py").write_text("raise RuntimeError('imported')\n")
    shown = toil("--help", PYTHONPATH=str(moon))
    assert shown.returncode == 0
    assert "Fly to the moon." in shown.stdout
    assert shown.stderr == ""


def test_a_broken_command_of_a_plugin_is_explained_and_the_others_work(toil: Run, moon: Path) -> None:
    (moon / "moon_plugin.py").write_text("raise RuntimeError('no fuel')\n")
    shown = toil("--help", PYTHONPATH=str(moon))
    assert shown.returncode == 0
    assert "is broken: RuntimeError: no fuel" in " ".join(shown.stdout.split())
    ran = toil("moon", "me", PYTHONPATH=str(moon))
    assert ran.returncode == 2
    assert "The command 'moon' of toil-plugin-moon is broken: RuntimeError: no fuel." in ran.stderr
    assert toil("version", PYTHONPATH=str(moon)).returncode == 0
    assert toil("--help", PYTHONPATH=str(moon), TOIL_DISABLE_PLUGINS="moon").stdout.count("moon") == 0
