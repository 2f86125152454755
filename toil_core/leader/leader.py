"""The leader's loop: issue what is ready, wait for news, take note of it; one thread, and no reading of what did not
change. What it knows it has read from the job store; on the happy path it writes nothing there.
"""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING

from toil_core.batch_systems.exits import BatchJobExitReason, UpdatedBatchJobInfo
from toil_core.jobs.description import JobDescription, assign_configuration
from toil_core.jobs.segments import job_id, segment_of
from toil_core.leader.deadlines import Deadlines
from toil_core.leader.errors import FailedJobsException, WorkflowKilled
from toil_core.leader.failures import FailureLog
from toil_core.leader.job_graph import JobGraph, Node
from toil_core.leader.rescue import Rescue
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
        self.failures = FailureLog(job_store, bus)
        self.ready: deque[Node] = deque()
        self.issued: dict[int, Node] = {}
        self.deadlines = Deadlines()
        self._segments: set[str] = set()
        self._rescue = Rescue(config, batch_system, self._lost)
        self._adds_seen = bus.wants(JobAdded)

    # The loop

    def run(self, root: str, restart: bool = False) -> None:
        """Run the workflow, or what is left of it.

        :param root: the ID of the root job.
        :param restart: whether some jobs may have been done before.
        :raises FailedJobsException: if jobs failed for good.
        :raises WorkflowKilled: if someone asked for it with `toil kill`.
        """
        self._learn(segment_of(root))
        self.ready.extend(self.graph.start(root))
        if restart:
            self._replay()
        self._set_deadlines()
        while True:
            self._issue_ready()
            if not self.issued:
                break
            self._take_news()
            self.deadlines.run_due()
        if self.failures.failed:
            raise FailedJobsException(
                self.job_store.locator, self.failures.descriptions(), self.failures.summary(self.job_store.locator)
            )

    def _set_deadlines(self) -> None:
        self.deadlines.every(self.config.kill_polling_interval, self._check_kill_flag)
        self.deadlines.every(self.config.statusWait, self._report_status)
        self.deadlines.every(self._rescue.period(), lambda: self._rescue.look_after(self.issued))

    def _take_news(self) -> None:
        news = self.batch_system.getUpdatedBatchJob(self.deadlines.seconds_left())
        while news is not None:
            self._ended(news)
            news = self.batch_system.getUpdatedBatchJob(0)

    def _check_kill_flag(self) -> None:
        if self.job_store.read_kill_flag():
            raise WorkflowKilled(self.job_store.locator)

    def _report_status(self) -> None:
        from toil_core.observe.status import status_report

        running = self.batch_system.getRunningBatchJobIDs()
        names = {one: node.description.jobName for one, node in self.issued.items() if one in running}
        named = [(name, running[one]) for one, name in names.items()]
        logger.info(status_report(named, len(self.issued), self.batch_system.getSchedulingStatusMessage()))

    # Issuing

    def _issue_ready(self) -> None:
        while self.ready:
            self._issue(self.ready.popleft())

    def _issue(self, node: Node) -> None:
        description = node.description
        if not self._settle_requirements(node):
            return
        assert description.body is not None
        node.attempts += 1
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
        batch_id = self.batch_system.issueBatchJob(description)
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
            self.graph.move(node, JobState.FAILED)
            self.failures.add_without_attempt(node, f"its {name} could not be determined: {error}")
            return False
        return True

    # News

    def _ended(self, news: UpdatedBatchJobInfo) -> None:
        """Take note of all that a worker did, following the chain of jobs that it went on with."""
        node: Node | None = self.issued.pop(news.jobID, None)
        while node is not None:
            record = self.job_store.read_record(node.id)
            if record is None:
                self._attempt_failed(node, news)
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
            children += [job_id(record.segment, index) for index in record.children]
            follow_ons += [job_id(record.segment, index) for index in record.follow_ons]
        node.has_cleanup_files = record.has_cleanup_files
        ready = self.graph.done(node, children, follow_ons)
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
        description.setupJobAfterFailure(news.exitStatus, news.exitReason)
        tries_left = description.remainingTryCount
        self.failures.add(node, news, tries_left)
        if tries_left > 0:
            self.graph.move(node, JobState.READY)
            self.ready.append(node)
        else:
            self.graph.move(node, JobState.FAILED)

    def _lost(self, batch_id: int, reason: BatchJobExitReason) -> None:
        self._ended(UpdatedBatchJobInfo(batch_id, 255, reason))

    # Reading

    def _learn(self, segment: str) -> list[JobDescription]:
        """Read a segment's descriptions, unless they are known."""
        if segment in self._segments:
            return []
        self._segments.add(segment)
        descriptions = self.job_store.read_descriptions(segment)
        assign_configuration(descriptions, self.config)
        self.graph.add(descriptions)
        if self._adds_seen:
            for one in descriptions:
                if one.has_body():
                    self.bus.publish(JobAdded(str(one.jobStoreID), one.jobName, one.unitName))
        return descriptions

    def _replay(self) -> None:
        """Take note of everything that was done before, and redo deletions that may have been cut off."""
        past: dict[str, dict[int, Record]] = {}
        undone: deque[Node] = deque()
        while self.ready:
            node = self.ready.popleft()
            segment, _, index = node.id.rpartition("-")
            if segment not in past:
                past[segment] = self.job_store.records_of(segment)
            record = past[segment].get(int(index))
            if record is None:
                undone.append(node)
                continue
            self.job_store.delete_files(record.delete_files)
            self.ready.extend(self._completed(node, record._replace(messages=(), log=b"")))
        self.ready = undone
