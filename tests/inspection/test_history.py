"""`toil history`: every run leaves a note, however it ends, and costs nobody anything."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.inspection.conftest import Script
from tests.inspection.test_status_command import SLOW, until
from toil_core.inspection.runs import RunState, read_runs
from toil_core.observe.bus import MessageBus
from toil_core.observe.events import WorkflowFinished, WorkflowStarted
from toil_core.observe.history import attach, history_dir, prune
from toil_core.options.config import Config

QUICK = """
def quick(job):
    assert not os.environ.get("BROKEN"), "it is broken"
def root():
    return Job.wrapJobFn(quick)
"""


@pytest.fixture
def script(script: Script) -> Script:
    """A workflow whose runs leave notes."""
    script.environment["TOIL_HISTORY"] = "true"
    return script


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where runs in this process leave notes."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state" / "toil" / "history"


def listed(script: Script, *options: str) -> list[dict[str, Any]]:
    done = script.toil("history", "--json", *options)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def leave_note(workflow: str, moment: float, *, ends: bool = True) -> None:
    bus = MessageBus()
    note = attach(bus, Config())
    bus.publish(WorkflowStarted(workflow, "file:/nowhere", False, moment))
    if ends:
        bus.publish(WorkflowFinished(workflow, "file:/nowhere", "", moment + 1))
    note.close()


def test_runs_are_listed_with_what_became_of_them_the_latest_first(script: Script) -> None:
    script.write(QUICK)
    script.environment["BROKEN"] = "1"
    assert script.run("--retryCount=0").returncode == 1
    del script.environment["BROKEN"]
    assert script.run("--restart").returncode == 0
    restart, first = listed(script)
    assert (first["state"], first["attempt"], restart["state"], restart["attempt"]) == ("failed", 0, "succeeded", 1)
    assert first["workflow"] == restart["workflow"]
    assert first["locator"] == script.locator
    assert first["has_store"] is True
    assert first["error"] and not restart["error"]
    assert first["command"][1:3] == [script.locator, "--clean=never"]
    assert first["directory"] == str(script.directory)
    assert script.toil("clean", script.locator).returncode == 0
    assert listed(script)[0]["has_store"] is False
    assert "(deleted)" in script.toil("history").stdout


def test_a_run_goes_on_until_it_ends_and_is_interrupted_when_its_leader_is_killed(script: Script) -> None:
    gate = script.directory / "gate"
    script.write(f"GATE = {str(gate)!r}\n{SLOW}".replace("open(", f"open({str(script.directory)!r} + '/' + "))
    process = script.start()
    try:
        until(lambda: any(script.directory.glob("started-*")))
        (run,) = listed(script, "--running")
        assert (run["state"], run["pid"], run["ended"]) == ("running", process.pid, None)
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        gate.touch()
    (run,) = listed(script)
    assert run["state"] == "interrupted"
    assert listed(script, "--running") == []


def test_a_variable_turns_notes_off(script: Script) -> None:
    script.write(QUICK)
    script.environment["TOIL_HISTORY"] = "false"
    assert script.run().returncode == 0
    assert listed(script) == []
    assert not (script.directory / "state").exists()


def test_a_run_without_a_place_for_its_note_runs_all_the_same(script: Script) -> None:
    script.write(QUICK)
    (script.directory / "state").write_text("a file is in the way")
    done = script.run()
    assert done.returncode == 0, done.stderr
    assert "istory" not in done.stderr


def test_an_interrupt_is_no_failure_of_the_workflow(script: Script) -> None:
    gate = script.directory / "gate"
    script.write(f"GATE = {str(gate)!r}\n{SLOW}".replace("open(", f"open({str(script.directory)!r} + '/' + "))
    process = script.start()
    try:
        until(lambda: any(script.directory.glob("started-*")))
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)
    finally:
        gate.touch()
        process.kill()
    (run,) = listed(script)
    assert run["state"] == "interrupted"
    assert run["ended"] is not None


def test_what_is_not_a_note_and_notes_cut_short_are_passed_over(notes: Path) -> None:
    leave_note("whole", 1000.0)
    (notes / "000000000000001-empty-0.jsonl").touch()
    (notes / "000000000000002-binary-0.jsonl").write_bytes(b"\xff\x00\n\n")
    (notes / "000000000000003-torn-0.jsonl").write_bytes(b'{"workflow": "torn", "att')
    (notes / "readme.txt").write_text("not a note")
    (run,) = read_runs()
    assert (run.workflow, run.state) == ("whole", RunState.SUCCEEDED)


def test_an_ending_that_was_cut_short_is_none(notes: Path) -> None:
    leave_note("cut", 1000.0, ends=False)
    (path,) = notes.iterdir()
    with path.open("ab") as stream:
        stream.write(b'{"ended": 10')
    (run,) = read_runs()
    assert run.state is RunState.INTERRUPTED


def test_the_oldest_notes_go_when_there_are_too_many_but_not_those_of_runs_that_go_on(notes: Path) -> None:
    bus = MessageBus()
    going_on = attach(bus, Config())
    bus.publish(WorkflowStarted("going-on", "file:/nowhere", False, 1.0))
    for number in range(12):
        leave_note(f"run{number}", 1000.0 + number)
    assert prune(str(notes), kept=5, spare=10) == 0
    assert prune(str(notes), kept=5, spare=2) == 7
    assert [run.workflow for run in read_runs()] == ["run11", "run10", "run9", "run8", "run7", "going-on"]
    going_on.close()


def test_history_can_be_cleared(script: Script) -> None:
    script.write(QUICK)
    assert script.run().returncode == 0
    assert script.toil("history", "--clear").stdout == "Forgot 1 run.\n"
    assert script.toil("history").stdout == "No run has left a note on this machine.\n"
    assert script.toil("history", "--clear").stdout == "Forgot 0 runs.\n"


def test_a_relative_directory_for_state_is_ignored_as_its_standard_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    assert history_dir() == os.path.expanduser("~/.local/state/toil/history")
