"""What can be wrong with jobs and the graph that they form, under the documented names."""

from __future__ import annotations

from toil_core.errors import ToilError, UserError


class JobException(ToilError):
    """A job was used in a way that cannot work."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)


class NothingToRestartError(JobException, UserError):
    """A job store was made, but its workflow was never started.

    :param locator: the job store.
    """

    def __init__(self, locator: str) -> None:
        super().__init__(
            f"The workflow in '{locator}' was never started, so there is nothing to restart.",
            f"Remove it with 'toil clean {locator}' and run without --restart.",
        )
        self.locator = locator


class JobGraphDeadlockException(UserError):
    """The job graph can never finish: it has a cycle, several roots, or a checkpoint that is not a leaf."""

    def __init__(self, string: str, hint: str = "") -> None:
        super().__init__(string, hint)


class JobPromiseConstraintError(JobException, UserError):
    """A job was given the promise of a job that does not run before it."""


class JobTooBigError(JobException):
    """A job asks for more than any machine of the batch system has."""


class UnpicklableError(JobException, UserError):
    """A job, its arguments or its return value cannot be written down for another process."""


class DamagedRecordError(ToilError):
    """What a job left in its job store cannot be read.

    :param what: what it is.
    """

    def __init__(self, what: str) -> None:
        super().__init__(
            f"A job's {what} in the job store is damaged, or of another version of Toil.",
            "Use the version that wrote it, or run the workflow again in a new job store.",
        )
        self.what = what
