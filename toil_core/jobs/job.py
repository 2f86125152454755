"""`Job`: the documented unit of work. Its methods are one-line doors to the rooms that do the work: the graph checks,
the promises, the writing down of new jobs, and the file store that a running job is given.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from toil_core.jobs import graph
from toil_core.jobs.description import JobDescription, TemporaryID
from toil_core.jobs.errors import JobException
from toil_core.jobs.promises import Promise, PromisedRequirement
from toil_core.jobs.requirements import AcceleratorRequirement
from toil_core.jobs.runner import Runner as _Runner
from toil_core.jobs.service import Service as _Service

if TYPE_CHECKING:
    from toil_core.file_stores.abstract import AbstractFileStore
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.jobs.encapsulation import EncapsulatedJob
    from toil_core.jobs.functions import FunctionWrappingJob, JobFunctionWrappingJob
    from toil_core.jobs.service_host import ServiceHostJob
    from toil_core.options.config import Config

AnyJob = TypeVar("AnyJob", bound="Job")


Relation = Literal["child", "follow-on", "service"]


class Links:
    """The edges of a job in the graph that is being built in this process; they are never pickled with it."""

    __slots__ = ("children", "follow_ons", "predecessors", "services")

    def __init__(self) -> None:
        self.children: dict[Job, None] = {}
        self.follow_ons: dict[Job, None] = {}
        self.services: dict[ServiceHostJob, None] = {}
        self.predecessors: list[tuple[Job, Relation]] = []


class Running:
    """What a job has at hand only while it runs: its file store, the way to defer functions, its attempt's name."""

    __slots__ = ("defer", "file_store", "temp_dir", "token")

    def __init__(self, file_store: AbstractFileStore, defer: Callable[..., None], token: str) -> None:
        self.file_store = file_store
        self.defer = defer
        self.token = token
        self.temp_dir: str | None = None


