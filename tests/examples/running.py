"""Running scripts as users do: each in a process of its own, in a directory of its own, directly or with `toil run`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).with_name("scripts")
TOIL = Path(sys.executable).with_name("toil")
SECONDS = 120

#: The two ways to run a script.
both_ways = pytest.mark.parametrize("way", ["python3", "toil-run"])


def command_for(
    way: str, script: Path, store: Path, options: Sequence[str] = (), arguments: Sequence[str] = ()
) -> list[str]:
    """Return what a user types.

    :param way: python3 or toil-run.
    :param options: options of Toil.
    :param arguments: the script's own.
    """
    if way == "python3":
        return [sys.executable, str(script), f"file:{store}", *options, *arguments]
    separator = ["--"] if arguments else []
    return [str(TOIL), "run", str(script), f"file:{store}", *options, *separator, *arguments]


def environment_in(directory: Path) -> dict[str, str]:
    """Return the environment of this process, without settings of Toil, and with files that it makes in a directory."""
    temporary = directory / "tmp"
    temporary.mkdir(exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TOIL_", "PYTHON"))}
    return {**kept, "TMPDIR": str(temporary), "XDG_STATE_HOME": str(directory / "state")}


def run(command: Sequence[str], directory: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a directory, with nothing to read, and return its outcome with all that it printed."""
    return subprocess.run(
        command,
        cwd=directory,
        env=environment_in(directory),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def output_of(
    way: str, script: Path, directory: Path, options: Sequence[str] = (), arguments: Sequence[str] = ()
) -> str:
    """Run a script that has to succeed, in a new job store; return what it printed to standard output.

    The job store has to be gone afterwards, and with it every temporary file.
    """
    done = run(command_for(way, script, directory / "store", options, arguments), directory)
    assert done.returncode == 0, done.stderr
    assert not (directory / "store").exists()
    assert left_in(directory / "tmp") == []
    return done.stdout


def left_in(directory: Path) -> list[str]:
    """Return what is left in a directory for temporary files."""
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*"))
