"""A WDL workflow whose leader is killed goes on where it was, whatever kind of job that was."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from running_wdl import OPTIONS, outputs_of, run_wdl

from toil_core.testing.commands import environment_in

SLOW = """
version 1.1
task step {
  input {
    Int n
  }
  command <<<
    echo ~{n} >> "@HERE@/steps"
    while [ ~{n} -ge 3 ] && [ ! -e "@HERE@/go" ]; do sleep 0.05; done
    echo ~{n}
  >>>
  output {
    Int m = read_int(stdout())
    File f = stdout()
  }
}
workflow slow {
  input {
    File start
  }
  call step as first { input: n = length(read_lines(start)) }
  scatter (i in range(first.m + 4)) {
    call step as some { input: n = i }
    if (some.m > 2) {
      call step as late { input: n = some.m + 10 }
    }
  }
  output {
    Array[Int] lates = select_all(late.m)
    Array[Int] read = some.m
    Array[File] files = some.f
  }
}
"""


@pytest.mark.parametrize("steps", [1, 4])
def test_what_was_done_before_the_leader_was_killed_is_not_done_again(tmp_path: Path, steps: int) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "slow.wdl").write_text(SLOW.replace("@HERE@", str(work)))
    (work / "start.txt").write_text("a\n")
    arguments = ["wdl", *OPTIONS, "slow.wdl", json.dumps({"slow.start": "start.txt"}), "--jobStore", "file:store"]
    leader = subprocess.Popen(
        [sys.executable, "-m", "toil_cli", *arguments],
        cwd=work,
        env=environment_in(work, {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while len(_steps(work)) < steps and time.monotonic() < deadline and leader.poll() is None:
        time.sleep(0.02)
    os.kill(leader.pid, signal.SIGKILL)
    leader.wait()
    assert len(_steps(work)) >= steps
    (work / "go").touch()
    # The document that was parsed may be gone by now; what runs is what was saved.
    (work / "slow.wdl").write_text("version 1.1\nworkflow other {}\n")
    outputs = outputs_of(run_wdl(work, "slow.wdl", None, "--jobStore", "file:store", "--restart"))
    assert outputs["slow.read"] == [0, 1, 2, 3, 4]
    assert outputs["slow.lates"] == [13, 14]
    assert [Path(path).read_text() for path in outputs["slow.files"]] == ["0\n", "1\n", "2\n", "3\n", "4\n"]
    counts = {step: _steps(work).count(step) for step in _steps(work)}
    # What was under way when the leader was killed runs again.
    assert set(counts.values()) <= {1, 2}
    assert sum(counts.values()) - len(counts) <= len(os.sched_getaffinity(0)) + 1


def _steps(work: Path) -> list[str]:
    path = work / "steps"
    return path.read_text().split() if path.exists() else []
