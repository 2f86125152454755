"""What a workflow is doing at this moment, from the file that its leader writes messages to (`--writeMessages`).

Job stores tell what is done; which jobs the batch system has and which of them run only the leader knows.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from toil_core.inspection.view import WorkflowView


class IssuedJob(NamedTuple):
    """A job that the batch system has.

    :ivar job: its ID.
    :ivar name: its class or function.
    :ivar batch_id: what the batch system calls it.
    :ivar attempt: which attempt it is.
    :ivar issued: when it was handed over, in seconds since the epoch.
    :ivar started: when it began to run; None if it has not, or the batch system does not tell.
    """

    job: str
    name: str
    batch_id: int
    attempt: int
    issued: float
    started: float | None


def live_jobs(view: WorkflowView, path: str | None = None) -> dict[str, IssuedJob] | None:
    """Return the jobs that the batch system has, by ID.

    :param path: the file of messages; by default the one that the workflow was run with.
    :returns: None where there is no such file here.
    """
    path = path or view.config.writeMessages
    if not path or not os.path.isfile(path):
        return None
    with open(path, "rb") as stream:
        issued = follow(json_lines(stream.read()), view.config.workflowID)
    present = (_where_its_worker_is(view, one) for one in issued.values())
    return {one.job: one for one in present if one is not None}


def _where_its_worker_is(view: WorkflowView, issued: IssuedJob) -> IssuedJob | None:
    """Return the job that a worker has gone on to, or None if it is done with all of them.

    The leader hears of chained jobs only when their worker ends.
    """
    job = view.jobs.get(issued.job)
    while job is not None and job.record is not None:
        job = view.jobs.get(job.record.chained_to)
    if job is None:
        return None if issued.job in view.jobs else issued
    return issued._replace(job=job.id, name=job.name) if job.id != issued.job else issued


def json_lines(data: bytes) -> list[dict[str, Any]]:
    """Return the objects that lines of JSON hold; lines that are no objects, or not whole yet, are passed over."""
    found = []
    for line in data.split(b"\n"):
        try:
            message = json.loads(line)
        except ValueError:
            continue
        if isinstance(message, dict):
            found.append(message)
    return found


def follow(messages: list[dict[str, Any]], workflow: str) -> dict[str, IssuedJob]:
    """Return the jobs that were issued in a workflow's last run and have not ended.

    :param messages: what was written of one workflow, or of several one after the other.
    :param workflow: the ID of the workflow.
    """
    issued: dict[str, IssuedJob] = {}
    is_ours = True
    for message in messages:
        kind, job = message.get("message"), str(message.get("job_id", ""))
        if kind == "WorkflowStarted":
            is_ours = message.get("workflow_id") == workflow
            issued.clear()
        elif kind == "WorkflowFinished":
            issued.clear()
        elif is_ours and kind == "JobIssued":
            name, batch_id = str(message.get("name", "")), int(message.get("batch_id", 0))
            issued[job] = IssuedJob(job, name, batch_id, int(message.get("attempt", 1)), message["written"], None)
        elif kind == "JobStarted" and job in issued:
            issued[job] = issued[job]._replace(started=message["time"])
        elif kind in ("JobCompleted", "JobFailed"):
            issued.pop(job, None)
    return issued
