"""What the message file tells of jobs that run; each promise of its documented schema that this rests on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from toil_core.inspection.live import follow, json_lines
from toil_core.observe import events
from toil_core.observe.events import JobCompleted, JobFailed, JobIssued, JobStarted, WorkflowFinished, WorkflowStarted
from toil_core.observe.messages import to_line


def written(*messages: object) -> bytes:
    return b"".join(to_line(message, 100.0 + number) for number, message in enumerate(messages))


def issued(job: str) -> JobIssued:
    return JobIssued(job, f"name of {job}", 1, 7, 1, 100, 100)


DOCUMENTED = re.findall(
    r"^\| `([A-Z]\w+)` \|[^|]*\| ([^|]*) \|$",
    (Path(__file__).parents[2] / "docs" / "status.md").read_text(),
    re.MULTILINE,
)
BEGIN = WorkflowStarted("ours", "file:store", False, 1.0)


def test_jobs_run_from_their_start_until_they_are_done_or_fail() -> None:
    data = written(
        BEGIN,
        *(issued(job) for job in ("waits", "runs", "done", "failed")),
        JobStarted("runs", 7, 50.0),
        JobCompleted("done", "name", 1.0, 1.0, 1.0, 1, "here"),
        JobFailed("failed", "name", 1, 1, "failed", 2),
    )
    found = follow(json_lines(data), "ours")
    assert {job: one.started for job, one in found.items()} == {"waits": None, "runs": 50.0}
    assert found["waits"].issued == 101.0
    assert (found["runs"].name, found["runs"].batch_id, found["runs"].attempt) == ("name of runs", 7, 1)


def test_a_new_run_forgets_the_jobs_of_the_one_before_and_an_ended_one_runs_none() -> None:
    assert follow(json_lines(written(BEGIN, issued("a"), BEGIN, issued("b"))), "ours").keys() == {"b"}
    ended = WorkflowFinished("ours", "file:store", "", 2.0)
    assert follow(json_lines(written(BEGIN, issued("a"), ended)), "ours") == {}


def test_other_workflows_in_the_same_file_are_told_apart() -> None:
    other = BEGIN._replace(workflow_id="other")
    assert follow(json_lines(written(other, issued("a"))), "ours") == {}


def test_lines_that_are_no_messages_or_not_whole_yet_are_passed_over() -> None:
    data = written(BEGIN, issued("a"))
    assert follow(json_lines(b"\xff\xfe\n[1]\n" + data + b'{"message": "JobIss'), "ours").keys() == {"a"}


@pytest.mark.parametrize(("message", "fields"), DOCUMENTED)
def test_the_documented_fields_are_those_of_the_message(message: str, fields: str) -> None:
    assert re.findall(r"`(\w+)`", fields) == list(getattr(events, message)._fields)


def test_every_message_that_tells_what_runs_is_documented() -> None:
    assert {message for message, _ in DOCUMENTED} >= {"JobIssued", "JobStarted", "JobCompleted", "JobFailed"}
