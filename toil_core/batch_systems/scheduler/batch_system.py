"""`CommandLineBatchSystem`: a batch system for any scheduler that a `SchedulerDialect` can talk to."""

from __future__ import annotations

import logging
import os
import queue
import shutil
import sys
import time
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from toil_core.batch_systems.abstract import AbstractBatchSystem
from toil_core.batch_systems.bundling import Bundling
from toil_core.batch_systems.capabilities import BatchSystemCapabilities
from toil_core.batch_systems.exits import UpdatedBatchJobInfo
from toil_core.batch_systems.notes import Notebook, Scratchpad
from toil_core.batch_systems.scheduler.adoption import Adoption
from toil_core.batch_systems.scheduler.commands import Runner
from toil_core.batch_systems.scheduler.conversation import Conversation
from toil_core.batch_systems.scheduler.dialect import SchedulerDialect
from toil_core.batch_systems.scheduler.handing_over import HandingOver, Place
from toil_core.batch_systems.scheduler.jobs import IssuedJob
from toil_core.batch_systems.scheduler.journal import Journal
from toil_core.batch_systems.scheduler.pace import PollPace
from toil_core.batch_systems.scheduler.script import Worker
from toil_core.jobs.requirements import Allocation
from toil_core.observe.events import JobCompleted, JobStarted
from toil_core.worker import node

if TYPE_CHECKING:
    from toil_core.jobs.description import JobDescription
    from toil_core.observe.bus import MessageBus
    from toil_core.options.config import Config

logger = logging.getLogger(__name__)

#: The seconds that a bundle should take, where the user does not say.
BUNDLE_SECONDS = 30.0
#: Seconds to wait at most for killed jobs to be gone.
_VANISHING = 60.0


