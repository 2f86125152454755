"""What keeps a run from being watched in the way that the user asked for."""

from __future__ import annotations

from toil_core.errors import UserError


class OutputError(UserError):
    """A file or directory that an option names for output cannot be written.

    :param what: what was to be written, as people call it.
    :param path: where to.
    :param option: the option that named the place.
    :param reason: why that is not possible, as the end of a sentence; or the system's error.
    """

    def __init__(self, what: str, path: str, option: str, reason: str | OSError) -> None:
        if isinstance(reason, OSError):
            reason = reason.strerror or str(reason)
        super().__init__(f"The {what} '{path}' cannot be written: {reason}.", f"Name another place with {option}.")
        self.path = path
        self.option = option
