"""What can go wrong on the way of the user's code to a worker."""

from __future__ import annotations

import os
from typing import Any

from toil_core.errors import ToilError, UserError, described


class UserScriptError(UserError):
    """The workflow's script cannot be imported where its jobs run.

    :param path: the script's file.
    :param cause: what importing it raised, or None if it is not there.
    """

    def __init__(self, path: str, cause: BaseException | None) -> None:
        if cause is None:
            message = f"The workflow's script '{path}' does not exist on machine '{_hostname()}'."
            hint = "Workers read the script too; put it back, or run from a directory that all machines see."
        elif isinstance(cause, SystemExit):
            message = f"The workflow's script '{path}' exits when a worker imports it."
            hint = "Put what is to run only at the start under 'if __name__ == \"__main__\":'."
        elif isinstance(cause, ToilError):
            message, hint = cause.message, cause.hint
        else:
            message = f"The workflow's script '{path}' fails on import in a worker: {described(cause)}."
            hint = "Put what is to run only at the start under 'if __name__ == \"__main__\":', and restart."
        super().__init__(message, hint)
        self.path = path
        self.cause = cause

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.path, self.cause))


class ResourceError(ToilError):
    """A workflow's code cannot be packed for other machines, or unpacked on one.

    :param path: the directory or file in question.
    """

    def __init__(self, message: str, path: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.message, self.path, self.hint))


def _hostname() -> str:
    return os.uname().nodename
