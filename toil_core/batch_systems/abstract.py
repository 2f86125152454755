"""The contract of a batch system, as documented: jobs are issued, news of them is waited for, some are killed.

The leader calls these methods from one thread. A batch system gets descriptions, of which it may use the names, the
requirements and `command`; it neither reads nor writes job stores.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar

from toil_core.batch_systems.capabilities import BatchSystemCapabilities
from toil_core.batch_systems.exits import UpdatedBatchJobInfo
from toil_core.jobs.requirements import Allocation

if TYPE_CHECKING:
    from toil_core.batch_systems.notes import Notebook
    from toil_core.deployment.resource import Resource
    from toil_core.jobs.description import JobDescription
    from toil_core.observe.bus import MessageBus
    from toil_core.options.config import Config


class AbstractBatchSystem(ABC):
    """A way of running jobs.

    :param config: the workflow's configuration.
    """

    #: Whether jobs run where the leader does, so that its environment and the user's files are simply there.
    on_leaders_machine = False
    #: What it can do beyond running jobs; the contract kit tests what is declared here.
    capabilities: ClassVar[BatchSystemCapabilities] = BatchSystemCapabilities()

    def __init__(self, config: Config) -> None:
        self.config = config
        #: Variables to set for workers on top of the environment that they find.
        self.environment: dict[str, str] = {}
        self.message_bus: MessageBus | None = None

    @classmethod
    def supportsAutoDeployment(cls) -> bool:
        """Return whether workers may run where the user's script is not, so that it has to be brought to them."""
        return False

    @classmethod
    def supportsWorkerCleanup(cls) -> bool:
        """Return whether nodes are cleaned up after the last job of a workflow."""
        return False

    def setUserScript(self, userScript: Resource) -> None:
        """Learn which script is to be brought to the workers; called before the first job is issued.

        :raises NotImplementedError: if `supportsAutoDeployment` returns False.
        """
        raise NotImplementedError(f"{type(self).__name__} does not support auto-deployment.")

    def set_message_bus(self, message_bus: MessageBus) -> None:
        """Take the bus on which the batch system may announce what happens to its jobs."""
        self.message_bus = message_bus

    def set_notebook(self, notebook: Notebook) -> None:
        """Take the place for notes that survive the leader; called before the first job is issued.

        A batch system whose jobs outlive the leader notes them there and, when `config.restart` is set, finds them
        again, so that a job which is issued once more is not run twice.
        """

    def job_went_on_with(self, job: str, successor: str) -> None:
        """Take note, after a restart, that a job is done whose worker went on with another one.

        :param job: the job store's ID of the job that is done.
        :param successor: that of the job which the same worker went on with, unless it was killed.
        """

    @abstractmethod
    def issueBatchJob(self, jobDesc: JobDescription, job_environment: dict[str, str] | None = None) -> int:
        """Hand a job over; it runs as soon as its requirements can be met.

        :param job_environment: variables for this job's worker only.
        :returns: the ID by which the batch system knows the job.
        :raises InsufficientSystemResources: if the requirements can never be met.
        """

    @abstractmethod
    def killBatchJobs(self, jobIDs: Sequence[int]) -> None:
        """Kill jobs; afterwards they are neither running nor issued, and no news of them comes."""

    @abstractmethod
    def getIssuedBatchJobIDs(self) -> list[int]:
        """Return the IDs of all jobs that have been issued and have not ended, in no particular order."""

    @abstractmethod
    def getRunningBatchJobIDs(self) -> dict[int, float]:
        """Return the IDs of all jobs that run at this moment, with the seconds since they started."""

    @abstractmethod
    def getUpdatedBatchJob(self, maxWait: float) -> UpdatedBatchJobInfo | None:
        """Wait for a job to end.

        :param maxWait: how many seconds to wait at most.
        :returns: news of one job that has ended, each job exactly once; None when the time was up.
        """

    def news_files(self) -> list[int] | None:
        """Return file descriptors of which one becomes readable when `getUpdatedBatchJob` has something to do.

        :returns: None where there are none, so that it has to be asked from time to time.
        """
        return None

    def getSchedulingStatusMessage(self) -> str | None:
        """Return what holds jobs up at the moment, one sentence for people, or None."""
        return None

    @abstractmethod
    def shutdown(self) -> None:
        """End everything that the batch system runs; called once, at the end of a workflow."""

    def setEnv(self, name: str, value: str | None = None) -> None:
        """Set a variable for all workers issued from now on.

        :param value: by default the variable's value in this process.
        :raises RuntimeError: if there is no value.
        """
        if value is None:
            if name not in os.environ:
                raise RuntimeError(f"{name} has no value in the current environment; write {name}=VALUE.")
            value = os.environ[name]
        self.environment[name] = value

    def largest_allocation(self) -> Allocation | None:
        """Return the most that one job can be given, or None where that is not known."""
        return None

    @classmethod
    def add_options(cls, parser: Any) -> None:
        """Add options of the batch system's own to a parser. Plugins declare options as data instead."""

    @classmethod
    def setOptions(cls, setOption: Callable[..., None]) -> None:
        """Copy options of the batch system's own into the configuration. Plugins declare options as data instead."""

    def getWorkerContexts(self) -> list[AbstractContextManager[Any]]:
        """Return picklable context managers that a worker enters, in order, around its work."""
        return []
