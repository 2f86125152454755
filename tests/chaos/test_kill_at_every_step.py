"""A kill before or after each operation on the job store that any worker does: one restart gives the same result, what
was deferred is done, and nothing is left.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("stepwise.py")
RESULT = "result: keptstreamed-keptleft-keptright\n"
VICTIMS = ("worker", "zygote", "leader")


def run(directory: Path, victim: str, kill_at: int, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "STEPWISE": str(directory), "KILL_AT": str(kill_at), "VICTIM": victim}
    places = ["--workDir", str(directory / "work"), "--coordinationDir", str(directory / "coordination")]
    command = [sys.executable, str(SCRIPT), str(directory / "store"), *places, "--caching", "true", "--retryCount", "0"]
    return subprocess.run([*command, *options], env=environment, capture_output=True, text=True, timeout=120)


def killed_at(directory: Path, victim: str, kill_at: int) -> bool:
    """Kill at one step and restart; return whether there was such a step."""
    for name in ("work", "coordination"):
        (directory / name).mkdir(parents=True)
    done = run(directory, victim, kill_at)
    was_killed = (directory / "killed").exists()
    assert bool(done.returncode) <= was_killed, done.stderr
    if done.returncode:
        done = run(directory, victim, 0, "--restart")
    assert done.stdout == RESULT, f"killed the {victim} at step {kill_at}: {done.stderr}"
    assert set((directory / "undone").read_text().split()) == {"start", "left", "right"}
    assert not (directory / "store").exists()
    assert not [*(directory / "work").iterdir(), *(directory / "coordination").iterdir()]
    return was_killed


@pytest.mark.parametrize("victim", VICTIMS)
def test_a_kill_at_any_step_costs_one_restart_and_nothing_else(tmp_path: Path, victim: str) -> None:
    """Each victim takes its turn: every third step, so that together they cover all.

    Which worker gets how many of the steps differs from run to run, so one step that no worker reached is not the end.
    """
    step, kills, missed = VICTIMS.index(victim) + 1, 0, 0
    while missed < 2:
        if killed_at(tmp_path / str(step), victim, step):
            kills, missed = kills + 1, 0
        else:
            missed += 1
        step += len(VICTIMS)
    assert kills > 1
