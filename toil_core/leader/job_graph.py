"""The jobs of a workflow and what they wait for. Pure: events go in, jobs that became ready come out.

A job is ready once every predecessor lets it go: a parent lets go of its children when it is done itself and its
services are up, and of its follow-ons when everything beneath its children is done. Each event costs time in the number
of jobs that it changes.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable

from toil_core.jobs.description import JobDescription
from toil_core.leader.states import LEGAL, IllegalTransition, JobState


class Enclosure:
    """Jobs that share the fate of one above them: a checkpoint, or a job with services.

    :ivar owner: the job above.
    :ivar is_checkpoint: whether the owner is run again when one of the jobs fails.
    :ivar segments: where the jobs beneath a checkpoint are written.
    :ivar over: whether the jobs are not to run any more.
    """

    __slots__ = ("is_checkpoint", "over", "owner", "segments")

    def __init__(self, owner: Node, is_checkpoint: bool) -> None:
        self.owner = owner
        self.is_checkpoint = is_checkpoint
        self.segments: set[str] = set()
        self.over = False


class Node:
    """A job in the leader's memory.

    :ivar description: what is known of the job.
    :ivar state: where the job is on its way; only `JobGraph` changes it.
    :ivar waits_for: how many predecessors have not let it go yet.
    :ivar unfinished: how many successors of its present phase are not done, with all beneath them.
    :ivar children: the successors to let go when its services are up.
    :ivar follow_ons: the successors to let go when everything beneath the children is done.
    :ivar parents: the jobs that wait for this one to be done, with all beneath it.
    :ivar enclosures: the checkpoints and jobs with services above, from the outside in.
    :ivar attempts: how many attempts were made at it by this leader.
    :ivar has_cleanup_files: whether files go when all beneath it is done.
    """

    __slots__ = (
        "attempts",
        "children",
        "description",
        "enclosures",
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
        self.children: list[str] = []
        self.follow_ons: list[str] = []
        self.enclosures: tuple[Enclosure, ...] = ()
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
        #: Jobs whose services have to be started, and stopped, since someone last emptied these lists.
        self.to_serve: list[Node] = []
        self.to_stop: list[Node] = []

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
        if node.description.checkpoint:
            node.enclosures = (Enclosure(node, is_checkpoint=True),)
        self.move(node, JobState.READY)
        if node.description.has_body():
            return [node]
        return self.done(node, *_successors(node))

    def done(self, node: Node, children: list[str], follow_ons: list[str]) -> list[Node]:
        """Take note that a job has been done, and of all its successors.

        :returns: the jobs that thereby became ready and have something to run.
        """
        return self._run_phases(self._begin(node, children, follow_ons))

    def services_started(self, node: Node) -> list[Node]:
        """Take note that a job's services are up.

        :returns: the jobs that thereby became ready and have something to run.
        """
        self.move(node, JobState.CHILDREN)
        return self._run_phases([(node, node.children)])

    def services_stopped(self, node: Node) -> list[Node]:
        """Take note that a job's services have ended, after everything beneath it was done.

        :returns: the jobs that thereby became ready and have something to run.
        """
        return self._run_phases(self._finish([node]))

    def forget(self, doomed: Callable[[Node], bool]) -> None:
        """Forget jobs, whatever their state, that a checkpoint is going to replace."""
        for node in [node for node in self._nodes.values() if doomed(node)]:
            self.counts[node.state] -= 1
            del self._nodes[node.id]

    def run_again(self, node: Node) -> None:
        """Make a checkpoint ready again, as if it had never run."""
        self.move(node, JobState.READY)
        node.unfinished = 0
        node.children, node.follow_ons = [], []

    def _run_phases(self, first: list[tuple[Node, list[str]]]) -> list[Node]:
        """Let successors go, phase after phase, as far as nothing has to run in between."""
        ready: list[Node] = []
        phases = deque(first)
        while phases:
            parent, successors = phases.popleft()
            for successor in self._let_go(parent, successors):
                if successor.description.has_body():
                    ready.append(successor)
                else:
                    phases.extend(self._begin(successor, *_successors(successor)))
            if parent.unfinished == 0:
                phases.extend(self._finish([parent]))
        return ready

    def _begin(self, node: Node, children: list[str], follow_ons: list[str]) -> list[tuple[Node, list[str]]]:
        """Begin what comes after a job: its services, if it has any, else its children."""
        node.follow_ons = follow_ons
        if node.description.serviceTree:
            node.children = children
            self.move(node, JobState.SERVICES)
            self.to_serve.append(node)
            return []
        self.move(node, JobState.CHILDREN)
        return [(node, children)]

    def _let_go(self, parent: Node, successors: list[str]) -> list[Node]:
        """Have a parent wait for its successors; return those that now wait for nothing."""
        parent.unfinished = len(successors)
        released = []
        enclosures = parent.enclosures
        for name in successors:
            successor = self._nodes[name]
            successor.parents.append(parent)
            if enclosures:
                successor.enclosures = tuple(dict.fromkeys((*successor.enclosures, *enclosures)))
            successor.waits_for -= 1
            if successor.waits_for == 0:
                if successor.description.checkpoint:
                    successor.enclosures = (*successor.enclosures, Enclosure(successor, is_checkpoint=True))
                self.move(successor, JobState.READY)
                released.append(successor)
        return released

    def _finish(self, over: list[Node]) -> list[tuple[Node, list[str]]]:
        """Return the phases that begin because the present phases of jobs are over, with their successors."""
        phases = []
        while over:
            one = over.pop()
            if one.state is JobState.CHILDREN:
                self.move(one, JobState.FOLLOW_ONS)
                phases.append((one, one.follow_ons))
                continue
            if one.state is JobState.FOLLOW_ONS and one.description.serviceTree:
                self.move(one, JobState.STOPPING)
                self.to_stop.append(one)
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
