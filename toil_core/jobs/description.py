"""`JobDescription`: all that the leader needs to know of a job, and nothing of the job itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import IO, TYPE_CHECKING, Any

from toil_core.jobs.requirements import Requirer
from toil_core.jobs.segments import BodyPlace, index_of, job_id, segment_of

if TYPE_CHECKING:
    from toil_core.batch_systems.exits import BatchJobExitReason
    from toil_core.job_stores.abstract import AbstractJobStore
    from toil_core.options.config import Config
    from toil_core.worker.order import WorkOrder

_VALUE_WANTED, _CHECKPOINT, _HOUSEKEEPING, _SERVICE = 1, 2, 4, 8


class TemporaryID:
    """Stands in for the ID of a job that no job store knows yet; equal only to itself."""

    __slots__ = ()

    def __str__(self) -> str:
        return f"unsaved-{id(self):x}"

    __repr__ = __str__


class JobDescription(Requirer):
    """What a job is called, what it needs, and which jobs come after it. Refers to other jobs by ID only.

    :param requirements: resource requirements by name; those left out are taken from the configuration.
    :param jobName: the kind of job, by default its class or function.
    :param unitName: which one of that kind this is.
    :param displayName: the name that statistics are grouped by.
    :param command: a shell command to run instead of a Toil worker.
    """

    __slots__ = (
        "_command",
        "_tries_left",
        "body",
        "checkpoint",
        "childIDs",
        "displayName",
        "followOnIDs",
        "housekeeping",
        "is_service",
        "jobName",
        "jobStoreID",
        "order",
        "predecessorNumber",
        "serviceTree",
        "unitName",
        "value_wanted",
    )

    def __init__(
        self,
        requirements: Mapping[str, Any],
        jobName: str,
        unitName: str = "",
        displayName: str = "",
        command: str | None = None,
    ) -> None:
        super().__init__(requirements)
        self.jobStoreID: str | TemporaryID = TemporaryID()
        self.jobName = jobName
        self.unitName = unitName or ""
        self.displayName = displayName or jobName
        self.childIDs: list[str | TemporaryID] = []
        self.followOnIDs: list[str | TemporaryID] = []
        #: Service host IDs, each with the IDs of the hosts to start after it.
        self.serviceTree: dict[str | TemporaryID, list[str | TemporaryID]] = {}
        self.predecessorNumber = 0
        #: Where the job's body lies in its segment, or None if there is nothing (left) to run.
        self.body: BodyPlace | None = None
        #: Whether some job, or the caller, was promised the return value.
        self.value_wanted = False
        self.checkpoint = False
        #: Whether the job only arranges others, so that it may run beside the leader.
        self.housekeeping = False
        #: Whether a service runs in the job, which ends only when nobody needs it any more.
        self.is_service = False
        #: What the leader tells the worker to do, set when the job is issued.
        self.order: WorkOrder | None = None
        self._command = command
        self._tries_left: int | None = None

    # Writing down and restoring

    def to_tuple(self) -> tuple[Any, ...]:
        """Return the description as plain values; other jobs are named by their index in the same segment."""
        flags = _VALUE_WANTED * self.value_wanted | _CHECKPOINT * self.checkpoint
        flags |= _HOUSEKEEPING * self.housekeeping | _SERVICE * self.is_service
        return (
            self.jobName,
            self.unitName,
            self.displayName if self.displayName != self.jobName else "",
            self.requirements,
            self._indices(self.childIDs),
            self._indices(self.followOnIDs),
            self.predecessorNumber,
            flags,
            self._command,
            {index_of(str(host)): self._indices(later) for host, later in self.serviceTree.items()},
            type(self) if type(self) is not JobDescription else None,
        )

    @staticmethod
    def from_tuple(segment: str, index: int, row: tuple[Any, ...]) -> JobDescription:
        """Restore a description that `to_tuple` wrote at this index of this segment; its body has to be set."""
        name, unit, display, requirements, children, follow_ons, predecessors, flags, command, services, kind = row
        found: JobDescription = JobDescription.__new__(kind or JobDescription)
        found._config = None
        found.jobStoreID = job_id(segment, index)
        found.jobName, found.unitName, found.displayName = name, unit, display or name
        found.requirements = requirements
        found.body = None
        found.childIDs = [job_id(segment, child) for child in children]
        found.followOnIDs = [job_id(segment, follow_on) for follow_on in follow_ons]
        found.predecessorNumber = predecessors
        found.value_wanted = bool(flags & _VALUE_WANTED)
        found.checkpoint = bool(flags & _CHECKPOINT)
        found.housekeeping = bool(flags & _HOUSEKEEPING)
        found.is_service = bool(flags & _SERVICE)
        found._command = command
        found.serviceTree = {job_id(segment, at): [job_id(segment, one) for one in services[at]] for at in services}
        found.order = None
        found._tries_left = None
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        state = {
            name: getattr(self, name)
            for kind in type(self).__mro__
            for name in getattr(kind, "__slots__", ())
            if name not in ("_config", "order")
        }
        state.update(getattr(self, "__dict__", {}))
        return (_restore, (type(self), state))

    @staticmethod
    def _indices(jobs: Iterable[str | TemporaryID]) -> tuple[int, ...]:
        return tuple(index_of(str(one)) for one in jobs)

    # What to run

    @property
    def command(self) -> str | None:
        """The shell command line that runs the job, or None if there is nothing to run."""
        if self._command is None and self.order is not None:
            return self.order.command_line()
        return self._command

    @command.setter
    def command(self, command: str | None) -> None:
        self._command = command

    @property
    def segment(self) -> str:
        """The name of the segment that the job was written in."""
        return segment_of(str(self.jobStoreID))

    def has_body(self) -> bool:
        """Return whether the job itself still has something to run."""
        return self.body is not None or self._command is not None

    # Successors and services

    def successorsAndServiceHosts(self) -> Iterator[str]:
        """Iterate over the IDs of all children, follow-ons and service hosts."""
        yield from self.allSuccessors()
        yield from self.services

    def allSuccessors(self) -> Iterator[str]:
        """Iterate over the IDs of all children and follow-ons."""
        for successor in (*self.childIDs, *self.followOnIDs):
            yield str(successor)

    @property
    def services(self) -> list[str]:
        """The IDs of the service hosts that have not finished, in no particular order."""
        return [str(host) for host in self.serviceTree]

    def serviceHostIDsInBatches(self) -> Iterator[list[str]]:
        """Iterate over batches of service hosts that may start together, in the order they have to start in."""
        below = {str(late) for later in self.serviceTree.values() for late in later}
        batch = [host for host in self.serviceTree if str(host) not in below]
        while batch:
            yield [str(host) for host in batch]
            batch = [late for host in batch for late in self.serviceTree.get(host, [])]

    def nextSuccessors(self) -> set[str] | None:
        """Return the IDs of the successors that may run now.

        :returns: None when all successors are done; an empty set when the job itself has to run first.
        """
        if self.has_body():
            return set()
        for phase in (self.childIDs, self.followOnIDs):
            if phase:
                return {str(one) for one in phase}
        return None

    @property
    def stack(self) -> tuple[tuple[str, ...], ...]:
        """The IDs of successors still to run, as batches in reverse order of running."""
        phases = [tuple(str(one) for one in self.followOnIDs), tuple(str(one) for one in self.childIDs)]
        return (*(phase for phase in phases if phase), *(((),) if self.has_body() else ()))

    def filterSuccessors(self, predicate: Callable[[str], bool]) -> None:
        """Forget, as done, all successors whose IDs the predicate does not approve of."""
        self.childIDs = [child for child in self.childIDs if predicate(str(child))]
        self.followOnIDs = [follow_on for follow_on in self.followOnIDs if predicate(str(follow_on))]

    def filterServiceHosts(self, predicate: Callable[[str], bool]) -> None:
        """Forget, as done, all service hosts whose IDs the predicate does not approve of."""
        self.serviceTree = {
            host: [late for late in later if predicate(str(late))]
            for host, later in self.serviceTree.items()
            if predicate(str(host))
        }

    def clear_nonexistent_dependents(self, job_store: AbstractJobStore) -> None:
        """Forget all successors and service hosts that the job store no longer holds."""
        self.filterSuccessors(job_store.job_exists)
        self.filterServiceHosts(job_store.job_exists)

    def clear_dependents(self) -> None:
        """Forget all successors and service hosts."""
        self.childIDs, self.followOnIDs, self.serviceTree = [], [], {}

    def is_subtree_done(self) -> bool:
        """Return whether the job and everything that comes after it are done."""
        return not self.has_body() and not self.childIDs and not self.followOnIDs and not self.serviceTree

    def replace(self, other: JobDescription) -> None:
        """Take the other description's place in the job store, keeping our own state."""
        self.jobStoreID = other.jobStoreID

    def addChild(self, childID: str | TemporaryID) -> None:
        """Make the job with this ID a child."""
        self.childIDs.append(childID)

    def addFollowOn(self, followOnID: str | TemporaryID) -> None:
        """Make the job with this ID a follow-on."""
        self.followOnIDs.append(followOnID)

    def addServiceHostJob(self, serviceID: str | TemporaryID, parentServiceID: str | TemporaryID | None = None) -> None:
        """Make the service host with this ID a service, to be started after its parent if one is named.

        :raises KeyError: if the parent is not a service of this job.
        """
        if parentServiceID is not None:
            self.serviceTree[parentServiceID].append(serviceID)
        self.serviceTree[serviceID] = []

    def hasChild(self, childID: str | TemporaryID) -> bool:
        """Return whether the job with this ID is a child."""
        return childID in self.childIDs

    def hasFollowOn(self, followOnID: str | TemporaryID) -> bool:
        """Return whether the job with this ID is a follow-on."""
        return followOnID in self.followOnIDs

    def hasServiceHostJob(self, serviceID: str | TemporaryID) -> bool:
        """Return whether the service host with this ID is a service."""
        return serviceID in self.serviceTree

    def renameReferences(self, renames: Mapping[TemporaryID, str]) -> None:
        """Replace the temporary IDs of other jobs by real ones; IDs that are not in `renames` stay."""

        def renamed(one: str | TemporaryID) -> str | TemporaryID:
            return renames.get(one, one) if isinstance(one, TemporaryID) else one

        self.childIDs = [renamed(one) for one in self.childIDs]
        self.followOnIDs = [renamed(one) for one in self.followOnIDs]
        self.serviceTree = {renamed(host): [renamed(late) for late in tree] for host, tree in self.serviceTree.items()}

    def addPredecessor(self) -> None:
        """Count one more job that has to be done before this one."""
        self.predecessorNumber += 1

    def onRegistration(self, jobStore: AbstractJobStore) -> None:
        """Called once the job has an ID in the job store; for subclasses that need to set something up there."""

    def pre_update_hook(self) -> None:
        """Called by the job store before the description is written; for subclasses."""

    # Trying again

    @property
    def remainingTryCount(self) -> int:
        """How many more attempts may be made at the job."""
        if self._tries_left is not None:
            return self._tries_left
        if self._config is None:
            raise AttributeError("The try count is not set, and no configuration is assigned to take a default from.")
        return int(self._config.retryCount) + 1

    @remainingTryCount.setter
    def remainingTryCount(self, count: int) -> None:
        self._tries_left = count

    def clearRemainingTryCount(self) -> bool:
        """Give the job all its attempts back.

        :returns: whether that changed anything.
        """
        changed = self._tries_left is not None
        self._tries_left = None
        return changed

    def setupJobAfterFailure(
        self, exit_status: int | None = None, exit_reason: BatchJobExitReason | None = None
    ) -> None:
        """Count a failed attempt, unless it is not to count, and see that the next one has enough memory.

        :param exit_status: the exit status of the attempt.
        :param exit_reason: why it ended, where the batch system can tell.
        """
        from toil_core.batch_systems.exits import BatchJobExitReason

        if self._config is None:
            raise RuntimeError("A job can be set up after a failure only once it has a configuration.")
        lost = exit_reason in (BatchJobExitReason.LOST, BatchJobExitReason.MISSING)
        if not (self.preemptible and lost and self._config.enableUnlimitedPreemptibleRetries):
            self.remainingTryCount = max(0, self.remainingTryCount - 1)
        if exit_reason == BatchJobExitReason.MEMLIMIT and self._config.doubleMem:
            self.memory = self.memory * 2
        default = int(self._config.defaultMemory)
        if self.memory < default:
            self.memory = default

    def getLogFileHandle(self, jobStore: AbstractJobStore) -> AbstractContextManager[IO[bytes]]:
        """Open the log of the last failed attempt.

        :raises NoSuchFileException: if no attempt has failed.
        """
        return jobStore.open_failure_log(str(self.jobStoreID))

    # For people

    def get_job_kind(self) -> str:
        """Return the name that says best what kind of job this is."""
        return self.unitName or self.jobName or self.displayName or "Unknown Job"

    def __str__(self) -> str:
        name = f"'{self.jobName}'"
        if self.unitName and self.unitName != self.jobName:
            name += f" {self.unitName}"
        elif self.displayName != self.jobName:
            name += f" {self.displayName}"
        return f"{name} {self.jobStoreID}" if isinstance(self.jobStoreID, str) else name

    __repr__ = __str__


def _restore(kind: type[JobDescription], state: dict[str, Any]) -> JobDescription:
    found: JobDescription = kind.__new__(kind)
    found._config = None
    found.order = None
    for name, value in state.items():
        setattr(found, name, value)
    return found


def assign_configuration(descriptions: Iterable[JobDescription], config: Config) -> None:
    """Give descriptions just read from a job store the configuration that their defaults come from."""
    for description in descriptions:
        description._config = config
