"""What can go wrong with a CWL workflow, one class for each way, with the sentence for people in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toil_core.api import ToilError, UserError

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The exit status for a requirement that this runner does not support.
UNSUPPORTED_STATUS = 33

_TAIL_LINES = 20

#: The width that cwltool's messages are set in; people's terminals break lines by themselves.
_WIDTH = 10_000


def told(error: Exception) -> str:
    """Return what an error of cwltool's says, with the file and line where it knows them."""
    from schema_salad.sourceline import strip_dup_lineno

    return strip_dup_lineno(str(error), _WIDTH)


class InvalidDocumentError(UserError):
    """A document that is no valid CWL.

    :param path: the document, as the user named it.
    :param reason: what is wrong with it and where; may be several lines.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"The document '{path}' cannot be run:\n{reason.rstrip()}")
        self.path = path


class InvalidInputError(UserError):
    """An input object, or a value in it, that does not fit the process.

    :param source: where the input comes from.
    :param reason: what is wrong with it and where; may be several lines.
    """

    def __init__(self, source: str, reason: str, hint: str = "") -> None:
        super().__init__(f"The input object {source} cannot be used:\n{reason.rstrip()}", hint)
        self.source = source


class UnsupportedError(UserError):
    """A requirement that cannot be met by this runner, or not with the options that were given.

    :param reason: which requirement, and where.
    """

    exit_status = UNSUPPORTED_STATUS

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(f"Not supported: {reason.strip()}", hint)


class LinkError(ToilError):
    """Values that the sources of an input or output cannot be combined to.

    :param name: the input or output.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"The value of '{name}' cannot be determined: {reason}.")
        self.name = name


class StepError(ToilError):
    """A step whose inputs could not be evaluated, or whose tool could not be set up.

    :param step: the step's path in the workflow, or the tool.
    :param reason: what is wrong; may be several lines.
    """

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(f"{step} failed: {reason.strip()}")
        self.step = step


class ToolFailed(ToilError):
    """A tool's command that failed.

    :param step: the step's path in the workflow, or the tool.
    :param command: the command line.
    :param status: its exit status, or None if it could not be started.
    :param reason: what went wrong where it is not the exit status.
    :param output: the last lines that it printed to its standard error.
    """

    def __init__(
        self, step: str, command: Sequence[str], status: int | None, reason: str = "", output: str = ""
    ) -> None:
        import shlex

        if reason:
            sentence = f"{step} failed: {reason.strip()}"
        elif status is not None and status < 0:
            sentence = f"{step} failed: its command was killed by signal {-status}."
        else:
            sentence = f"{step} failed: its command exited with status {status}."
        lines = [sentence, f"Command: {shlex.join(command)}"]
        tail = output.splitlines()[-_TAIL_LINES:]
        if tail:
            lines += ["Standard error ends with:", *(f"  {line}" for line in tail)]
        super().__init__("\n".join(lines))
        self.step = step
        self.command = list(command)
        self.status = status
