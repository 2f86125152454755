"""Local jobs beside a batch system whose jobs run on other machines: what only arranges other jobs runs where the
leader does, and is spared the wait for a scheduler.
"""

from __future__ import annotations

import logging
import select
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from toil_core.batch_systems.abstract import AbstractBatchSystem
from toil_core.batch_systems.machine import usable_cores
from toil_core.batch_systems.resources import Amount, Shape
from toil_core.batch_systems.single_machine import SingleMachineBatchSystem
from toil_core.jobs.requirements import Allocation

if TYPE_CHECKING:
    from toil_core.batch_systems.exits import UpdatedBatchJobInfo
    from toil_core.batch_systems.notes import Notebook
    from toil_core.deployment.resource import Resource
    from toil_core.jobs.description import JobDescription
    from toil_core.observe.bus import MessageBus
    from toil_core.options.config import Config

logger = logging.getLogger(__name__)

#: Local jobs have IDs from here on; no scheduler's base counts so far.
FIRST_LOCAL_ID = 1 << 40
#: Seconds between two looks at a batch system that cannot tell when it has news, while local jobs run.
_GLANCE = 0.1
#: Seconds that are enough to let a batch system know that the leader waits.
_MOMENT = 1e-6
#: As many seconds as one call can wait.
_LONG = 100_000.0


class LocalMachine(SingleMachineBatchSystem):
    """Runs local jobs on the leader's machine: so many at a time, whatever they ask for.

    :param config: the workflow's configuration.
    """

    def __init__(self, config: Config) -> None:
        count = usable_cores() if config.maxLocalJobs is None else config.maxLocalJobs
        super().__init__(config, Amount.of(count, 0, 0))
        self._last_id = FIRST_LOCAL_ID

    def _shape(self, description: JobDescription) -> Shape:
        """Return one of the places that there are."""
        return Shape(Amount.of(1, 0, 0), ())


