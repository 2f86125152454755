"""What the tests of schedulers share: commands run in a service's environment, and patience until they say enough."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

Answer = TypeVar("Answer")
SECONDS = 60


def output(variables: Mapping[str, str], *command: str, directory: os.PathLike[str] | str = "/") -> str:
    """Run a command that has to succeed, and return what it printed.

    :param variables: what a service wants in the environment.
    """
    done = run(variables, *command, directory=directory)
    assert done.returncode == 0, f"{command} ended with {done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout.strip()


def run(
    variables: Mapping[str, str], *command: str, directory: os.PathLike[str] | str = "/"
) -> subprocess.CompletedProcess[str]:
    """Run a command and return how it ended.

    :param variables: what a service wants in the environment.
    """
    environment = {**os.environ, **variables}
    return subprocess.run(
        command, env=environment, cwd=directory, capture_output=True, text=True, timeout=SECONDS, check=False
    )


def once(answer: Callable[[], Answer], good: Callable[[Answer], bool], seconds: float = SECONDS) -> Answer:
    """Ask until the answer is good, and return it.

    :raises AssertionError: naming the last answer, when none was good in time.
    """
    deadline = time.monotonic() + seconds
    while not good(given := answer()):
        assert time.monotonic() < deadline, f"After {seconds} seconds the answer is still {given!r}"
        time.sleep(0.1)
    return given
