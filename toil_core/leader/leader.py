"""The leader's loop: issue what is ready, wait for news, take note of it; one thread, and no reading of what did not
change. What it knows it has read from the job store; on the happy path it writes nothing there.
"""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING

from toil_core.batch_systems.errors import InsufficientSystemResources
from toil_core.batch_systems.exits import BatchJobExitReason, UpdatedBatchJobInfo
from toil_core.jobs.description import TemporaryID, assign_configuration
from toil_core.jobs.segments import job_id, segment_of
from toil_core.leader.checkpoints import Checkpoints
from toil_core.leader.deadlines import Deadlines
from toil_core.leader.deadlock import DeadlockWatch
from toil_core.leader.errors import FailedJobsException, WorkflowKilled
from toil_core.leader.failures import FailureLog
from toil_core.leader.garbage import collected_seldom
from toil_core.leader.job_graph import Enclosure, JobGraph, Node
from toil_core.leader.past import Past
from toil_core.leader.rescue import Rescue
from toil_core.leader.services import Services
from toil_core.leader.states import JobState
from toil_core.observe.events import JobAdded, JobCompleted, JobIssued, JobLog, JobMessage
from toil_core.worker.order import WorkOrder

if TYPE_CHECKING:
    from toil_core.batch_systems.abstract import AbstractBatchSystem
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.jobs.records import Record
    from toil_core.observe.bus import MessageBus
    from toil_core.options.config import Config

logger = logging.getLogger(__name__)


#: How many jobs to issue before looking for news.
AT_A_TIME = 500


