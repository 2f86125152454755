"""Many short jobs, run in bundles: what fails, fails alone."""

from __future__ import annotations

from tests.workflow.conftest import Workflow

SHORT = """
import signal

def short(job, number):
    note(f"{number} {os.getpid()}")
    once = os.environ["NOTES"] + f".{number}"
    if number in (30, 55) and not os.path.exists(once):
        open(once, "w").close()
        os.kill(os.getpid(), signal.SIGKILL) if number == 30 else os._exit(0)
    return number

def root():
    return Job.wrapJobFn(all_of_them)

def all_of_them(job):
    numbers = [job.addChildJobFn(short, number, cores=1).rv() for number in range(80)]
    return job.addFollowOnFn(sum, numbers).rv()
"""


def runs(workflow: Workflow) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for line in workflow.noted():
        number, pid = line.split()
        found.setdefault(int(number), []).append(pid)
    return found


def test_a_death_in_a_bundle_costs_one_attempt_of_one_job(workflow: Workflow) -> None:
    workflow.write(SHORT)
    done = workflow.run("--retryCount", "1", "--bundleSeconds", "30")
    assert done.returncode == 0, done.stderr
    assert f"result: {sum(range(80))}" in done.stdout
    found = runs(workflow)
    assert {number: len(pids) for number, pids in found.items()} == {
        number: 2 if number in (30, 55) else 1 for number in range(80)
    }
    assert len({pid for pids in found.values() for pid in pids}) < 40


def test_without_retries_the_jobs_of_a_bundle_that_had_not_begun_still_run(workflow: Workflow) -> None:
    workflow.write(SHORT)
    done = workflow.run("--retryCount", "0", "--bundleSeconds", "30")
    assert done.returncode == 1
    assert len(runs(workflow)) == 80
    assert "2 jobs failed" in done.stderr
    done = workflow.run("--restart", "--retryCount", "0")
    assert done.returncode == 0, done.stderr
    assert f"result: {sum(range(80))}" in done.stdout
