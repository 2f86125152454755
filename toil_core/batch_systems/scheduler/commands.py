"""Running a scheduler's commands, and telling apart why one failed: it is missing, the scheduler does not answer, the
queue is full, or it refuses what it was asked.
"""

from __future__ import annotations

import enum
import logging
import os
import shlex
import subprocess
from collections.abc import Sequence
from typing import NamedTuple

from toil_core.batch_systems.errors import BatchSystemError
from toil_core.errors import UserError

logger = logging.getLogger(__name__)

#: Seconds that a command may take; one that takes longer is taken for a scheduler that does not answer.
PATIENCE = 120.0


class Command(NamedTuple):
    """A command line, and what it reads from standard input.

    :ivar directory: where to run it; empty for the current directory.
    """

    arguments: Sequence[str]
    stdin: str = ""
    directory: str = ""

    def __str__(self) -> str:
        return shlex.join(self.arguments)


class Trouble(enum.Enum):
    """What a failed command means."""

    #: The scheduler does not answer; it may, later.
    UNREACHABLE = "unreachable"
    #: There is no room for more jobs at the moment.
    FULL = "full"
    #: What it was asked for was understood and refused.
    REFUSED = "refused"


class CommandMissing(BatchSystemError, UserError):
    """A command of the scheduler is not there.

    :param program: what was to be run.
    :param scheduler: what people call the scheduler.
    """

    def __init__(self, program: str, scheduler: str) -> None:
        super().__init__(
            f"The command '{program}' of {scheduler} was not found on this machine.",
            f"Run Toil where {scheduler}'s commands are, such as a login node, with their directory on PATH.",
        )
        self.program = program


class CommandFailed(BatchSystemError):
    """A command of the scheduler failed.

    :ivar command: what was run.
    :ivar status: its exit status, or None if it took too long.
    :ivar output: what it wrote to standard error, or if that is nothing, to standard output.
    :ivar printed: what it wrote to standard output.
    """

    def __init__(self, command: Command, status: int | None, output: str, printed: str = "") -> None:
        said = " ".join(output.split()) or "it said nothing"
        how = f"failed with status {status}" if status is not None else "did not end in time"
        super().__init__(f"'{command.arguments[0]}' {how}: {said}")
        self.command = command
        self.status = status
        self.output = output
        self.printed = printed


class Runner:
    """Runs commands and counts them.

    :param scheduler: what people call the scheduler.
    :param patience: seconds that a command may take.
    """

    def __init__(self, scheduler: str, patience: float = PATIENCE) -> None:
        self.scheduler = scheduler
        self.patience = patience
        #: How often each program has been run.
        self.counts: dict[str, int] = {}

    def run(self, command: Command, *, allowed: Sequence[int] = (0,)) -> str:
        """Run a command and return what it wrote to standard output.

        :param allowed: exit statuses that are no failure.
        :raises CommandMissing: if the program is not there.
        :raises CommandFailed: if it fails or takes too long.
        """
        program = command.arguments[0]
        self.counts[program] = self.counts.get(program, 0) + 1
        logger.debug("Running: %s", command)
        try:
            done = subprocess.run(
                command.arguments,
                input=command.stdin.encode("utf-8", "surrogateescape"),
                capture_output=True,
                timeout=self.patience,
                check=False,
                cwd=command.directory or None,
                # What schedulers print depends on the language that people have set.
                env={**os.environ, "LC_ALL": "C.UTF-8"},
                # Ctrl-C is for the leader, and must not cut off what the scheduler is just being told.
                start_new_session=True,
            )
        except (FileNotFoundError, PermissionError, NotADirectoryError):
            raise CommandMissing(program, self.scheduler) from None
        except OSError as error:  # Too many words for one command line, for example.
            raise CommandFailed(command, 126, f"it cannot be run: {error.strerror}") from None
        except subprocess.TimeoutExpired:
            raise CommandFailed(command, None, f"after {self.patience:g} seconds there was no answer") from None
        printed, complaint = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
        if done.returncode not in allowed:
            raise CommandFailed(command, done.returncode, complaint.strip() or printed.strip(), printed)
        return printed