class Leader:
    """Runs one workflow to its end.

    :param config: the workflow's configuration.
    :param job_store: its job store, with the root job in it.
    :param batch_system: where jobs run.
    :param bus: where everything that happens is announced.
    """

    def __init__(
        self, config: Config, job_store: AbstractJobStore, batch_system: AbstractBatchSystem, bus: MessageBus
    ) -> None:
        self.config = config
        self.job_store = job_store
        self.batch_system = batch_system
        self.bus = bus
        self.graph = JobGraph()
        self.failures = FailureLog(job_store, bus, config.workflowAttemptNumber)
        self.ready: deque[Node] = deque()
        self.issued: dict[int, Node] = {}
        self.deadlines = Deadlines()
        self.services = Services(config, job_store, self.graph, self.ready.append, self._kill)
        self.checkpoints = Checkpoints(job_store, self.graph, self.services, self.failures)
        self._past = Past(job_store)
        self._segments: set[str] = set()
        self._unfit: list[InsufficientSystemResources] = []
        self._rescue = Rescue(config, batch_system, self._lost)
        self._deadlock = DeadlockWatch(config, batch_system, self.services)
        self._adds_seen = bus.wants(JobAdded)

    # The loop

    @collected_seldom()
    def run(self, root: str, restart: bool = False) -> None:
        """Run the workflow, or what is left of it.

        :param root: the ID of the root job.
        :param restart: whether some jobs may have been done before.
        :raises FailedJobsException: if jobs failed for good.
        :raises InsufficientSystemResources: if they only failed since there is no machine for them.
        :raises WorkflowKilled: if someone asked for it with `toil kill`.
        """
        self._learn(segment_of(root))
        if restart:
            self._past.remember(segment_of(root))
        self.ready.extend(self.graph.start(root))
        self._see_to_services()
        self._set_deadlines()
        while True:
            self._issue_ready()
            self.ready.extend(self.checkpoints.run_again(self.issued.values()))
            if not self.issued and not self.ready:
                self._deadlock.check(self.issued)
                break
            if self.failures.failed and not self.ready:
                self.services.release_idle(self.issued.values())
            self._take_news()
            self.deadlines.run_due()
            self._see_to_services()
        self._raise_if_failed()

    def _raise_if_failed(self) -> None:
        """Raise what the run has come to, now that everything is done that could be."""
        if self._unfit and len(self._unfit) == len(self.failures.failed):
            raise self._unfit[0]
        if self.failures.failed:
            raise FailedJobsException(
                self.job_store.locator, self.failures.descriptions(), self.failures.summary(self.job_store.locator)
            )

    def _set_deadlines(self) -> None:
        self.deadlines.every(self.config.kill_polling_interval, self._check_kill_flag)
        self.deadlines.every(self.config.statusWait, self._report_status)
        self.deadlines.every(self._rescue.period(), lambda: self._rescue.look_after(self.issued))
        self.deadlines.every(self._deadlock.period(), lambda: self._deadlock.check(self.issued))

    def _take_news(self) -> None:
        patience, next_look = self.deadlines.seconds_left(), self.services.seconds_to_next_look()
        if self.ready:
            patience = 0.0
        news = self.batch_system.getUpdatedBatchJob(patience if next_look is None else min(patience, next_look))
        while news is not None:
            self._ended(news)
            news = self.batch_system.getUpdatedBatchJob(0)

    def _check_kill_flag(self) -> None:
        if self.job_store.read_kill_flag():
            raise WorkflowKilled(self.job_store.locator)

    def _report_status(self) -> None:
        from toil_core.observe.status import status_report

        running = self.batch_system.getRunningBatchJobIDs()
        names = {one: node.description.displayName for one, node in self.issued.items() if one in running}
        named = [(name, running[one]) for one, name in names.items()]
        logger.info(status_report(named, len(self.issued), self.batch_system.getSchedulingStatusMessage()))

    # Issuing

    def _issue_ready(self) -> None:
        """Issue jobs, but no more of them than leaves time to hear of those that end meanwhile."""
        for _ in range(min(len(self.ready), AT_A_TIME)):
            node = self.ready.popleft()
            record = None if self.services.is_host(node) else self._past.take(node.id)
            if record is not None:
                self._was_done_before(node, record)
            elif any(enclosure.over for enclosure in node.enclosures):
                self.graph.move(node, JobState.FAILED)
            else:
                self._issue(node)

    def _was_done_before(self, node: Node, record: Record) -> None:
        """Take note of a job from before the restart, and redo deletions that may have been cut off."""
        self.job_store.delete_files(record.delete_files)
        if record.segment:
            self._past.remember(record.segment)
        if record.chained_to:
            self.batch_system.job_went_on_with(node.id, record.chained_to)
        self.ready.extend(self._completed(node, record._replace(messages=(), log=b"")))
        self._see_to_services()

    def _issue(self, node: Node) -> None:
        description = node.description
        if not self._settle_requirements(node):
            return
        assert description.body is not None
        node.attempts += 1
        if self.services.is_host(node):
            self.services.before_attempt(node, node.attempts)
        allocation = description.allocation()
        description.order = WorkOrder(
            self.job_store.locator,
            node.id,
            description.jobName,
            node.attempts,
            description.body,
            allocation,
            not self.config.disableChaining,
            self.config.implementations.get("job_store", ""),
        )
        try:
            batch_id = self.batch_system.issueBatchJob(description)
        except InsufficientSystemResources as error:
            self._unfit.append(error)
            self._cannot_be_issued(node, str(error))
            return
        self.issued[batch_id] = node
        self.graph.move(node, JobState.ISSUED)
        if self.bus.wants(JobIssued):
            sizes = (allocation.cores, allocation.memory, allocation.disk)
            self.bus.publish(JobIssued(node.id, description.jobName, node.attempts, batch_id, *sizes))

    def _settle_requirements(self, node: Node) -> bool:
        """Put promised requirements' values in their place.

        :returns: False if that failed, and with it the job.
        """
        requirements = node.description.requirements
        try:
            for name, value in list(requirements.items()):
                if hasattr(value, "resolve"):
                    setattr(node.description, name, value.resolve(self.job_store))
        except Exception as error:
            self._cannot_be_issued(node, f"its {name} could not be determined: {error}")
            return False
        return True

    def _cannot_be_issued(self, node: Node, because: str) -> None:
        self.graph.move(node, JobState.FAILED)
        self.failures.add_without_attempt(node, because)
        self._given_up(node)

    # News

    def _ended(self, news: UpdatedBatchJobInfo) -> None:
        """Take note of all that a worker did, following the chain of jobs that it went on with."""
        ordered = node = self.issued.pop(news.jobID, None)
        while node is not None:
            record = self.job_store.read_record(node.id)
            if record is None and not news.is_certain:
                self.issued[news.jobID] = node
                return
            if record is None:
                # A worker that ended well did not begin a chained job that has no record.
                begun = news.begun and (node is ordered or news.exitStatus != 0)
                self._attempt_failed(node, news._replace(begun=begun))
                return
            ready = self._completed(node, record)
            node = next((one for one in ready if one.id == record.chained_to), None)
            if node is not None:
                ready.remove(node)
                node.attempts = 1
                self.graph.move(node, JobState.ISSUED)
            self.ready.extend(ready)

    def _completed(self, node: Node, record: Record) -> list[Node]:
        """Take note of a committed attempt; return the jobs that it made ready."""
        self._announce(node, record)
        description = node.description
        children = [str(child) for child in description.childIDs]
        follow_ons = [str(follow_on) for follow_on in description.followOnIDs]
        if record.segment:
            self._learn(record.segment)
            for enclosure in node.enclosures:
                enclosure.segments.add(record.segment)
            children += [job_id(record.segment, index) for index in record.children]
            follow_ons += [job_id(record.segment, index) for index in record.follow_ons]
            for host, later in record.services:
                hosts: list[str | TemporaryID] = [job_id(record.segment, index) for index in later]
                description.serviceTree[job_id(record.segment, host)] = hosts
        node.has_cleanup_files = record.has_cleanup_files
        ready = self.graph.done(node, children, follow_ons)
        if self.services.is_host(node):
            ready += self.services.has_ended(node)
        for finished in self.graph.to_clean:
            self.job_store.delete_cleanup_files(finished.id)
        self.graph.to_clean.clear()
        return ready

    def _announce(self, node: Node, record: Record) -> None:
        name = node.description.jobName
        for level, text in record.messages:
            self.bus.publish(JobMessage(node.id, name, level, text))
        if record.log:
            unit = node.description.unitName
            self.bus.publish(JobLog(node.id, name, unit, node.attempts, False, record.log))
        if self.bus.wants(JobCompleted):
            start, wall, cpu, memory, _ = record.usage
            self.bus.publish(JobCompleted(node.id, name, start, wall, cpu, memory, record.host))

    def _attempt_failed(self, node: Node, news: UpdatedBatchJobInfo) -> None:
        description = node.description
        if any(enclosure.over for enclosure in node.enclosures) or self.services.is_let_go(node):
            self._stopped(node)
            return
        if not news.begun:
            self.graph.move(node, JobState.READY)
            self.ready.append(node)
            return
        news, report = self.failures.read(node, news)
        description.setupJobAfterFailure(news.exitStatus, news.exitReason)
        hopeless = news.is_final or self.services.is_needed_as_it_was(node)
        tries_left = 0 if hopeless else description.remainingTryCount
        self.failures.add(node, news, report, tries_left)
        if tries_left > 0:
            self.graph.move(node, JobState.READY)
            self.ready.append(node)
        else:
            self.graph.move(node, JobState.FAILED)
            self._given_up(node)

    def _given_up(self, node: Node) -> None:
        """See what it means for others that a job has failed for good."""
        if self.services.is_host(node):
            group = self.services.has_failed(node)
            self._stop_beneath(group.enclosure)
            rescued = self.checkpoints.to_rescue(node)
            if rescued is None:
                self.graph.move(group.owner, JobState.FAILED)
        else:
            rescued = self.checkpoints.to_rescue(node)
        if rescued is not None:
            self._stop_beneath(rescued)

    def _stop_beneath(self, enclosure: Enclosure) -> None:
        """Kill the jobs that need what is gone; services are let go of by those who look after them."""
        doomed = [node for node in self.issued.values() if enclosure in node.enclosures]
        self._kill([node for node in doomed if not self.services.is_host(node)])

    def _kill(self, nodes: list[Node]) -> None:
        doomed = set(nodes)
        batch_ids = [batch_id for batch_id, node in self.issued.items() if node in doomed]
        self.batch_system.killBatchJobs(batch_ids)
        for batch_id in batch_ids:
            self._stopped(self.issued.pop(batch_id))

    def _stopped(self, node: Node) -> None:
        """Take note of the end of a job that nobody needs any more."""
        self.graph.move(node, JobState.FAILED)
        if self.services.is_host(node):
            self.ready.extend(self.services.has_ended(node))

    def _see_to_services(self) -> None:
        """Start and stop the services of jobs that have come so far, and see which have started."""
        self.ready.extend(self.services.look())
        while self.graph.to_serve or self.graph.to_stop:
            if self.graph.to_serve:
                self.ready.extend(self.services.begin(self.graph.to_serve.pop()))
            if self.graph.to_stop:
                self.ready.extend(self.services.end(self.graph.to_stop.pop()))

    def _lost(self, batch_id: int, reason: BatchJobExitReason) -> None:
        self._ended(UpdatedBatchJobInfo(batch_id, 255, reason))

    # Reading

    def _learn(self, segment: str) -> None:
        """Read a segment's descriptions, unless they are known."""
        if segment in self._segments:
            return
        self._segments.add(segment)
        descriptions = self.job_store.read_descriptions(segment)
        assign_configuration(descriptions, self.config)
        self.graph.add(descriptions)
        if self._adds_seen:
            for one in descriptions:
                if one.has_body():
                    self.bus.publish(JobAdded(str(one.jobStoreID), one.jobName, one.unitName))
