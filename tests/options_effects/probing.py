"""Running a script whose jobs tell what they see, with one option or another, as a user would."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.examples.running import SECONDS, TOIL, environment_in

PROBE = Path(__file__).with_name("probe.py")


class Done:
    """A run that has ended.

    :param status: its exit status.
    :param out: what it printed to standard output.
    :param err: what it printed to standard error.
    """

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status = status
        self.out = out
        self.err = err

    def _told(self) -> dict[str, Any]:
        lines = [line for line in self.out.splitlines() if line.startswith("result:")]
        assert self.status == 0, self.err
        told: dict[str, Any] = json.loads(lines[-1].partition(" ")[2])
        return told

    @property
    def result(self) -> Any:
        """What the root job returned."""
        return self._told()["is"]

    @property
    def leader(self) -> int:
        """The process ID of the leader."""
        return int(self._told()["leader"])


class Probe:
    """The script, in a directory of its own.

    :param directory: where it runs; its job store is `store`, and temporary files go to `tmp`.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.script = Path(shutil.copy(PROBE, directory))
        self.store = directory / "store"
        self.temporary = directory / "tmp"
        self.attempts_file = directory / "attempts"

    @property
    def attempts(self) -> int:
        """How many attempts at jobs that count them there were."""
        return self.attempts_file.stat().st_size

    def start(
        self,
        do: str,
        value: Any,
        *options: str,
        own: tuple[str, ...] = (),
        under_toil: bool = False,
        variables: Mapping[str, str] | None = None,
    ) -> subprocess.Popen[str]:
        """Start the script.

        :param do: what its job is to do, and with what value.
        :param options: options of Toil.
        :param own: the script's own options.
        :param under_toil: whether `toil run` runs it.
        :param variables: what to add to its environment.
        """
        mine = ["--do", do, "--with", json.dumps(value), *own]
        if under_toil:
            command = [str(TOIL), "run", str(self.script), f"file:{self.store}", *options, "--", *mine]
        else:
            command = [sys.executable, str(self.script), f"file:{self.store}", *options, *mine]
        return subprocess.Popen(
            command,
            cwd=self.directory,
            env=self.environment(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment that the script runs in."""
        return {**environment_in(self.directory), **(more or {})}

    def run(
        self,
        do: str,
        value: Any = None,
        *options: str,
        own: tuple[str, ...] = (),
        under_toil: bool = False,
        variables: Mapping[str, str] | None = None,
    ) -> Done:
        """Run the script to its end, as `start` starts it."""
        process = self.start(do, value, *options, own=own, under_toil=under_toil, variables=variables)
        out, err = process.communicate(timeout=SECONDS)
        return Done(process.returncode, out, err)

    def toil(self, *arguments: str) -> Done:
        """Run the `toil` command."""
        done = subprocess.run(
            [str(TOIL), *arguments],
            cwd=self.directory,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)
