"""One leader at a time: what others see of it, how it is stopped, and that nothing takes the dead for the living."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time

import pytest

from tests.workflow.conftest import Workflow
from toil_core.job_stores.file import FileJobStore
from toil_core.job_stores.leader_marks import LeaderMark
from toil_core.options.config import Config
from toil_core.worker.processes import birth_of, session_members

WAITING = """
def waits(job, directory):
    note(f"running {os.getpid()} {os.getsid(0)}")
    while not os.path.exists(os.path.join(directory, "go")):
        time.sleep(0.01)
    return "went"
def root():
    return Job.wrapJobFn(waits, os.getcwd())
"""


def start_waiting(workflow: Workflow, *options: str) -> tuple[subprocess.Popen[str], int]:
    """Start a workflow whose job waits; return the leader, and the session that workers are in."""
    before = len(workflow.noted())
    leader = workflow.start(*options)
    while len(workflow.noted()) == before:
        assert leader.poll() is None, leader.communicate()
        time.sleep(0.01)
    return leader, int(workflow.noted()[-1].split()[2])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_the_leader_and_its_workers_and_says_how_to_continue(workflow: Workflow, number: int) -> None:
    workflow.write(WAITING)
    leader, session = start_waiting(workflow)
    leader.send_signal(number)
    _, err = leader.communicate(timeout=30)
    assert leader.returncode == 128 + number
    assert "with --restart" in err and str(workflow.store) in err
    assert "Traceback" not in err
    assert session_members(session) == []
    (workflow.directory / "go").touch()
    done = workflow.run("--restart")
    assert "result: went" in done.stdout, done.stderr


def test_the_process_id_of_a_dead_leader_may_be_used_by_another_process(workflow: Workflow) -> None:
    workflow.write(WAITING)
    leader, _ = start_waiting(workflow)
    leader.kill()
    leader.communicate()
    claim = workflow.store / "leaders" / "0"
    claimed = LeaderMark(*json.loads(claim.read_text()))
    assert claimed.pid == leader.pid
    claim.unlink()
    claim.write_text(json.dumps(claimed._replace(pid=os.getpid())))
    (workflow.store / "shared/pid.log").unlink()
    (workflow.store / "shared/pid.log").write_text(str(os.getpid()))
    (workflow.directory / "go").touch()
    done = workflow.run("--restart")
    assert "result: went" in done.stdout, done.stderr


def test_of_leaders_that_restart_a_workflow_at_once_one_goes_on_and_the_others_are_refused(workflow: Workflow) -> None:
    workflow.write(WAITING)
    leader, _ = start_waiting(workflow)
    leader.kill()
    leader.communicate()
    rivals = [workflow.start("--restart") for _ in range(4)]
    running = list(rivals)
    while len(running) > 1:
        running = [rival for rival in running if rival.poll() is None]
        time.sleep(0.01)
    (workflow.directory / "go").touch()
    results = {rival.pid: (*rival.communicate(timeout=60), rival.returncode) for rival in rivals}
    assert sorted(status for _, _, status in results.values()) == [0, 2, 2, 2], results
    assert len(workflow.noted()) == 2


def test_a_process_that_goes_on_after_its_workflow_failed_does_not_keep_others_from_restarting(
    workflow: Workflow,
) -> None:
    body = """
    def fails(job):
        if not os.path.exists("DIRECTORY/go"):
            raise ValueError
        return "went"
    def root():
        return Job.wrapJobFn(fails)
    """.replace("DIRECTORY", str(workflow.directory))
    workflow.write(body)
    main = workflow.script.read_text().partition('if __name__ == "__main__":')[2].replace("\n    ", "\n")
    patient = workflow.script.read_text().partition('if __name__ == "__main__":')[0] + (
        'if __name__ == "__main__":\n    try:'
        + main.replace("\n", "\n        ").rstrip()
        + "\n    except Exception as error:\n        note('failed')\n    sys.stdin.read()\n"
    )
    workflow.script.write_text(patient)
    leader = workflow.start("--retryCount", "0")
    while not workflow.noted():
        assert leader.poll() is None, leader.communicate()
        time.sleep(0.01)
    workflow.write(body)
    (workflow.directory / "go").touch()
    done = workflow.run("--restart")
    leader.kill()
    leader.communicate()
    assert "result: went" in done.stdout, done.stderr


def test_a_workflow_that_could_not_start_leaves_nothing_in_the_way_of_the_next_try(workflow: Workflow) -> None:
    body = """
    def root():
        top = Job()
        top.addChild(EDGE)
        return top
    """
    workflow.write(body.replace("EDGE", "top"))
    assert workflow.run().returncode == 2
    assert not workflow.store.exists()
    workflow.write(body.replace("EDGE", "Job()"))
    assert workflow.run().returncode == 0


def test_a_store_without_a_workflow_says_that_there_is_nothing_to_restart(workflow: Workflow) -> None:
    workflow.write("""
    def root():
        return Job()
    """)
    FileJobStore(str(workflow.store)).initialize(Config())
    done = workflow.run("--restart")
    assert done.returncode == 2
    assert "nothing to restart" in done.stderr


def test_a_process_is_told_from_its_like_by_when_it_began() -> None:
    child = subprocess.Popen(["sleep", "600"])
    birth = birth_of(child.pid)
    assert birth == birth_of(child.pid) != ""
    child.kill()
    child.wait()
    assert birth_of(child.pid) == ""
