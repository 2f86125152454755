"""The jobs of a workflow and what they wait for. Pure: events go in, jobs that became ready come out.

A job is ready once every predecessor lets it go: a parent lets go of its children when it is done itself, and of its
follow-ons when everything beneath its children is done. Each event costs time in the number of jobs that it changes.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable

from toil_core.jobs.description import JobDescription
from toil_core.leader.states import LEGAL, IllegalTransition, JobState


class Node:
    """A job in the leader's memory.

    :ivar description: what is known of the job.
    :ivar state: where the job is on its way; only `JobGraph.move` changes it.
    :ivar waits_for: how many predecessors have not let it go yet.
    :ivar unfinished: how many successors of its present phase are not done, with all beneath them.
    :ivar parents: the jobs that wait for this one to be done, with all beneath it.
    :ivar attempts: how many attempts were made at it by this leader.
    :ivar has_cleanup_files: whether files go when all beneath it is done.
    """

    __slots__ = (
        "attempts",
        "description",
        "follow_ons",
        "has_cleanup_files",
        "parents",
        "state",
        "unfinished",
        "waits_for",
    )

    def __init__(self, description: JobDescription) -> None:
        self.description = description
        self.state = JobState.WAITING
        self.waits_for = description.predecessorNumber
        self.unfinished = 0
        self.parents: list[Node] = []
        self.follow_ons: list[str] = []
        self.attempts = 0
        self.has_cleanup_files = False

    @property
    def id(self) -> str:
        """The job's ID."""
        return str(self.description.jobStoreID)

    def __repr__(self) -> str:
        return f"<{self.description} {self.state.name}>"


class JobGraph:
    """All jobs that are known and not done, by ID, with counts of the jobs in each state."""

    def __init__(self) -> None:
        self._nodes: dict[str, Node] = {}
        self.counts: Counter[JobState] = Counter()
        #: Jobs that became done since someone last emptied this list, and have files to delete.
        self.to_clean: list[Node] = []

    def __getitem__(self, job: str) -> Node:
        return self._nodes[job]

    def __contains__(self, job: str) -> bool:
        return job in self._nodes

    def nodes(self) -> Iterable[Node]:
        """Return all jobs that are known and not done."""
        return self._nodes.values()

    def add(self, descriptions: Iterable[JobDescription]) -> None:
        """Take note of jobs; they wait until their predecessors let them go."""
        for description in descriptions:
            node = Node(description)
            self._nodes[node.id] = node
            self.counts[JobState.WAITING] += 1

    def move(self, node: Node, state: JobState) -> None:
        """Put a job into another state.

        :raises IllegalTransition: if the table of states does not allow it.
        """
        if state not in LEGAL[node.state]:
            raise IllegalTransition(node.description, node.state, state)
        self.counts[node.state] -= 1
        self.counts[state] += 1
        node.state = state

    def start(self, root: str) -> list[Node]:
        """Let the root go.

        :returns: the jobs that thereby became ready and have something to run.
        """
        node = self._nodes[root]
        self.move(node, JobState.READY)
        if node.description.has_body():
            return [node]
        return self.done(node, *_successors(node))

    def done(self, node: Node, children: list[str], follow_ons: list[str]) -> list[Node]:
        """Take note that a job has been done, and of all its successors.

        :returns: the jobs that thereby became ready and have something to run.
        """
        self.move(node, JobState.CHILDREN)
        node.follow_ons = follow_ons
        ready: list[Node] = []
        phases = deque([(node, children)])
        while phases:
            parent, successors = phases.popleft()
            for successor in self._let_go(parent, successors):
                if successor.description.has_body():
                    ready.append(successor)
                else:
                    self.move(successor, JobState.CHILDREN)
                    own_children, successor.follow_ons = _successors(successor)
                    phases.append((successor, own_children))
            if parent.unfinished == 0:
                phases.extend(self._next_phases(parent))
        return ready

    def _let_go(self, parent: Node, successors: list[str]) -> list[Node]:
        """Have a parent wait for its successors; return those that now wait for nothing."""
        parent.unfinished = len(successors)
        released = []
        for name in successors:
            successor = self._nodes[name]
            successor.parents.append(parent)
            successor.waits_for -= 1
            if successor.waits_for == 0:
                self.move(successor, JobState.READY)
                released.append(successor)
        return released

    def _next_phases(self, node: Node) -> list[tuple[Node, list[str]]]:
        """Return the phases that begin because a job's present phase is over, with their successors."""
        phases = []
        over = [node]
        while over:
            one = over.pop()
            if one.state is JobState.CHILDREN:
                self.move(one, JobState.FOLLOW_ONS)
                phases.append((one, one.follow_ons))
                continue
            self.move(one, JobState.DONE)
            del self._nodes[one.id]
            if one.has_cleanup_files:
                self.to_clean.append(one)
            for parent in one.parents:
                parent.unfinished -= 1
                if parent.unfinished == 0:
                    over.append(parent)
        return phases


def _successors(node: Node) -> tuple[list[str], list[str]]:
    description = node.description
    return [str(child) for child in description.childIDs], [str(one) for one in description.followOnIDs]
