"""The services of jobs that are done: started batch after batch, parents first, kept alive while there is work beneath
their job, and stopped in the reverse order.

Each service runs in a host job, issued like any other. A host says in the job store that its service has started; the
leader says there, by a flag, how long it is to go on.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from toil_core.leader.job_graph import Enclosure, JobGraph, Node
from toil_core.leader.states import JobState
from toil_core.worker.order import attempt_token

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.options.config import Config

logger = logging.getLogger(__name__)

#: Seconds between looks for services that have started: from the first look to the longest.
_FIRST_LOOK, _LONGEST_LOOK = 0.01, 1.0


class Group:
    """The services of one job.

    :ivar enclosure: ties everything beneath the job to the services.
    :ivar to_start: batches of hosts that are still to be started.
    :ivar starting: hosts of the present batch whose services have not started yet.
    :ivar alive: hosts that have been asked for and have not ended, in the order of starting.
    :ivar stopping: whether the services are not needed any more.
    :ivar failed: the host whose service failed, if one has.
    """

    __slots__ = ("alive", "enclosure", "failed", "started", "starting", "stop_by", "stopping", "to_start")

    def __init__(self, owner: Node, batches: list[list[Node]]) -> None:
        self.enclosure = Enclosure(owner, is_checkpoint=False)
        self.to_start = deque(batches)
        self.starting: set[Node] = set()
        self.started: set[Node] = set()
        self.alive: dict[Node, int] = {}
        self.stopping = False
        self.stop_by = 0.0
        self.failed: Node | None = None

    @property
    def owner(self) -> Node:
        """The job that the services belong to."""
        return self.enclosure.owner


class Services:
    """Looks after all services of a workflow.

    :param issue: called with a host that is to be issued.
    :param kill: called with hosts that would not stop.
    """

    def __init__(
        self,
        config: Config,
        job_store: AbstractJobStore,
        graph: JobGraph,
        issue: Callable[[Node], None],
        kill: Callable[[list[Node]], None],
    ) -> None:
        self._config = config
        self._job_store = job_store
        self._graph = graph
        self._issue = issue
        self._kill = kill
        self._groups: dict[Node, Group] = {}
        self._hosts: dict[Node, Group] = {}
        #: Hosts that wait until fewer services run.
        self.waiting: deque[Node] = deque()
        self._look = _FIRST_LOOK
        self._looked = 0.0

    # What the leader asks

    def is_host(self, node: Node) -> bool:
        """Return whether a job is the host of a service."""
        return node in self._hosts

    def has_started(self, host: Node) -> bool:
        """Return whether the service of a host has been seen to run."""
        return host in self._hosts[host].started

    def is_let_go(self, node: Node) -> bool:
        """Return whether a job is the host of a service whose end, however it comes, is what everyone waits for.

        That does not go for a service that fails while it is stopped after all went well.
        """
        group = self._hosts.get(node)
        return group is not None and group.failed is not None

    def is_needed_as_it_was(self, node: Node) -> bool:
        """Return whether a job is the host of a service that others may use: a new attempt would be another service."""
        group = self._hosts.get(node)
        return group is not None and (node in group.started or group.stopping or self._announced(node))

    def is_stopping(self, host: Node) -> bool:
        """Return whether the service of a host is not needed any more."""
        group = self._hosts[host]
        return group.stopping or group.failed is not None

    def seconds_to_next_look(self) -> float | None:
        """Return for how long it makes sense to wait for other news, or None if no service is on its way."""
        if any(group.starting for group in self._groups.values()):
            return self._look
        deadlines = [group.stop_by - time.monotonic() for group in self._groups.values() if group.stopping]
        return max(0.0, min(deadlines)) if deadlines else None

    # Starting

    def begin(self, owner: Node) -> list[Node]:
        """Start the services of a job that is done.

        :returns: jobs that became ready, which is possible if there turn out to be no services.
        """
        batches = [[self._graph[host] for host in batch] for batch in owner.description.serviceHostIDsInBatches()]
        group = self._groups[owner] = Group(owner, batches)
        inherited = owner.enclosures
        owner.enclosures = (*owner.enclosures, group.enclosure)
        for host in (host for batch in batches for host in batch):
            self._hosts[host] = group
            host.enclosures = inherited
        return self._start_next_batch(group)

    def _start_next_batch(self, group: Group) -> list[Node]:
        if not group.to_start:
            return self._graph.services_started(group.owner)
        batch = group.to_start.popleft()
        group.starting = set(batch)
        self._look = _FIRST_LOOK
        for host in batch:
            # What an earlier leader's attempt left behind says nothing of this one.
            self._job_store.forget_record(host.id)
            self._graph.move(host, JobState.READY)
            self.waiting.append(host)
        self.issue_waiting()
        return []

    def issue_waiting(self) -> None:
        """Issue hosts as far as the limits on services allow."""
        for _ in range(len(self.waiting)):
            host = self.waiting.popleft()
            if self._has_room(host):
                self._hosts[host].alive[host] = len(self._hosts[host].alive)
                self._issue(host)
            else:
                self.waiting.append(host)

    def _has_room(self, host: Node) -> bool:
        preemptible = host.description.preemptible
        limit = self._config.maxPreemptibleServiceJobs if preemptible else self._config.maxServiceJobs
        alive = (one for group in self._groups.values() for one in group.alive)
        return sum(one.description.preemptible == preemptible for one in alive) < limit

    def before_attempt(self, host: Node, attempt: int) -> None:
        """Raise the flag for an attempt at a host that is about to be issued."""
        self._job_store.keep_service(host.id, attempt_token(self._config, attempt))

    def look(self) -> list[Node]:
        """See which services have started, and which have taken too long to stop.

        :returns: jobs that became ready.
        """
        ready: list[Node] = []
        if not self._groups or time.monotonic() - self._looked < self._look:
            return ready
        self._looked = time.monotonic()
        self._look = min(self._look * 1.5, _LONGEST_LOOK)
        for group in list(self._groups.values()):
            for host in list(group.starting):
                if self._announced(host):
                    ready += self._has_come_up(group, host)
            if group.stopping and time.monotonic() > group.stop_by:
                slow = list(group.alive)
                logger.warning("Services that did not stop in time are killed: %s.", ", ".join(map(str, slow)))
                group.stop_by = time.monotonic() + float(self._config.serviceStopTimeout)
                self._kill(slow)
        return ready

    def _announced(self, host: Node) -> bool:
        announced = self._job_store.announced_service(host.id)
        return announced is not None and announced[0] == attempt_token(self._config, host.attempts)

    def _has_come_up(self, group: Group, host: Node) -> list[Node]:
        group.starting.discard(host)
        group.started.add(host)
        if group.starting or group.failed or group.stopping:
            return []
        return self._start_next_batch(group)

    # Ending

    def end(self, owner: Node) -> list[Node]:
        """Stop the services of a job beneath which everything is done.

        :returns: jobs that became ready, if there is nothing to wait for.
        """
        group = self._groups[owner]
        group.stopping = True
        return self._stop_next(group)

    def has_ended(self, host: Node) -> list[Node]:
        """Take note that a host has ended well.

        :returns: jobs that became ready.
        """
        group = self._hosts[host]
        group.alive.pop(host, None)
        ready = self._has_come_up(group, host) if host in group.starting else []
        self.issue_waiting()
        if group.stopping or group.failed:
            ready += self._stop_next(group)
        return ready

    def has_failed(self, host: Node) -> Group:
        """Take note that a host has failed for good, and let go of the other services of its job."""
        group = self._hosts[host]
        group.alive.pop(host, None)
        group.starting.discard(host)
        group.failed = group.failed or host
        group.enclosure.over = True
        self.waiting = deque(one for one in self.waiting if self._hosts[one] is not group)
        group.to_start.clear()
        self._stop_next(group)
        self.issue_waiting()
        return group

    def abandon(self, enclosure: Enclosure) -> None:
        """Let go of all services beneath a checkpoint that is to run again."""
        for group in self._groups.values():
            if enclosure in group.owner.enclosures:
                group.failed = group.failed or group.owner
                group.to_start.clear()
                self.waiting = deque(one for one in self.waiting if self._hosts[one] is not group)
                self._release(list(group.alive), group)

    def release_idle(self, issued: Iterable[Node]) -> None:
        """Let go of all services if nothing else is left to run, since what would use them has failed.

        :param issued: everything that the batch system has.
        """
        if self.waiting or any(group.to_start or group.starting for group in self._groups.values()):
            return
        if not all(self.is_host(node) for node in issued):
            return
        for group in list(self._groups.values()):
            if group.failed is None and not group.stopping:
                group.failed = group.owner
                self._stop_next(group)

    def forget(self, enclosure: Enclosure) -> None:
        """Forget all services beneath a checkpoint; none of them is alive any more."""
        self._groups = {owner: one for owner, one in self._groups.items() if enclosure not in owner.enclosures}
        self._hosts = {host: one for host, one in self._hosts.items() if one.owner in self._groups}

    def _stop_next(self, group: Group) -> list[Node]:
        """Release the services that were started last and are still alive; when none is, the job itself is over."""
        if group.alive:
            depth = self._depths(group)
            deepest = max(depth[host] for host in group.alive)
            self._release([host for host in group.alive if depth[host] == deepest], group)
            return []
        del self._groups[group.owner]
        if group.failed is not None:
            return []
        return self._graph.services_stopped(group.owner)

    @staticmethod
    def _depths(group: Group) -> dict[Node, int]:
        batches = list(group.owner.description.serviceHostIDsInBatches())
        place = {host: depth for depth, batch in enumerate(batches) for host in batch}
        return {host: place[host.id] for host in group.alive}

    def _release(self, hosts: list[Node], group: Group) -> None:
        group.stop_by = time.monotonic() + float(self._config.serviceStopTimeout)
        group.stopping = True
        for host in hosts:
            self._job_store.release_service(host.id)
