"""`toil status` after a failure, after a restart that succeeds, and while a workflow runs."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable

from tests.inspection.conftest import Script

DONE = "The root job of the job store is absent, the workflow completed successfully.\n"
FAILS = """
def works(job):
    pass
def fails(job):
    print("something printed \\x1b[31mbefore\\x1b[0m", b"\\xff")
    assert os.path.exists("/nonexistent-until-mended") or os.environ.get("MENDED"), "it is broken"
def late(job):
    pass
def root():
    top = Job.wrapJobFn(works)
    top.addChildJobFn(works)
    top.addChildJobFn(fails, unitName="second")
    top.addFollowOnJobFn(late)
    return top
"""
SLOW = """
def slow(job):
    open("started-" + str(os.getpid()), "w").close()
    while not os.path.exists(GATE):
        time.sleep(0.02)
def late(job):
    pass
def root():
    top = Job.wrapJobFn(slow)
    top.addFollowOnJobFn(late)
    return top
"""


def until(check: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "it did not become so in time"
        time.sleep(0.05)


def rows_of(out: str) -> dict[str, list[str]]:
    """Return the table of kinds, by kind."""
    lines = out.split("\n\n")[1].splitlines()
    return {line.split()[0]: line.split()[1:] for line in lines}


def test_after_a_failure_it_counts_what_is_left_and_after_success_it_says_so(script: Script) -> None:
    script.write(FAILS)
    assert script.run("--retryCount=1").returncode == 1
    left = script.toil("status", script.locator, "--failIfNotComplete")
    assert left.returncode == 1
    assert left.stdout.startswith(
        "There are 3 unfinished jobs, 1 parent jobs with children, 0 jobs with services, 0 services, and 1 totally "
        f"failed jobs currently in {script.locator}.\nThe workflow is not running."
    )
    assert rows_of(left.stdout) == {
        "Kind": ["Done", "Failed", "Ready", "Waiting"],
        "works": ["2", "-", "-", "-"],
        "fails": ["-", "1", "-", "-"],
        "late": ["-", "-", "-", "1"],
    }
    script.environment["MENDED"] = "1"
    assert script.run("--restart").returncode == 0
    done = script.toil("status", script.locator, "--failIfNotComplete")
    assert (done.returncode, done.stdout) == (0, DONE)


def test_jobs_children_and_logs_are_printed_when_asked_for(script: Script) -> None:
    script.write(FAILS)
    script.run("--retryCount=1")
    shown = script.toil("status", script.locator, "--printJobs", "--printChildren", "--printLogs")
    assert shown.returncode == 0, shown.stderr
    jobs = {line.split()[1]: line.split()[2:] for line in shown.stdout.splitlines() if "-" in line.split(" ")[0]}
    assert jobs["fails"] == ["second", "failed", "2"]
    assert jobs["late"] == ["waiting", "-"]
    assert "  child 'fails' second" in shown.stdout
    assert "  follow-on 'late'" in shown.stdout
    assert shown.stdout.count("failed: AssertionError: it is broken") == 2
    assert "  | something printed before" in shown.stdout, "nothing that a terminal would act on"


def test_only_the_jobs_that_are_named_are_printed_and_unknown_names_are_explained(script: Script) -> None:
    script.write(FAILS)
    script.run("--retryCount=0")
    shown = script.toil("status", script.locator, "--printJobs", "--jobs", "fai*")
    assert "fails" in shown.stdout.split("Failed attempts")[1]
    assert "late" not in shown.stdout.split("Failed attempts")[1]
    unknown = script.toil("status", script.locator, "--printJobs", "--jobs", "failz")
    assert unknown.returncode == 2
    assert "No job" in unknown.stderr and "Did you mean fails?" in unknown.stderr


def test_dot_is_the_graph_and_nothing_else(script: Script) -> None:
    script.write(FAILS)
    script.run("--retryCount=0")
    shown = script.toil("status", script.locator, "--printDot")
    assert shown.stdout.startswith("digraph")
    assert shown.stdout.count("->") == 3
    assert shown.stdout.rstrip().endswith("}")


def test_json_says_the_same_to_programs(script: Script) -> None:
    script.write(FAILS)
    script.run("--retryCount=0")
    found = json.loads(script.toil("status", script.locator, "--json").stdout)
    assert (found["complete"], found["running"], found["started"]) == (False, False, True)
    assert found["counts"] == {"unfinished": 3, "with_children": 1, "with_services": 0, "services": 0, "failed": 1}
    assert [(one["name"], one["unit"], one["attempts"]) for one in found["failed"]] == [("fails", "second", 1)]


def test_while_it_runs_the_jobs_that_run_are_known_from_its_messages(script: Script) -> None:
    gate = script.directory / "gate"
    script.write(f"GATE = {str(gate)!r}\n{SLOW}".replace("open(", f"open({str(script.directory)!r} + '/' + "))
    process = script.start("--writeMessages", "messages.json")
    try:
        until(lambda: any(script.directory.glob("started-*")))
        until(lambda: '"JobStarted"' in (script.directory / "messages.json").read_text())
        shown = script.toil("status", script.locator, "--printStatus", "--failIfNotComplete")
        assert shown.returncode == 1
        assert f"is running: its leader is process {process.pid} on this machine" in shown.stdout
        assert rows_of(shown.stdout) == {
            "Kind": ["Done", "Failed", "Running", "Ready", "Waiting"],
            "slow": ["-", "-", "1", "-", "-"],
            "late": ["-", "-", "-", "-", "1"],
        }
        assert shown.stdout.splitlines()[-1].split()[1:5:3] == ["slow", "running"]
    finally:
        gate.touch()
        process.communicate(timeout=60)
    assert process.returncode == 0
    assert script.toil("status", script.locator).stdout == DONE


def test_a_job_that_its_worker_went_on_to_is_seen_to_run(script: Script) -> None:
    gate = script.directory / "gate"
    body = SLOW.replace("return top", "first = Job.wrapJobFn(late)\n    first.addChild(top)\n    return first")
    script.write(f"GATE = {str(gate)!r}\n{body}".replace("open(", f"open({str(script.directory)!r} + '/' + "))
    process = script.start("--writeMessages", "messages.json")
    try:
        until(lambda: any(script.directory.glob("started-*")))
        until(lambda: '"JobStarted"' in (script.directory / "messages.json").read_text())
        found = json.loads(script.toil("status", script.locator, "--json").stdout)
        assert [(one["name"], one["started"] is not None) for one in found["issued"]] == [("slow", True)]
    finally:
        gate.touch()
        process.communicate(timeout=60)


def test_a_killed_leader_is_seen_to_be_gone(script: Script) -> None:
    gate = script.directory / "gate"
    script.write(f"GATE = {str(gate)!r}\n{SLOW}".replace("open(", f"open({str(script.directory)!r} + '/' + "))
    process = script.start()
    try:
        until(lambda: any(script.directory.glob("started-*")))
        assert "is running" in script.toil("status", script.locator).stdout
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        gate.touch()
    shown = script.toil("status", script.locator, "--printStatus").stdout
    assert "The workflow is not running. Continue it with --restart." in shown
    assert shown.endswith("No job is running, since the workflow is not.\n")


def test_a_job_whose_worker_was_killed_each_time_has_failed(script: Script) -> None:
    script.write(
        """
        def dies(job):
            os.kill(os.getpid(), 9)
        def root():
            return Job.wrapJobFn(dies)
        """
    )
    assert script.run("--retryCount=1").returncode == 1
    shown: subprocess.CompletedProcess[str] = script.toil("status", script.locator, "--printLogs")
    assert "1 totally failed jobs" in shown.stdout
    assert shown.stdout.count("SIGKILL") == 2
