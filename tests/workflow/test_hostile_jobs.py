"""Jobs that do what jobs had better not do: the run goes on, says what happened, and leaves nothing behind."""

from __future__ import annotations

import os
import time

from tests.workflow.conftest import Workflow


def is_gone(pid: int) -> bool:
    """Return whether a process ends within a few seconds."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.01)
    return False


def test_daemons_that_jobs_start_do_not_outlive_the_workflow(workflow: Workflow) -> None:
    workflow.write("""
    def starts_daemon(job):
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                note(str(os.getpid()))
                time.sleep(600)
            os._exit(0)
        os.wait()
    def waits_for_note(job):
        deadline = time.time() + 20
        while not os.path.exists(os.environ["NOTES"]) and time.time() < deadline:
            time.sleep(0.01)
    def root():
        top = Job.wrapJobFn(starts_daemon)
        top.addChildJobFn(waits_for_note)
        return top
    """)
    done = workflow.run()
    assert done.returncode == 0, done.stderr
    (daemon,) = workflow.noted()
    assert is_gone(int(daemon))


def test_an_error_that_cannot_be_turned_into_text_is_reported_all_the_same(workflow: Workflow) -> None:
    workflow.write("""
    class Mute(Exception):
        def __str__(self):
            raise RuntimeError
    def raises(job):
        raise Mute
    def root():
        return Job.wrapJobFn(raises)
    """)
    done = workflow.run("--retryCount", "0")
    assert done.returncode == 1
    assert "Mute: its message cannot be told" in done.stderr
    assert "toil_core" not in done.stderr, "no frames of ours"