class CommandLineBatchSystem(AbstractBatchSystem):
    """Runs jobs through a scheduler's commands. A plugin derives from it and names its dialect.

    :param config: the workflow's configuration.
    """

    #: A scheduler that tells more about how jobs end declares that as well.
    capabilities = BatchSystemCapabilities(asks_a_scheduler=True, outlives_leader=True)
    #: How to talk to the scheduler.
    dialect_type: ClassVar[type[SchedulerDialect]]

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        dialect_type = self.dialect_type
        self.runner = Runner(dialect_type.title)
        self.dialect = dialect_type(config, self.runner)
        self._bundling = Bundling(BUNDLE_SECONDS if config.bundleSeconds is None else config.bundleSeconds)
        self._last_number = 0
        self._issued: dict[int, str] = {}
        self._to_submit = False
        # In Python 3.11, the get() of a SimpleQueue waits for ever if a signal comes just when its time is over.
        self._news: queue.Queue[UpdatedBatchJobInfo | BaseException] = queue.Queue()
        self._starts: queue.Queue[tuple[int, float]] = queue.Queue()
        self._wakeup, self._wakeup_writer = os.pipe()
        os.set_blocking(self._wakeup, False)
        os.set_blocking(self._wakeup_writer, False)
        self._conversation: Conversation | None = None
        self._adoption: Adoption | None = None
        self._notebook: Notebook | None = None

    # Setting up

    def set_message_bus(self, message_bus: MessageBus) -> None:
        """Take the bus; how long jobs take is learned from it."""
        super().set_message_bus(message_bus)
        message_bus.subscribe(JobCompleted, self._learn)

    def _learn(self, message: JobCompleted) -> None:
        """Take note of how long a job took; others may have waited for that."""
        durations = self._bundling.durations
        was_unknown = durations.expected(message.name) is None
        durations.learn(message.name, message.wall)
        if was_unknown and durations.expected(message.name) is not None:
            self._to_submit = True

    def set_notebook(self, notebook: Notebook) -> None:
        """Take the place for notes that survive the leader; after a restart, find what the last one left running."""
        self._notebook = notebook
        if self.config.restart:
            # Before the leader reads what is done: what ends from now on is news.
            self._talking()

    def _talking(self) -> Conversation:
        """Return the conversation, which begins when it is first needed."""
        if self._conversation is None:
            journal = Journal(self._notebook or Scratchpad(), self.dialect.name)
            pace = PollPace(self.config.statePollingWait)
            talk = Conversation(self.dialect, self.runner, journal, pace, self._tell, self._has_started)
            self.dialect.begin()
            directory = node.workflow_dir(self.config.workflowID, self.config.workDir)
            place = Place(self._prefix(), "" if self.config.noStdOutErr else directory, directory, self._worker())
            over = HandingOver(self.dialect, self.runner, journal, self._bundling, place, talk.take, talk.refuse)
            self._conversation = talk
            if self.config.restart:
                self._adoption = Adoption(self.dialect, journal, over.status_file)
                for task in self._adoption.find():
                    talk.adopt(task)
            talk.start(over)
        return self._conversation

    def _prefix(self) -> str:
        return f"toil-{self.config.workflowID.replace('-', '')[:12]}-{self.config.workflowAttemptNumber}"

    def _worker(self) -> Worker:
        beside = os.path.join(os.path.dirname(sys.executable), "_toil_worker")
        path = beside if os.path.exists(beside) else shutil.which("_toil_worker") or beside
        return Worker(path, look_elsewhere=not self.config.checkEnv)

    # Issuing

    def issueBatchJob(self, jobDesc: JobDescription, job_environment: dict[str, str] | None = None) -> int:
        """Let a job be handed over together with all others that are issued before news is waited for."""
        talk = self._talking()
        self._last_number += 1
        number = self._last_number
        job = IssuedJob.of(number, jobDesc, {**self.environment, **(job_environment or {})})
        self._issued[number] = job.job
        task = self._adoption.take(job.job) if self._adoption is not None else None
        if task is not None and jobDesc.is_service:
            # It keeps the flag of an earlier leader, and nobody asks for what it offers.
            talk.ask(partial(talk.let_go, task))
            task = None
        if task is not None:
            talk.ask(partial(talk.attach, job, task))
        else:
            assert talk.handing_over is not None
            talk.ask(partial(talk.handing_over.add, job))
            self._to_submit = True
        return number

    def job_went_on_with(self, job: str, successor: str) -> None:
        """Take note that the worker of a job that was done before a restart went on with another one."""
        self._talking()
        if self._adoption is not None:
            self._adoption.job_went_on_with(job, successor)

    # News

    def getUpdatedBatchJob(self, maxWait: float) -> UpdatedBatchJobInfo | None:
        """Wait for a job to end."""
        self._announce_starts()
        if maxWait > 0 and self._to_submit:
            self._to_submit = False
            talk = self._talking()
            talk.ask(talk.submit)
        deadline = time.monotonic() + maxWait
        while True:
            try:
                news = self._news.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                return None
            self._calm_down()
            if isinstance(news, BaseException):
                raise news
            if news.jobID in self._issued:
                if news.is_certain:
                    del self._issued[news.jobID]
                return news

    def news_files(self) -> list[int]:
        """Return the file that becomes readable when there is news."""
        return [self._wakeup]

    def _tell(self, news: UpdatedBatchJobInfo | BaseException) -> None:
        self._news.put(news)
        try:
            os.write(self._wakeup_writer, b"!")
        except BlockingIOError:
            return  # It is readable already.

    def _calm_down(self) -> None:
        if self._news.empty():
            try:
                os.read(self._wakeup, 1 << 16)
            except BlockingIOError:
                return

    def _has_started(self, number: int) -> None:
        self._starts.put((number, time.time()))

    def _announce_starts(self) -> None:
        while not self._starts.empty():
            number, when = self._starts.get()
            if self.message_bus is not None and number in self._issued:
                self.message_bus.publish(JobStarted(self._issued[number], number, when))

    def getIssuedBatchJobIDs(self) -> list[int]:
        """Return the IDs of all jobs that have been issued and of whose end nothing has been told."""
        return list(self._issued)

    def getRunningBatchJobIDs(self) -> dict[int, float]:
        """Return the IDs of the jobs that the scheduler runs, with the seconds since they started."""
        running = self._conversation.running() if self._conversation is not None else {}
        return {number: seconds for number, seconds in running.items() if number in self._issued}

    def getSchedulingStatusMessage(self) -> str | None:
        """Return what holds jobs up in the scheduler's queue."""
        why = self._conversation.why_waiting() if self._conversation is not None else ""
        return f"{self.dialect.title}: {why}." if why else None

    def largest_allocation(self) -> Allocation | None:
        """Return the most that one job can be given."""
        return self.dialect.largest()

    # Ending

    def killBatchJobs(self, jobIDs: Sequence[int]) -> None:
        """Cancel jobs and wait until the scheduler no longer has them."""
        doomed = [number for number in jobIDs if self._issued.pop(number, None) is not None]
        if not doomed:
            return
        talk = self._talking()
        if not talk.ask_and_wait(partial(talk.kill, doomed), _VANISHING):
            logger.warning("%s still has jobs that were cancelled %d seconds ago.", self.dialect.title, _VANISHING)

    def shutdown(self) -> None:
        """Cancel everything that the scheduler has of this run, and wait until it is gone."""
        self._issued.clear()
        if self._conversation is not None:
            left = self._conversation.close(_VANISHING)
            if left:
                logger.warning(
                    "%s did not end in time what it has of this workflow: %s.", self.dialect.title, ", ".join(left[:20])
                )
                return
        for end in (self._wakeup, self._wakeup_writer):
            os.close(end)
