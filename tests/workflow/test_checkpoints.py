"""A checkpoint runs again, with all beneath it made anew, when a job beneath it fails for good."""

from __future__ import annotations

import os
import signal
import time

from tests.workflow.conftest import Workflow

TRIES = """
    def tries(name):
        path = os.environ["NOTES"]
        return open(path).read().split().count(name) if os.path.exists(path) else 0
"""


def test_a_failed_subtree_is_made_anew_until_the_checkpoints_tries_end(workflow: Workflow) -> None:
    workflow.write(
        TRIES
        + """
    def top(job):
        note("top")
        job.addChildJobFn(sibling)
        return job.addChildJobFn(fails).rv()
    def sibling(job):
        note("sibling")
    def fails(job):
        note("fails")
        raise ValueError("never works")
    def root():
        return Job.wrapJobFn(top, checkpoint=True)
    """
    )
    done = workflow.run("--retryCount", "1")
    assert done.returncode == 1
    assert "never works" in done.stderr
    assert workflow.noted().count("top") == 2
    assert workflow.noted().count("fails") == 4


def test_a_rerun_that_works_is_a_success_and_its_result_counts(workflow: Workflow) -> None:
    workflow.write(
        TRIES
        + """
    def top(job):
        note("top")
        return [tries("top"), job.addChildJobFn(flaky).rv(), job.addFollowOnJobFn(last).rv()]
    def flaky(job):
        note("flaky")
        if tries("top") < 2:
            raise ValueError
        return "flaky"
    def last(job):
        note("last")
        return "last"
    def root():
        return Job.wrapJobFn(top, checkpoint=True)
    """
    )
    done = workflow.run("--retryCount", "1")
    assert done.returncode == 0, done.stderr
    assert "result: [2, 'flaky', 'last']" in done.stdout
    assert workflow.noted() == ["top", "flaky", "flaky", "top", "flaky", "last"]


def test_jobs_outside_the_checkpoint_are_left_alone(workflow: Workflow) -> None:
    workflow.write(
        TRIES
        + """
    def inner(job):
        note("inner")
        job.addChildJobFn(flaky)
    def flaky(job):
        if tries("inner") < 2:
            raise ValueError
    def beside(job):
        note("beside")
    def after(job):
        note("after")
    def root():
        top = Job()
        top.addChildJobFn(inner, checkpoint=True)
        top.addChildJobFn(beside)
        top.addFollowOnJobFn(after)
        return top
    """
    )
    done = workflow.run("--retryCount", "1")
    assert done.returncode == 0, done.stderr
    assert sorted(workflow.noted()) == ["after", "beside", "inner", "inner"]
    assert workflow.noted()[-1] == "after"


def test_an_outer_checkpoint_takes_over_when_the_inner_ones_tries_have_ended(workflow: Workflow) -> None:
    workflow.write(
        TRIES
        + """
    def outer(job):
        note("outer")
        return job.addChildJobFn(inner, checkpoint=True).rv()
    def inner(job):
        note("inner")
        return job.addChildJobFn(flaky).rv()
    def flaky(job):
        if tries("outer") < 2:
            raise ValueError
        return "done"
    def root():
        return Job.wrapJobFn(outer, checkpoint=True)
    """
    )
    done = workflow.run("--retryCount", "1")
    assert done.returncode == 0, done.stderr
    assert "result: done" in done.stdout
    assert workflow.noted() == ["outer", "inner", "inner", "outer", "inner"]


def test_what_runs_beneath_a_checkpoint_is_stopped_before_it_runs_again(workflow: Workflow) -> None:
    workflow.write(
        TRIES
        + """
    def top(job):
        note("top")
        if tries("top") == 1:
            job.addChildJobFn(forever, cores=0.1, memory="16M")
        job.addChildJobFn(flaky, cores=0.1, memory="16M")
    def forever(job):
        note(f"pid {os.getpid()}")
        time.sleep(600)
    def flaky(job):
        while "pid" not in open(os.environ["NOTES"]).read():
            time.sleep(0.01)
        if tries("top") < 2:
            raise ValueError
    def root():
        return Job.wrapJobFn(top, checkpoint=True)
    """
    )
    done = workflow.run("--retryCount", "1")
    assert done.returncode == 0, done.stderr
    pid = next(line.split()[1] for line in workflow.noted() if line.startswith("pid"))
    assert not os.path.exists(f"/proc/{pid}")


def test_a_service_beneath_a_checkpoint_is_made_anew_with_it(workflow: Workflow) -> None:
    workflow.write(
        TRIES
        + """
    class Database(Job.Service):
        def __init__(self):
            super().__init__(cores=0.1, memory="16M", disk="1M")
        def start(self, job):
            note("start")
            return tries("start")
        def check(self):
            return True
        def stop(self, job):
            note("stop")
    def top(job):
        note("top")
        return job.addChildJobFn(client, job.addService(Database()), cores=0.1, memory="16M").rv()
    def client(job, generation):
        if generation < 2:
            raise ValueError("lost what was written")
        return generation
    def root():
        return Job.wrapJobFn(top, checkpoint=True)
    """
    )
    done = workflow.run("--retryCount", "1")
    assert done.returncode == 0, done.stderr
    assert "result: 2" in done.stdout
    assert workflow.noted() == ["top", "start", "stop", "top", "start", "stop"]


def test_a_failed_service_makes_its_checkpoint_run_again(workflow: Workflow) -> None:
    workflow.write(
        TRIES
        + """
    class Dies(Job.Service):
        def __init__(self):
            super().__init__(cores=0.1, memory="16M", disk="1M")
        def start(self, job):
            note("start")
            return tries("start")
        def check(self):
            if tries("start") < 2:
                raise RuntimeError("gone")
            return True
        def stop(self, job):
            pass
    def top(job):
        return job.addChildJobFn(client, job.addService(Dies()), cores=0.1, memory="16M").rv()
    def client(job, generation):
        if generation < 2:
            time.sleep(600)
        return generation
    def root():
        return Job.wrapJobFn(top, checkpoint=True)
    """
    )
    done = workflow.run("--retryCount", "1", "--servicePollingInterval", "0.1")
    assert done.returncode == 0, done.stderr
    assert "result: 2" in done.stdout


def test_a_checkpoint_survives_a_killed_leader(workflow: Workflow) -> None:
    workflow.write(
        TRIES
        + """
    def top(job):
        note("top")
        return job.addChildJobFn(slow).rv()
    def slow(job):
        note("slow")
        if tries("slow") == 1:
            time.sleep(600)
        return "done"
    def root():
        return Job.wrapJobFn(top, checkpoint=True)
    """
    )
    process = workflow.start()
    deadline = time.monotonic() + 30
    while "slow" not in workflow.noted():
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    done = workflow.run("--restart")
    assert done.returncode == 0, done.stderr
    assert "result: done" in done.stdout
    assert workflow.noted() == ["top", "slow", "slow"]
