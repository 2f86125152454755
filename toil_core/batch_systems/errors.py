"""What can go wrong between the leader and a batch system, under the documented names."""

from __future__ import annotations

from toil_core.errors import ToilError, UserError


class BatchSystemError(ToilError):
    """The batch system could not do what it was asked to."""


class InsufficientSystemResources(BatchSystemError, UserError):
    """A job asks for more than the batch system can ever give.

    :param job: the job, as people know it.
    :param resource: the name of the requirement.
    :param requested: how much of it the job asks for, as people write it.
    :param available: how much there is at most.
    :param hint: what to do about it.
    """

    def __init__(self, job: str, resource: str, requested: str, available: str, hint: str = "") -> None:
        if resource in ("memory", "disk"):
            lack = f"{requested} of {resource}, but there is only {available}"
        else:
            lack = f"{requested} {resource}, but there are only {available}"
        super().__init__(f"The job {job} asks for {lack}.", hint)
        self.job = job
        self.resource = resource
        self.requested = requested
        self.available = available
