"""How running a container can go wrong."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Sequence

from toil_core.errors import ToilError, UserError


class EngineUnavailable(UserError):
    """No container engine can be used.

    :param engine: what people call it.
    :param address: where it was looked for; empty when it was not looked for.
    """

    def __init__(self, engine: str, address: str, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.engine = engine
        self.address = address


class ContainerArgumentError(UserError):
    """What a container was asked for cannot be understood."""


class ImageUnavailable(ToilError):
    """An image is not at hand and cannot be fetched.

    :param image: its name.
    :param reason: the engine's words.
    """

    def __init__(self, image: str, reason: str) -> None:
        super().__init__(
            f"The image '{image}' could not be fetched: {_clause(reason)}.",
            "Check its name, and whether this machine reaches the registry and may use it.",
        )
        self.image = image
        self.reason = reason


class ContainerNotStarted(ToilError):
    """The engine refused to make or start a container.

    :param reason: the engine's words.
    """

    def __init__(self, what: str, reason: str, hint: str = "") -> None:
        super().__init__(f"{what} could not be started: {_clause(reason)}.", hint)
        self.reason = reason


class ContainerFailed(ToilError):
    """A program in a container ended with an exit status other than 0.

    :param stderr: the last that it wrote to standard error.
    :param container: the container's ID.
    """

    def __init__(self, image: str, command: Sequence[str] | str, status: int, stderr: bytes, container: str) -> None:
        named = f" ({name})" if (name := _signal(status)) else ""
        super().__init__(_outcome(image, command, f"ended with status {status}{named}", stderr))
        self.image = image
        self.command = command
        self.exit_status = status
        self.stderr = stderr
        self.container = container


class ContainerTookTooLong(ToilError):
    """A container was killed because its time was over.

    :param seconds: how long it was allowed to run.
    """

    def __init__(self, image: str, command: Sequence[str] | str, seconds: float, stderr: bytes, container: str) -> None:
        super().__init__(_outcome(image, command, f"was killed after {seconds:g} seconds", stderr))
        self.image = image
        self.command = command
        self.seconds = seconds
        self.stderr = stderr
        self.container = container


def command_line(command: Sequence[str] | str) -> str:
    """Return a command as people type it."""
    if isinstance(command, str):
        return command
    return command[0] if len(command) == 1 else shlex.join(command)


def _outcome(image: str, command: Sequence[str] | str, outcome: str, stderr: bytes) -> str:
    text = stderr.decode(errors="replace").rstrip()
    said = f"The last it wrote to standard error:\n{text}" if text else "It wrote nothing to standard error."
    return f"A container of '{image}' {outcome}: {command_line(command) or 'the command of the image'}\n{said}"


def _signal(status: int) -> str:
    try:
        return signal.Signals(status - 128).name
    except ValueError:
        return ""


def _clause(reason: str) -> str:
    return " ".join(reason.split()).rstrip(".")