class Job:
    """A unit of work: subclass it and override `run`, or wrap a function with `wrapFn` or `wrapJobFn`.

    :param memory: bytes of memory, as a number or a string such as "2G".
    :param cores: number of CPU cores; fractions are allowed.
    :param disk: bytes of local disk, as a number or a string.
    :param accelerators: a count, a type such as "nvidia" or "nvidia-tesla-k80:2", a mapping, or a list of these.
    :param preemptible: whether the job may run on a node that can be taken away.
    :param preemptable: the older spelling of `preemptible`.
    :param unitName: which one of its kind this job is, for people.
    :param checkpoint: whether to run the job again when one of its successors fails for good.
    :param displayName: the name that statistics group the job by.
    :param descriptionClass: the class of its description.
    :param wall_time: how long the job may run: seconds, or a string such as "90m" or "1:30:00"; it is ended after that.
    :param expected_duration: how long it is going to take, likewise; short jobs are bundled.
    :param local: whether it only arranges other jobs, or is as light, so that it may run on the leader's machine where
        jobs go to others (see `--maxLocalJobs`).
    """

    #: Whether what was promised of the job is there before the job has ended.
    fulfilled_while_running = False

    def __init__(
        self,
        memory: Any = None,
        cores: Any = None,
        disk: Any = None,
        accelerators: Any = None,
        preemptible: Any = None,
        preemptable: Any = None,
        unitName: str | None = "",
        checkpoint: bool | None = False,
        displayName: str | None = "",
        descriptionClass: type[JobDescription] | None = None,
        wall_time: Any = None,
        expected_duration: Any = None,
        local: bool | None = False,
    ) -> None:
        requirements = {
            "memory": memory,
            "cores": cores,
            "disk": disk,
            "accelerators": accelerators,
            "preemptible": preemptable if preemptible is None else preemptible,
            "wall_time": wall_time,
            "expected_duration": expected_duration,
        }
        PromisedRequirement.convertPromises(requirements)
        kind = descriptionClass or JobDescription
        self._toil_description = kind(requirements, self.job_name(), unitName or "", displayName or "")
        self._toil_description.checkpoint = bool(checkpoint)
        self._toil_description.housekeeping = bool(local)
        self._toil_links: Links | None = None
        self._toil_running: Running | None = None

    def job_name(self) -> str:
        """Return the name of the kind of job: its class, or the function that it wraps."""
        return type(self).__name__

    def __str__(self) -> str:
        return str(self._toil_description)

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__.copy()
        state["_toil_links"] = state["_toil_running"] = None
        return state

    # Identity and requirements

    @property
    def jobStoreID(self) -> str | TemporaryID:
        """The job's ID in the job store, temporary until it is written there."""
        return self._toil_description.jobStoreID

    @property
    def description(self) -> JobDescription:
        """All that the leader knows of the job."""
        return self._toil_description

    @property
    def cores(self) -> float:
        """The number of CPU cores required."""
        return self._toil_description.cores

    @property
    def memory(self) -> int:
        """The number of bytes of memory required."""
        return self._toil_description.memory

    @property
    def disk(self) -> int:
        """The number of bytes of local disk required."""
        return self._toil_description.disk

    @property
    def accelerators(self) -> list[AcceleratorRequirement]:
        """The accelerators required."""
        return self._toil_description.accelerators

    @property
    def preemptible(self) -> bool:
        """Whether the job may run on a node that can be taken away."""
        return self._toil_description.preemptible

    preemptable = preemptible

    @property
    def local(self) -> bool:
        """Whether the job may run on the leader's machine where jobs go to others."""
        return self._toil_description.housekeeping

    @property
    def checkpoint(self) -> bool:
        """Whether the job is a checkpoint."""
        return self._toil_description.checkpoint

    def assignConfig(self, config: Config) -> None:
        """Take defaults for requirements that were left open from this configuration."""
        self._toil_description.assignConfig(config)

    # The work

    def run(self, fileStore: AbstractFileStore) -> Any:
        """Do the work, and create successors if that turns out to be needed; override this.

        :param fileStore: where the job reads and writes files.
        :returns: the value that `rv` promises to other jobs.
        """

    def has_body(self) -> bool:
        """Return whether there is anything to run; a plain `Job()` only holds its successors together."""
        return type(self).run is not Job.run

    # Successors

    @property
    def links(self) -> Links:
        """The job's edges in the graph that is being built in this process."""
        if self._toil_links is None:
            self._toil_links = Links()
        return self._toil_links

    def addChild(self, childJob: AnyJob) -> AnyJob:
        """Have a job run once this one has; all children run in parallel.

        :returns: the child, for call chaining.
        """
        if childJob not in self.links.children:
            childJob._follow(self, "child")
            self.links.children[childJob] = None
            self._toil_description.addChild(childJob.jobStoreID)
        return childJob

    def hasChild(self, childJob: Job) -> bool:
        """Return whether a job is a child of this one."""
        return self._toil_description.hasChild(childJob.jobStoreID)

    def addFollowOn(self, followOnJob: AnyJob) -> AnyJob:
        """Have a job run once this one, its children and all their successors have.

        :returns: the follow-on, for call chaining.
        """
        if followOnJob not in self.links.follow_ons:
            followOnJob._follow(self, "follow-on")
            self.links.follow_ons[followOnJob] = None
            self._toil_description.addFollowOn(followOnJob.jobStoreID)
        return followOnJob

    def hasFollowOn(self, followOnJob: Job) -> bool:
        """Return whether a job is a follow-on of this one."""
        return self._toil_description.hasFollowOn(followOnJob.jobStoreID)

    def hasPredecessor(self, job: Job) -> bool:
        """Return whether this job is a child or follow-on of another one."""
        return any(parent is job for parent, _ in self.links.predecessors)

    def addService(self, service: _Service, parentService: _Service | None = None) -> Any:
        """Have a service run from the end of this job until all its successors are done.

        :param parentService: a service of this job that has to be started before this one.
        :returns: a promise of what the service's `start` returns.
        :raises JobException: if the service was added before, or the parent is not a service of this job.
        """
        from toil_core.jobs.service_host import ServiceHostJob

        if service._host is not None:
            raise JobException(f"The service {service._host} was added to a job already.")
        if parentService is not None and not self.hasService(parentService):
            raise JobException(
                f"The parent of the service {type(service).__name__} is not a service of {self}.",
                "Add the parent to the same job first.",
            )
        host = service._host = ServiceHostJob(service)
        host._follow(self, "service")
        self.links.services[host] = None
        above = parentService._host.jobStoreID if parentService is not None and parentService._host else None
        self._toil_description.addServiceHostJob(host.jobStoreID, above)
        return host.rv()

    def hasService(self, service: _Service) -> bool:
        """Return whether a service is a service of this job."""
        return service._host is not None and service._host in self.links.services

    def _follow(self, parent: Job, relation: Relation) -> None:
        if not isinstance(self.jobStoreID, TemporaryID):
            raise JobException(f"{self} was written to the job store already and cannot get another predecessor.")
        self.links.predecessors.append((parent, relation))
        if relation != "service":
            self._toil_description.addPredecessor()

    def addChildFn(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> FunctionWrappingJob:
        """Wrap a function into a job and add it as a child; see `FunctionWrappingJob` for reserved keywords."""
        return self.addChild(Job.wrapFn(fn, *args, **kwargs))

    def addFollowOnFn(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> FunctionWrappingJob:
        """Wrap a function into a job and add it as a follow-on; see `FunctionWrappingJob` for reserved keywords."""
        return self.addFollowOn(Job.wrapFn(fn, *args, **kwargs))

    def addChildJobFn(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> JobFunctionWrappingJob:
        """Wrap a job function into a job and add it as a child."""
        return self.addChild(Job.wrapJobFn(fn, *args, **kwargs))

    def addFollowOnJobFn(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> JobFunctionWrappingJob:
        """Wrap a job function into a job and add it as a follow-on."""
        return self.addFollowOn(Job.wrapJobFn(fn, *args, **kwargs))

    @staticmethod
    def wrapFn(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> FunctionWrappingJob:
        """Return a job that calls a function; see `FunctionWrappingJob` for reserved keywords."""
        from toil_core.jobs.functions import FunctionWrappingJob

        return FunctionWrappingJob(fn, *args, **kwargs)

    @staticmethod
    def wrapJobFn(fn: Callable[..., Any], *args: Any, **kwargs: Any) -> JobFunctionWrappingJob:
        """Return a job that calls a function with itself as the first argument."""
        from toil_core.jobs.functions import JobFunctionWrappingJob

        return JobFunctionWrappingJob(fn, *args, **kwargs)

    def encapsulate(self, name: str | None = None) -> EncapsulatedJob:
        """Return a job that stands for this one with everything beneath it.

        :param name: which one of its kind the new job is, for people.
        """
        from toil_core.jobs.encapsulation import EncapsulatedJob

        return EncapsulatedJob(self, unitName=name)

    def rv(self, *path: Any) -> Any:
        """Promise the return value to other jobs.

        :param path: indices or keys, the last of them possibly a slice, that select a part of the value.
        """
        self._toil_description.value_wanted = True
        return Promise(self, path)

    def prepareForPromiseRegistration(self, jobStore: AbstractJobStore) -> None:
        """Do nothing: a promise finds its job's record by the job's ID, there is nothing to register beforehand."""

    # What a running job can do

    def _at_hand(self) -> Running:
        if self._toil_running is None:
            raise JobException(f"{self} is not running; files and deferred functions are there only inside run().")
        return self._toil_running

    @property
    def fileStore(self) -> AbstractFileStore:
        """Where the running job reads and writes files.

        :raises JobException: if the job is not running.
        """
        return self._at_hand().file_store

    @property
    def tempDir(self) -> str:
        """A temporary directory of the running job, made at the first call."""
        running = self._at_hand()
        if running.temp_dir is None:
            running.temp_dir = running.file_store.getLocalTempDir()
        return running.temp_dir

    def log(self, text: str, level: int = logging.INFO) -> None:
        """Send a line to the log of the leader.

        :param level: its level, as in the standard logging module.
        """
        self.fileStore.logToMaster(text, level)

    def defer(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """Have a function called on this node once the current attempt has ended, however it ends.

        It may be called more than once, so it should be idempotent.
        """
        self._at_hand().defer(function, *args, **kwargs)

    # Checks on the graph

    def checkJobGraphForDeadlocks(self) -> None:
        """Check that the jobs connected to this one can all run.

        :raises JobGraphDeadlockException: if there is a cycle, several roots, or a checkpoint that is not a leaf.
        """
        self.checkJobGraphAcylic()
        self.checkJobGraphConnected()
        self.checkNewCheckpointsAreLeafVertices()

    def getRootJobs(self) -> set[Job]:
        """Return the jobs connected to this one that have no predecessors."""
        return set(graph.root_jobs(self))

    def checkJobGraphConnected(self) -> None:
        """Check that there is exactly one root.

        :raises JobGraphDeadlockException: if not.
        """
        graph.check_connected(self)

    def checkJobGraphAcylic(self) -> None:
        """Check that no job has to wait for itself, counting the waiting that follow-ons imply; takes linear time.

        :raises JobGraphDeadlockException: if one has; the message names the jobs on the cycle.
        """
        graph.check_acyclic(self)

    checkJobGraphAcyclic = checkJobGraphAcylic

    def checkNewCheckpointsAreLeafVertices(self) -> None:
        """Check that new checkpoint jobs have no successors yet.

        :raises JobGraphDeadlockException: if one has.
        """
        graph.check_checkpoints_are_leaves(self)

    def getTopologicalOrderingOfJobs(self) -> list[Job]:
        """Return the jobs of this job's subgraph, each after all that have to begin before it."""
        return graph.topological_order(self)

    # Writing down and loading

    def saveBody(self, jobStore: AbstractJobStore) -> None:
        """Write this job alone, with its description, to the job store.

        :raises JobException: if the job has no ID there yet.
        """
        from toil_core.jobs.saving import save_alone

        save_alone(self, jobStore)

    def saveAsRootJob(self, jobStore: AbstractJobStore) -> JobDescription:
        """Write this job and everything beneath it to the job store, as the root of the workflow."""
        from toil_core.jobs.saving import save_as_root

        return save_as_root(self, jobStore)

    @classmethod
    def loadJob(cls, jobStore: AbstractJobStore, jobDescription: JobDescription) -> Job:
        """Load a job from the job store, with promised values in the place of promises.

        :raises NoSuchJobException: if the store does not hold its body.
        """
        from toil_core.jobs.saving import load_job

        return load_job(jobStore, jobDescription)

    Runner: TypeAlias = _Runner
    Service: TypeAlias = _Service
