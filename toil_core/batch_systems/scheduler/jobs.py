"""Jobs as the batch system knows them before they become tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from toil_core.batch_systems.scheduler.grouping import Waiting
from toil_core.jobs.requirements import Allocation
from toil_core.worker.order import WorkOrder

if TYPE_CHECKING:
    from toil_core.jobs.description import JobDescription


class Needs(NamedTuple):
    """What the tasks of one array have in common."""

    allocation: Allocation
    environment: tuple[tuple[str, str], ...]


class IssuedJob(NamedTuple):
    """A job that was issued.

    :ivar number: the ID that the leader knows it by.
    :ivar job: its ID in the job store.
    :ivar name: what people call it.
    """

    number: int
    job: str
    name: str
    needs: Needs
    order: WorkOrder | None
    command: str
    expected: float | None
    is_service: bool = False

    @classmethod
    def of(cls, number: int, description: JobDescription, environment: Mapping[str, str]) -> IssuedJob:
        """Return what a description asks for.

        :param environment: variables to set for the job.
        """
        needs = Needs(description.allocation(), tuple(environment.items()))
        order = description.order
        command = "" if order is not None else description.command or ""
        job, name, expected = str(description.jobStoreID), description.jobName, description.expected_duration
        return cls(number, job, name, needs, order, command, expected, description.is_service)

    @property
    def waiting(self) -> Waiting:
        """What grouping has to know."""
        # A job that has failed before is left alone, so that there is no doubt whom the next failure is to be put to.
        # A service ends when nobody needs it any more, and whoever does must not wait behind another service.
        may_be_bundled = self.order is not None and self.order.attempt == 1 and not self.is_service
        return Waiting(self.number, self.needs, self.name, may_be_bundled, self.expected)
