"""Running the `toil` command as a user does: in a process and a directory of its own, with given settings only."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

#: Seconds that a command may take before it counts as hanging.
SECONDS = 300


class Outcome(NamedTuple):
    """How a command ended.

    :ivar status: its exit status.
    :ivar stdout: what it wrote to standard output.
    :ivar stderr: what it wrote to standard error.
    """

    status: int
    stdout: str
    stderr: str

    def __str__(self) -> str:
        return f"status {self.status}\n--- standard output\n{self.stdout}\n--- standard error\n{self.stderr}"


def toil(
    arguments: Sequence[str], directory: Path, variables: Mapping[str, str] | None = None, seconds: float = SECONDS
) -> Outcome:
    """Run `toil` in a directory, with the Python that runs the tests and nothing to read.

    :param arguments: what comes after `toil`.
    :param variables: environment variables to set for it; others of Toil are not passed on.
    :param seconds: how long it may take.
    :raises subprocess.TimeoutExpired: if it takes longer.
    """
    done = subprocess.run(
        [sys.executable, "-m", "toil_cli", *arguments],
        cwd=directory,
        env=environment_in(directory, variables or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        timeout=seconds,
        check=False,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def environment_in(directory: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment without Toil's settings, with temporary files in a directory of the test.

    :param variables: what to set in it besides.
    """
    temporary = directory.parent / f"{directory.name}-tmp"
    temporary.mkdir(exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TOIL_")}
    own = {"TMPDIR": str(temporary), "TOIL_HISTORY": "false"}
    return {**kept, **own, **variables}
