"""Services run beside the jobs that use them, from the end of their job to the end of all beneath it."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.workflow.conftest import Workflow

SERVICES = """
    class Notes(Job.Service):
        def __init__(self, name, **needs):
            super().__init__(**{"cores": 0.1, "memory": "16M", "disk": "1M", **needs})
            self.name = name
        def start(self, job):
            note(f"start {self.name}")
            return {"address": self.name, "pid": os.getpid()}
        def check(self):
            return True
        def stop(self, job):
            note(f"stop {self.name}")

    def client(job, service, name="client", memory="16M", cores=0.1):
        note(f"{name} uses {service['address']}")
        return service["address"]
"""


def test_a_service_runs_from_the_end_of_its_job_to_the_end_of_all_beneath_it(workflow: Workflow) -> None:
    workflow.write(
        SERVICES
        + """
    def owner(job):
        note("owner")
        address = job.addService(Notes("db"))
        first = job.addChildJobFn(client, address)
        first.addFollowOnJobFn(client, address, "later")
        return first.rv()
    def after(job, value):
        note("after")
        return value
    def root():
        top = Job()
        made = top.addChildJobFn(owner)
        top.addFollowOnJobFn(after, made.rv())
        return top
    """
    )
    done = workflow.run("--servicePollingInterval", "0.1")
    assert done.returncode == 0, done.stderr
    assert workflow.noted() == ["owner", "start db", "client uses db", "later uses db", "stop db", "after"]


def test_services_can_be_added_before_the_workflow_runs(workflow: Workflow) -> None:
    workflow.write(
        SERVICES
        + """
    def root():
        top = Job()
        promise = top.addService(Notes("db"))
        top.addChildJobFn(client, promise)
        return top
    """
    )
    done = workflow.run()
    assert done.returncode == 0, done.stderr
    assert workflow.noted()[0] == "start db" and workflow.noted()[-1] == "stop db"
    assert "client uses db" in workflow.noted()


def test_services_start_parents_first_and_stop_in_reverse(workflow: Workflow) -> None:
    workflow.write(
        SERVICES
        + """
    def owner(job):
        base, middle, top = Notes("base"), Notes("middle"), Notes("top")
        job.addService(base)
        job.addService(middle, parentService=base)
        job.addChildJobFn(client, job.addService(top, parentService=middle))
    def root():
        return Job.wrapJobFn(owner)
    """
    )
    done = workflow.run()
    assert done.returncode == 0, done.stderr
    expected = ["start base", "start middle", "start top", "client uses top", "stop top", "stop middle", "stop base"]
    assert workflow.noted() == expected


def test_a_parent_that_is_no_service_of_the_job_is_refused(workflow: Workflow) -> None:
    workflow.write(
        SERVICES
        + """
    def root():
        top = Job()
        top.addService(Notes("a"), parentService=Notes("b"))
        return top
    """
    )
    done = workflow.run()
    assert "not a service of" in done.stderr


def test_a_service_that_fails_to_start_is_tried_again_and_then_fails_the_run(workflow: Workflow) -> None:
    workflow.write(
        SERVICES
        + """
    class Broken(Notes):
        def start(self, job):
            note("tried")
            raise RuntimeError("the port is taken")
    def owner(job):
        job.addChildJobFn(client, job.addService(Broken("db")))
    def root():
        return Job.wrapJobFn(owner)
    """
    )
    done = workflow.run("--retryCount", "1")
    assert done.returncode == 1
    assert "the port is taken" in done.stderr
    assert workflow.noted() == ["tried", "tried"]


def test_a_service_whose_check_raises_fails_the_jobs_that_use_it(workflow: Workflow) -> None:
    workflow.write(
        SERVICES
        + """
    class Dying(Notes):
        def check(self):
            if os.path.exists(os.environ["NOTES"]) and "client uses db" in open(os.environ["NOTES"]).read():
                raise RuntimeError("the disk is full")
            return True
    def waits(job, service):
        note(f"client uses {service['address']}")
        time.sleep(600)
    def owner(job):
        job.addChildJobFn(waits, job.addService(Dying("db")), memory="16M", cores=0.1)
    def root():
        return Job.wrapJobFn(owner)
    """
    )
    done = workflow.run("--retryCount", "0", "--servicePollingInterval", "0.1")
    assert done.returncode == 1
    assert "the disk is full" in done.stderr
    assert workflow.noted() == ["start db", "client uses db", "stop db"]


def test_a_service_whose_check_returns_false_has_ended_well(workflow: Workflow) -> None:
    workflow.write(
        SERVICES
        + """
    class Short(Notes):
        def check(self):
            return False
    def slow(job, service, notes):
        while "stop db" not in open(notes).read():
            time.sleep(0.01)
        return "done"
    def owner(job):
        return job.addChildJobFn(slow, job.addService(Short("db")), os.environ["NOTES"], memory="16M", cores=0.1).rv()
    def root():
        return Job.wrapJobFn(owner)
    """
    )
    done = workflow.run("--servicePollingInterval", "0.1")
    assert done.returncode == 0, done.stderr
    assert "result: done" in done.stdout


def test_a_service_that_hangs_in_stop_is_killed_and_the_run_succeeds(workflow: Workflow) -> None:
    workflow.write(
        SERVICES
        + """
    class Hanging(Notes):
        def stop(self, job):
            note("hangs")
            time.sleep(600)
    def owner(job):
        return job.addChildJobFn(client, job.addService(Hanging("db"))).rv()
    def root():
        return Job.wrapJobFn(owner)
    """
    )
    done = workflow.run("--serviceStopTimeout", "1")
    assert done.returncode == 0, done.stderr
    assert "killed" in done.stderr and "result: db" in done.stdout


def test_a_failed_client_does_not_keep_its_service_running(workflow: Workflow) -> None:
    workflow.write(
        SERVICES
        + """
    def fails(job, service):
        raise ValueError("no such table")
    def owner(job):
        job.addChildJobFn(fails, job.addService(Notes("db")), memory="16M", cores=0.1)
    def root():
        return Job.wrapJobFn(owner)
    """
    )
    done = workflow.run("--retryCount", "0")
    assert done.returncode == 1
    assert "no such table" in done.stderr
    assert workflow.noted() == ["start db", "stop db"]


def test_restart_starts_the_service_again_for_the_jobs_that_are_left(workflow: Workflow) -> None:
    workflow.write(
        SERVICES
        + """
    def fine(job, service):
        note("fine")
    def flaky(job, service):
        note("flaky")
        if not os.path.exists("DIRECTORY/mended"):
            raise ValueError
        return service["address"]
    def owner(job):
        note("owner")
        address = job.addService(Notes("db"))
        job.addChildJobFn(fine, address, memory="16M", cores=0.1)
        return job.addChildJobFn(flaky, address, memory="16M", cores=0.1).rv()
    def root():
        return Job.wrapJobFn(owner)
    """.replace("DIRECTORY", str(workflow.directory))
    )
    assert workflow.run("--retryCount", "0").returncode == 1
    (workflow.directory / "mended").touch()
    done = workflow.run("--restart")
    assert done.returncode == 0, done.stderr
    assert "result: db" in done.stdout
    assert workflow.noted().count("owner") == 1 and workflow.noted().count("fine") == 1
    assert workflow.noted().count("start db") == 2 and workflow.noted()[-1] == "stop db"


def test_the_number_of_services_is_limited(workflow: Workflow) -> None:
    workflow.write(
        SERVICES
        + """
    def owner(job, name):
        job.addChildJobFn(client, job.addService(Notes(name)))
    def root():
        top = Job()
        for name in "abc":
            top.addChildJobFn(owner, name, memory="16M", cores=0.1)
        return top
    """
    )
    done = workflow.run("--maxServiceJobs", "1")
    assert done.returncode == 0, done.stderr
    running = 0
    for line in workflow.noted():
        running += line.startswith("start") - line.startswith("stop")
        assert running <= 1


@pytest.mark.parametrize("limit", ["0", "1"])
def test_services_that_leave_no_room_for_each_other_are_a_deadlock(workflow: Workflow, limit: str) -> None:
    workflow.write(
        SERVICES
        + """
    def owner(job):
        job.addChildJobFn(client, [job.addService(Notes("one")), job.addService(Notes("two"))][0])
    def root():
        return Job.wrapJobFn(owner)
    """
    )
    start = time.monotonic()
    done = workflow.run("--maxServiceJobs", limit, "--deadlockWait", "2", "--deadlockCheckInterval", "1")
    assert done.returncode == 1
    assert "deadlock" in done.stderr and "--maxServiceJobs" in done.stderr
    assert time.monotonic() - start < 60


def test_a_service_that_leaves_no_room_for_its_client_is_a_deadlock(workflow: Workflow) -> None:
    workflow.write(
        SERVICES
        + """
    def owner(job):
        job.addChildJobFn(client, job.addService(Notes("db", cores=1)), cores=1)
    def root():
        return Job.wrapJobFn(owner)
    """
    )
    done = workflow.run("--maxCores", "1", "--deadlockWait", "2", "--deadlockCheckInterval", "1")
    assert done.returncode == 1
    assert "deadlock" in done.stderr and "client" in done.stderr


def test_a_slow_client_is_not_a_deadlock(workflow: Workflow) -> None:
    workflow.write(
        SERVICES
        + """
    def slow(job, service):
        time.sleep(3)
        return "done"
    def owner(job):
        return job.addChildJobFn(slow, job.addService(Notes("db")), memory="16M", cores=0.1).rv()
    def root():
        return Job.wrapJobFn(owner)
    """
    )
    done = workflow.run("--deadlockWait", "1", "--deadlockCheckInterval", "0.5")
    assert done.returncode == 0, done.stderr


def test_a_killed_host_is_a_failed_service(workflow: Workflow) -> None:
    workflow.write(
        SERVICES
        + """
    def waits(job, service):
        note(f"pid {service['pid']}")
        time.sleep(600)
    def owner(job):
        job.addChildJobFn(waits, job.addService(Notes("db")), memory="16M", cores=0.1)
    def root():
        return Job.wrapJobFn(owner)
    """
    )
    process = workflow.start("--retryCount", "0")
    deadline = time.monotonic() + 30
    while not any(line.startswith("pid") for line in workflow.noted()):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    pid = next(int(line.split()[1]) for line in workflow.noted() if line.startswith("pid"))
    os.kill(pid, signal.SIGKILL)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Notes" in err and "SIGKILL" in err
    assert not Path(f"/proc/{pid}").exists()
