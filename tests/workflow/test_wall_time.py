"""A job that has a limited time is ended when it is up, and so is one that takes its limit from --defaultWallTime."""

from __future__ import annotations

import pytest

from tests.workflow.conftest import Workflow
from toil_core.units import seconds_of

SLOW = """
    def slow(job, {limit}):
        note("begun")
        time.sleep(600)
    def quick(job):
        return "ended"
    def root():
        return Job.wrapJobFn({which})
"""


def test_a_job_is_ended_when_the_time_that_it_asked_for_is_up(workflow: Workflow) -> None:
    workflow.write(SLOW.format(limit="x=1", which='slow, wall_time="1s"'))
    done = workflow.run("--retryCount", "1")
    assert done.returncode == 1
    assert "ran longer than the time that it was given" in done.stderr
    assert workflow.noted() == ["begun", "begun"]


def test_default_wall_time_holds_for_jobs_that_say_nothing(workflow: Workflow) -> None:
    workflow.write(SLOW.format(limit="x=1", which="slow"))
    done = workflow.run("--defaultWallTime", "1", "--retryCount", "0")
    assert done.returncode == 1
    assert "ran longer than the time that it was given" in done.stderr


def test_jobs_with_a_limited_time_end_well_within_it(workflow: Workflow) -> None:
    workflow.write(SLOW.format(limit="x=1", which="quick, wall_time='1:00:00'"))
    done = workflow.run()
    assert "result: ended" in done.stdout, done.stderr


def test_a_function_keeps_a_parameter_of_that_name(workflow: Workflow) -> None:
    workflow.write(
        """
        def told(wall_time):
            return wall_time
        def root():
            return Job.wrapFn(told, wall_time="whatever")
        """
    )
    assert "result: whatever" in workflow.run().stdout


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (90, 90),
        ("90", 90),
        ("1.5m", 90),
        ("2h", 7200),
        ("1d", 86400),
        ("1:30:00", 5400),
        ("0:05", 300),
        ("1-02:00:00", 93600),
    ],
)
def test_times_are_read_as_people_and_schedulers_write_them(text: str | float, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["soon", "-1", -1, "1:2:3:4", True, float("nan"), "5 parsecs"])
def test_what_is_no_time_is_refused(text: str | float) -> None:
    with pytest.raises(ValueError, match="is not a time"):
        seconds_of(text)
