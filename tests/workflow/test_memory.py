"""A job that needs more memory than it asked for is recognised, and with --doubleMem gets more."""

from __future__ import annotations

from tests.workflow.conftest import Workflow

HUNGRY = """
    def hungry(job, memory="300M"):
        note(str(job.memory))
        filled = bytearray(400_000_000)
        return len(filled)
    def root():
        return Job.wrapJobFn(hungry)
"""


def test_without_a_limit_a_job_may_use_more_than_it_asked_for(workflow: Workflow) -> None:
    workflow.write(HUNGRY)
    done = workflow.run()
    assert done.returncode == 0, done.stderr


def test_a_limit_makes_a_job_that_is_over_it_fail_and_say_why(workflow: Workflow) -> None:
    workflow.write(HUNGRY)
    done = workflow.run("--enforceMemory", "--retryCount", "0")
    assert done.returncode == 1
    assert "more memory than it had asked for" in done.stderr


def test_double_mem_gives_such_a_job_twice_as_much(workflow: Workflow) -> None:
    workflow.write(HUNGRY)
    done = workflow.run("--enforceMemory", "--doubleMem", "--retryCount", "1", "--defaultMemory", "1M")
    assert done.returncode == 0, done.stderr
    assert workflow.noted() == ["300000000", "600000000"]


def test_a_job_that_fails_after_it_was_over_its_memory_is_recognised_without_a_limit(workflow: Workflow) -> None:
    workflow.write(HUNGRY.replace("return len(filled)", "os._exit(3)"))
    done = workflow.run("--retryCount", "0")
    assert done.returncode == 1
    assert "more memory than it had asked for" in done.stderr
