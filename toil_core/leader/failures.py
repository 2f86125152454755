"""What is known of failed attempts, kept for as long as someone may want to read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from toil_core.batch_systems.exits import BatchJobExitReason, UpdatedBatchJobInfo, describe_exit
from toil_core.jobs.records import FailureReport
from toil_core.observe.events import JobFailed, JobLog, JobMessage
from toil_core.options.invocation import ways_on

if TYPE_CHECKING:
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.jobs.description import JobDescription
    from toil_core.leader.job_graph import Node
    from toil_core.observe.bus import MessageBus


class Failure(NamedTuple):
    """A job that failed for good: what it was, how its last attempt ended in words, and its worker's report."""

    description: JobDescription
    reason: str
    report: FailureReport


class FailureLog:
    """Announces failed attempts and remembers the jobs that failed for good.

    :param job_store: where workers leave their reports.
    :param bus: where failures are announced.
    :param run: which run of the workflow this is: 0 for the first, and one more for each restart.
    """

    def __init__(self, job_store: AbstractJobStore, bus: MessageBus, run: int) -> None:
        self._job_store = job_store
        self._bus = bus
        self._run = run
        self.failed: list[Failure] = []

    def descriptions(self) -> list[JobDescription]:
        """Return the jobs that failed for good."""
        return [failure.description for failure in self.failed]

    def read(self, node: Node, news: UpdatedBatchJobInfo) -> tuple[UpdatedBatchJobInfo, FailureReport]:
        """Return how an attempt failed, as the batch system and the worker know it together.

        :param news: how the batch system says that it ended.
        """
        report = self._job_store.read_failure(node.id, node.attempts, self._run)
        if report is None:
            report = FailureReport(node.id, node.attempts, log=news.log, run=self._run)
            if news.is_final:
                report = report._replace(explanation=tuple(news.log.decode("utf-8", "replace").splitlines()), log=b"")
            # For those who look at the workflow from outside: a worker that was killed leaves nothing.
            self._job_store.write_failure(report._replace(error=f"The worker {_in_words(news)}."))
            return news, report
        if report.error.startswith("MemoryError") and news.exitReason in (None, BatchJobExitReason.FAILED):
            news = news._replace(exitReason=BatchJobExitReason.MEMLIMIT)
        return news, report

    def add(self, node: Node, news: UpdatedBatchJobInfo, report: FailureReport, tries_left: int) -> None:
        """Take note of a failed attempt.

        :param tries_left: how many attempts will still be made.
        """
        description = node.description
        reason = _in_words(news)
        for level, text in report.messages:
            self._bus.publish(JobMessage(node.id, description.jobName, level, text))
        if report.log:
            names = (description.jobName, description.unitName)
            self._bus.publish(JobLog(node.id, *names, node.attempts, True, report.log))
        # What the batch system said of a failure that is final is told at the end, once.
        told = reason if tries_left > 0 else _in_words(news._replace(detail=""))
        why = f"{told} ({report.error})" if report.error else told
        name, unit = description.jobName, description.unitName
        self._bus.publish(JobFailed(node.id, name, node.attempts, news.exitStatus, why, tries_left, unit))
        if tries_left <= 0:
            self.failed.append(Failure(description, reason, report))

    def add_without_attempt(self, node: Node, reason: str) -> None:
        """Take note of a job that cannot even be attempted.

        :param reason: why, as the end of a sentence that starts with "the job" and "because".
        """
        why = f"could not be issued because {reason}"
        name, unit = node.description.jobName, node.description.unitName
        self._bus.publish(JobFailed(node.id, name, node.attempts, 0, why, 0, unit))
        self.failed.append(Failure(node.description, why, FailureReport(node.id, node.attempts)))

    def forget(self, segments: set[str]) -> None:
        """Forget the failures of jobs in these segments, which will not be missed."""
        self.failed = [one for one in self.failed if one.description.segment not in segments]

    def summary(self, locator: str) -> str:
        """Return what went wrong, for people."""
        from toil_core.observe.failures import render_failures

        way = ways_on(locator, "Mend the cause and continue, without doing again what is done")
        return render_failures(self.failed, way, locator)


def _in_words(news: UpdatedBatchJobInfo) -> str:
    """Return how a failed attempt ended, as the end of a sentence that starts with "the job"."""
    if news.exitStatus == 0:
        return "ended without committing its work"
    reason = describe_exit(news.exitStatus, news.exitReason)
    return f"{reason}: {news.detail}" if news.detail else reason
