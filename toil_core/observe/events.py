"""What the leader announces: one immutable message for each decision and each piece of news.

Messages are plain values, so that they can be written to a file (`--writeMessages`) and handed to plugins.
"""

from __future__ import annotations

from typing import NamedTuple


class WorkflowStarted(NamedTuple):
    """A run of a workflow begins, or continues after a restart."""

    workflow_id: str
    locator: str
    restart: bool
    time: float


class WorkflowFinished(NamedTuple):
    """A run has ended. `error` is empty where it succeeded."""

    workflow_id: str
    locator: str
    error: str
    time: float


class JobAdded(NamedTuple):
    """The leader learned of a job that will have to run."""

    job_id: str
    name: str
    unit_name: str


class JobIssued(NamedTuple):
    """A job was handed to the batch system."""

    job_id: str
    name: str
    attempt: int
    batch_id: int
    cores: float
    memory: int
    disk: int


class JobStarted(NamedTuple):
    """The batch system began to run a job (announced by batch systems that know)."""

    job_id: str
    batch_id: int
    time: float


class JobCompleted(NamedTuple):
    """A job's attempt was committed."""

    job_id: str
    name: str
    start: float
    wall: float
    cpu: float
    memory: int
    host: str


class JobFailed(NamedTuple):
    """An attempt at a job failed; `tries_left` is 0 when there will be no other."""

    job_id: str
    name: str
    attempt: int
    exit_status: int
    reason: str
    tries_left: int
    unit_name: str = ""


class JobMessage(NamedTuple):
    """A job sent a line for the leader's log."""

    job_id: str
    name: str
    level: int
    text: str


class JobLog(NamedTuple):
    """What an attempt printed has reached the leader."""

    job_id: str
    name: str
    unit_name: str
    attempt: int
    failed: bool
    text: bytes


class NodeAdded(NamedTuple):
    """A machine joined the cluster."""

    node: str
    node_type: str
    time: float


class NodeRemoved(NamedTuple):
    """A machine left the cluster."""

    node: str
    node_type: str
    time: float


class ClusterSizeChanged(NamedTuple):
    """How many machines of a type the cluster is to have."""

    node_type: str
    desired: int
    current: int