class WithLocalJobs(AbstractBatchSystem):
    """A batch system with another one beside it for local jobs, which is started when there is the first of them.

    :param elsewhere: runs all other jobs.
    :param local: makes what runs local jobs.
    """

    def __init__(
        self, elsewhere: AbstractBatchSystem, local: Callable[[Config], SingleMachineBatchSystem] = LocalMachine
    ) -> None:
        super().__init__(elsewhere.config)
        self.elsewhere = elsewhere
        self._make_local = local
        self._local: SingleMachineBatchSystem | None = None
        #: Local jobs of which no news has been told.
        self._at_home: set[int] = set()

    # Setting up

    def setUserScript(self, userScript: Resource) -> None:
        """Hand on which script is to be brought to the workers; local ones find it where it is."""
        self.elsewhere.setUserScript(userScript)

    def set_message_bus(self, message_bus: MessageBus) -> None:
        """Take the bus for both."""
        super().set_message_bus(message_bus)
        self.elsewhere.set_message_bus(message_bus)

    def set_notebook(self, notebook: Notebook) -> None:
        """Hand on the place for notes; local jobs end with the leader."""
        self.elsewhere.set_notebook(notebook)

    def setEnv(self, name: str, value: str | None = None) -> None:
        """Set a variable for all workers issued from now on."""
        super().setEnv(name, value)
        self.elsewhere.setEnv(name, value)
        if self._local is not None:
            self._local.setEnv(name, value)

    def getWorkerContexts(self) -> list[AbstractContextManager[Any]]:
        """Return what workers on other machines enter around their work."""
        return self.elsewhere.getWorkerContexts()

    # Issuing

    def issueBatchJob(self, jobDesc: JobDescription, job_environment: dict[str, str] | None = None) -> int:
        """Hand a job over to where it is to run."""
        if not jobDesc.housekeeping or jobDesc.accelerators:
            return self.elsewhere.issueBatchJob(jobDesc, job_environment)
        if jobDesc.order is not None:
            jobDesc.order = jobDesc.order._replace(local=True)
        number = self._started().issueBatchJob(jobDesc, job_environment)
        self._at_home.add(number)
        return number

    def _started(self) -> SingleMachineBatchSystem:
        if self._local is None:
            logger.debug("Local jobs run on this machine, beside the batch system.")
            self._local = self._make_local(self.config)
            self._local.environment.update(self.environment)
            if self.message_bus is not None:
                self._local.set_message_bus(self.message_bus)
        return self._local

    def job_went_on_with(self, job: str, successor: str) -> None:
        """Hand on what a worker did before a restart."""
        self.elsewhere.job_went_on_with(job, successor)

    # News

    def getUpdatedBatchJob(self, maxWait: float) -> UpdatedBatchJobInfo | None:
        """Wait for a job to end, here or elsewhere."""
        deadline = time.monotonic() + maxWait
        while True:
            if self._local is None or not self._at_home:
                return self.elsewhere.getUpdatedBatchJob(max(0.0, deadline - time.monotonic()))
            news = self._local.getUpdatedBatchJob(0.0)
            if news is not None:
                self._at_home.discard(news.jobID)
                return news
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return self.elsewhere.getUpdatedBatchJob(0.0)
            news = self._wait(self._local, remaining)
            if news is not None:
                return news

    def _wait(self, local: SingleMachineBatchSystem, seconds: float) -> UpdatedBatchJobInfo | None:
        """Wait until one of the two may have news.

        :returns: news from elsewhere, if there are any already.
        """
        files = self.elsewhere.news_files()
        news = self.elsewhere.getUpdatedBatchJob(min(seconds, _MOMENT))
        if news is None:
            poll = select.poll()
            for file in (*(files or ()), *local.news_files()):
                poll.register(file, select.POLLIN)
            poll.poll(1000 * min(seconds, _GLANCE if files is None else _LONG))
        return news

    def news_files(self) -> list[int] | None:
        """Return the files of both."""
        files = self.elsewhere.news_files()
        if files is None or self._local is None:
            return files
        return [*files, *self._local.news_files()]

    def getIssuedBatchJobIDs(self) -> list[int]:
        """Return the jobs that wait or run, here and elsewhere."""
        local = self._local.getIssuedBatchJobIDs() if self._local is not None else []
        return [*self.elsewhere.getIssuedBatchJobIDs(), *local]

    def getRunningBatchJobIDs(self) -> dict[int, float]:
        """Return the jobs that run, here and elsewhere, with the seconds since they started."""
        local = self._local.getRunningBatchJobIDs() if self._local is not None else {}
        return {**self.elsewhere.getRunningBatchJobIDs(), **local}

    def getSchedulingStatusMessage(self) -> str | None:
        """Return what holds jobs up elsewhere."""
        return self.elsewhere.getSchedulingStatusMessage()

    def largest_allocation(self) -> Allocation | None:
        """Return the most that one job can be given elsewhere."""
        return self.elsewhere.largest_allocation()

    # Ending

    def killBatchJobs(self, jobIDs: Sequence[int]) -> None:
        """Kill jobs, wherever they are."""
        local = [number for number in jobIDs if number in self._at_home]
        others = [number for number in jobIDs if number not in self._at_home]
        if local and self._local is not None:
            self._local.killBatchJobs(local)
            self._at_home.difference_update(local)
        if others or not local:
            self.elsewhere.killBatchJobs(others)

    def shutdown(self) -> None:
        """End all local jobs, and the batch system."""
        try:
            if self._local is not None:
                self._local.shutdown()
        finally:
            self.elsewhere.shutdown()


def with_local_jobs(batch_system: AbstractBatchSystem) -> AbstractBatchSystem:
    """Return a batch system that runs local jobs where the leader does, if they are not to go elsewhere.

    :param batch_system: one whose jobs run on other machines.
    """
    config = batch_system.config
    if config.runCwlInternalJobsOnWorkers or config.maxLocalJobs == 0:
        return batch_system
    return WithLocalJobs(batch_system)
