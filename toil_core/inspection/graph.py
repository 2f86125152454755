"""A workflow as a graph to be drawn: one node for each job, or, where that would be too many to look at, one for each
kind of job. How it is laid out and written down is in `graph_layout.py` and `graph_formats.py`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from toil_core.inspection.view import State
from toil_core.observe.text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from toil_core.inspection.view import WorkflowJob, WorkflowView

#: More jobs, or more arrows between them, than this are drawn by kind.
MOST_NODES = 300
MOST_EDGES = 1500
#: How many characters of a name are drawn.
LABEL_LENGTH = 40

CHILD, FOLLOW_ON, SERVICE = "child", "follow-on", "service"

#: Which state a node that stands for jobs in several states is drawn in: the first of these that one of them is in.
_PRECEDENCE = (State.FAILED, State.READY, State.WAITING, State.RAN, State.DONE)


class GraphNode(NamedTuple):
    """A job, or all jobs of a kind.

    :ivar id: what edges refer to it by: the job's ID, or the name of the kind.
    :ivar label: its name, on one line.
    :ivar states: how many of the jobs that it stands for are in each state.
    """

    id: str
    label: str
    states: Counter[State]

    @property
    def jobs(self) -> int:
        """How many jobs it stands for."""
        return self.states.total()

    @property
    def state(self) -> State:
        """The state that it is drawn in."""
        return next(state for state in _PRECEDENCE if self.states[state])

    def describe(self) -> str:
        """Return how many jobs it stands for, and their states, in words."""
        parts = [f"{self.states[state]:,} {state.value}" for state in State if self.states[state]]
        return f"{self.jobs:,} jobs: {', '.join(parts)}" if self.jobs > 1 else self.state.value


class GraphEdge(NamedTuple):
    """That a job comes after another one, or that jobs of a kind do.

    :ivar kind: `CHILD`, `FOLLOW_ON` or `SERVICE`.
    :ivar pairs: how many pairs of jobs it stands for.
    """

    source: str
    target: str
    kind: str
    pairs: int = 1


class Graph(NamedTuple):
    """What to draw.

    :ivar by_kind: whether a node stands for all jobs of a kind.
    """

    nodes: list[GraphNode]
    edges: list[GraphEdge]
    by_kind: bool

    @property
    def jobs(self) -> int:
        """How many jobs the graph stands for."""
        return sum(node.jobs for node in self.nodes)


def workflow_graph(view: WorkflowView, by_kind: bool | None = None, most_nodes: int = MOST_NODES) -> Graph:
    """Return the graph of a workflow.

    :param by_kind: whether to draw one node for each kind of job; by default, if there are too many jobs.
    :param most_nodes: how many jobs are not too many.
    """
    edges = list(_edges(view))
    if by_kind is None:
        by_kind = len(view) > most_nodes or len(edges) > max(MOST_EDGES, most_nodes)
    if by_kind:
        return _by_kind(view, edges)
    nodes = [GraphNode(job.id, job_label(job), Counter({job.state: 1})) for job in view]
    return Graph(nodes, edges, by_kind=False)


def job_label(job: WorkflowJob) -> str:
    """Return what a job is called, on one line: its kind, and which one of that kind it is."""
    description = job.description
    unit = description.unitName if description.unitName != description.jobName else ""
    return one_line(f"{description.displayName} {unit}", LABEL_LENGTH) or job.id


def _edges(view: WorkflowView) -> Iterator[GraphEdge]:
    for job in view:
        for kind, targets in ((CHILD, job.children), (FOLLOW_ON, job.follow_ons), (SERVICE, job.services)):
            for target in targets:
                if target in view.jobs:
                    yield GraphEdge(job.id, target, kind)


def _by_kind(view: WorkflowView, edges: list[GraphEdge]) -> Graph:
    states: dict[str, Counter[State]] = {}
    for job in view:
        states.setdefault(job.kind, Counter())[job.state] += 1
    counts: Counter[tuple[str, str, str]] = Counter(
        (view[edge.source].kind, view[edge.target].kind, edge.kind) for edge in edges
    )
    nodes = [GraphNode(kind, one_line(kind, LABEL_LENGTH) or "unnamed", states[kind]) for kind in states]
    return Graph(nodes, [GraphEdge(*ends, pairs=pairs) for ends, pairs in counts.items()], by_kind=True)
