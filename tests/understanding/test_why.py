"""`toil why`: what a job waits for, why it ran again, how it failed."""

from __future__ import annotations

import subprocess

import pytest

from tests.understanding.conftest import STARTED, Run, nothing
from toil_core.inspection.explain import duration, explain
from toil_core.inspection.reading import read_workflow
from toil_core.job_stores.abstract import AbstractJobStore
from toil_core.jobs.job import Job
from toil_core.jobs.records import FailureReport, Record, Usage


def said(result: subprocess.CompletedProcess[str]) -> str:
    """Return what a command said, as one long line."""
    assert result.returncode == 0, result.stderr
    return " ".join(result.stdout.split())


def test_a_waiting_job_is_told_with_what_it_waits_for_in_the_end(failed_run: Run) -> None:
    text = said(failed_run.toil("why", failed_run.locator, "merge"))
    assert f"The job 'merge' ({failed_run.job('merge')}) is waiting. It is a follow-on of 'split'" in text
    assert "It waits for 'work' part 1" in text
    end = text.partition("In the end, that waits for ")[2]
    assert all(f"({one.id}: failed)" in end for one in failed_run.view() if one.state.value == "failed")
    assert "As long as these 2 are failed, it cannot run." in end


def test_a_failed_job_is_told_with_its_attempts_its_log_and_what_to_type(failed_run: Run) -> None:
    job = failed_run.job("check", "failed")
    result = failed_run.toil("why", failed_run.locator, job)
    assert "Twice an attempt at it failed, so it ran again:\n  - Attempt 1 on " in result.stdout
    assert said(result).count("is <script>bad</script>. It used up to") == 2
    assert "--retryCount 1 allows 2 attempts." in said(result)
    assert "  | ValueError: part " in result.stdout
    assert f"  toil debug-job {failed_run.locator} {job}" in result.stdout
    assert "\x1b" not in result.stdout and "\0" not in result.stdout


def test_a_done_job_is_told_with_what_it_used(failed_run: Run) -> None:
    text = said(failed_run.toil("why", failed_run.locator, failed_run.job("work", "done")))
    assert "is done, and so is everything that comes after it." in text
    assert " of the 1 core and " in text and "of memory that it asked for." in text
    assert "debug-job" not in text


def test_a_job_that_has_run_is_told_with_what_is_missing(failed_run: Run) -> None:
    text = said(failed_run.toil("why", failed_run.locator, "split"))
    assert "has run; not everything that comes after it is done." in text
    assert "After it, " in text and ": waiting itself) are still to be done." in text
    assert "It is the workflow's first job." in text


def test_lines_fit_a_terminal_of_40_columns(failed_run: Run) -> None:
    result = failed_run.toil("why", failed_run.locator, failed_run.job("check", "failed"), COLUMNS="40")
    prose = [line for line in result.stdout.splitlines() if not line.startswith("  ") or line.startswith("  - ")]
    assert max(map(len, prose)) <= 40


@pytest.mark.parametrize("command", ["why", "debug-job"])
def test_the_name_of_several_jobs_lists_them(failed_run: Run, command: str) -> None:
    result = failed_run.toil(command, failed_run.locator, "check")
    assert result.returncode == 2
    assert "'check' is the name of 4 jobs: " in result.stderr
    assert all(one.id in result.stderr for one in failed_run.view() if one.name == "check")
    assert result.stderr.index("(failed)") < result.stderr.index("(done)")


@pytest.mark.parametrize("command", ["why", "debug-job"])
def test_a_name_of_no_job_is_answered_with_the_nearest(failed_run: Run, command: str) -> None:
    result = failed_run.toil(command, failed_run.locator, "mergee")
    assert result.returncode == 2
    assert result.stderr.endswith("Did you mean merge?\n")


def saved(store: AbstractJobStore, root: Job) -> dict[str, str]:
    """Save jobs, and return their IDs by unit name."""
    root.saveAsRootJob(store)
    segment = str(root.jobStoreID).rpartition("-")[0]
    return {one.unitName: str(one.jobStoreID) for one in store.read_descriptions(segment)}


def told(store: AbstractJobStore, job: str) -> str:
    """Return all that is said about a job."""
    view = read_workflow(store)
    return "\n".join(explain(view, view[job]))


def test_attempts_that_left_no_report_are_told(store: AbstractJobStore) -> None:
    store.config.retryCount = 5
    jobs = saved(store, Job.wrapFn(nothing, unitName="root"))
    for attempt in (1, 4):
        store.write_failure(FailureReport(jobs["root"], attempt, "KeyError: 'x'"))
    assert "Attempts 2 and 3 left no report: the worker was killed, or the machine was lost." in told(
        store, jobs["root"]
    )


def test_attempts_of_earlier_runs_are_told_apart(store: AbstractJobStore) -> None:
    jobs = saved(store, Job.wrapFn(nothing, unitName="root"))
    store.write_failure(FailureReport(jobs["root"], 1, "KeyError: 'x'"))
    store.write_failure(FailureReport(jobs["root"], 1, "KeyError: 'y'", run=1))
    text = told(store, jobs["root"])
    assert "In run 1: Attempt 1 failed: KeyError: 'x'." in text and "In run 2: Attempt 1 failed: KeyError: 'y'." in text


def test_a_job_that_is_ready_while_nobody_runs_the_workflow_says_so(store: AbstractJobStore) -> None:
    jobs = saved(store, Job.wrapFn(nothing, unitName="root"))
    text = told(store, jobs["root"])
    assert "is ready to run." in text and "nobody runs the workflow" in text and "--restart" in text


def test_a_job_without_anything_to_run_says_so(store: AbstractJobStore) -> None:
    root = Job(unitName="root")
    root.addChildFn(nothing, unitName="child")
    jobs = saved(store, root)
    store.commit(jobs["child"], Record(usage=Usage(STARTED, 1.0, 1.0, 1 << 20)))
    assert "It had nothing to run itself" in told(store, jobs["root"])


def test_the_first_of_many_blockers_stand_for_all(store: AbstractJobStore) -> None:
    root = Job.wrapFn(nothing, unitName="root")
    for number in range(1000):
        root.addChildFn(nothing, unitName=f"c{number}")
    root.addFollowOnFn(nothing, unitName="last")
    jobs = saved(store, root)
    store.commit(jobs["root"], Record())
    text = told(store, jobs["last"])
    assert "It waits for 1,000 jobs (1,000 ready), such as 'nothing' c0 (" in text
    assert len(text) < 1000


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 ms"), (0.0004, "under 1 ms"), (0.25, "250 ms"), (4.06, "4.1 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")],
)
def test_durations_are_told_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_every_state_of_a_chain_can_be_explained(store: AbstractJobStore) -> None:
    root = Job.wrapFn(nothing, unitName="root")
    root.addChildFn(nothing, unitName="a").addChildFn(nothing, unitName="b").addFollowOnFn(nothing, unitName="c")
    jobs = saved(store, root)

    def headlines() -> set[str]:
        return {told(store, job).splitlines()[0].partition(") ")[2] for job in jobs.values()}

    seen = headlines()
    for name in ("root", "a", "b", "c"):
        store.commit(jobs[name], Record())
        seen |= headlines()
    assert {"is waiting.", "is ready to run.", "has run; not everything that comes after it is done."} < seen
