"""Attempts that failed, with a report and without one, as `toil why` and the report tell of them."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.understanding.conftest import Run, nothing
from toil_core.inspection.explain import explain
from toil_core.inspection.reading import read_workflow
from toil_core.inspection.report import render_report
from toil_core.job_stores.abstract import AbstractJobStore
from toil_core.jobs.job import Job
from toil_core.jobs.records import FailureReport
from toil_core.observe.stats import AttemptRow

SCRIPT = """
import os, signal
from toil.common import Toil
from toil.job import Job


def dies_once(job, marker):
    if not os.path.exists(marker):
        open(marker, "w").close()
        os.kill(os.getpid(), signal.SIGKILL)


def always_dies(job):
    os.kill(os.getpid(), signal.SIGKILL)


def raises_once(job, marker):
    if not os.path.exists(marker):
        open(marker, "w").close()
        raise KeyError("lost")


if __name__ == "__main__":
    options = Job.Runner.getDefaultArgumentParser().parse_args()
    root = Job()
    root.addChildJobFn(dies_once, os.path.abspath("died"))
    root.addChildJobFn(raises_once, os.path.abspath("raised"))
    root.addChildJobFn(always_dies)
    with Toil(options) as toil:
        toil.start(root)
"""


def test_workers_that_were_killed_are_told_with_the_signal(run: Callable[[str], Run]) -> None:
    workflow = run(SCRIPT)
    assert workflow.run("--stats", "--retryCount=1").returncode == 1
    said = " ".join(workflow.toil("why", workflow.locator, "dies_once").stdout.split())
    assert "Once an attempt at it failed, so it ran again: - Attempt 1" in said and "killed by signal 9" in said
    said = " ".join(workflow.toil("why", workflow.locator, "always_dies").stdout.split())
    assert "Twice an attempt at it failed" in said and said.count("killed by signal 9") == 2
    page = render_report(workflow.view())
    assert page.count("was killed by signal 9 (SIGKILL)") == 2
    assert '<span class="badge">1 went well later</span>' in page and '<span class="badge">1 failed</span>' in page


def test_what_only_the_leader_knew_is_told_from_statistics(store: AbstractJobStore) -> None:
    root = Job.wrapFn(nothing, displayName="root")
    root.saveAsRootJob(store)
    job = str(root.jobStoreID)
    store.write_failure(FailureReport(job, 1, "KeyError: 'x'"))
    rows = [AttemptRow(job, attempt, 100.0, 1.0, 1, 1, 103.0, why) for attempt, why in ((1, "ended"), (2, "was lost"))]
    store.write_statistics("000000-000000", json.dumps({"run": 0, "attempts": rows}).encode())
    view = read_workflow(store)
    said = "\n".join(explain(view, view[job]))
    assert "Twice an attempt at it failed, so it ran again:\n  - Attempt 1 failed: KeyError: 'x'.\n" in said
    assert "  - Attempt 2 was lost, after 3.0 s, and left no report." in said
    assert "Failed attempts</dt><dd>2</dd>" in render_report(view)


def test_a_job_that_went_well_when_it_was_tried_again_is_no_failure(run: Callable[[str], Run]) -> None:
    workflow = run(SCRIPT)
    assert workflow.run("--retryCount=1").returncode == 1
    said = " ".join(workflow.toil("why", workflow.locator, "raises_once").stdout.split())
    assert "is done, and so is everything that comes after it." in said
    assert "Once an attempt at it failed, so it ran again: - Attempt 1" in said and "KeyError: 'lost'" in said
    page = render_report(workflow.view())
    assert '<span class="badge">1 went well later</span>' in page
