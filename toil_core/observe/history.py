"""The note that each run leaves on its machine for `toil history`: one small file, in `toil/history` under the
directory for state (`$XDG_STATE_HOME`, by default `~/.local/state`).

The first line is JSON that tells how the run began, the second how it ended. The leader holds a lock on the file as
long as it lives, so that a run that was killed is told from one that goes on, whatever process IDs are used again.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING, Any

from toil_core.observe.events import WorkflowFinished, WorkflowStarted
from toil_core.version import VERSION

if TYPE_CHECKING:
    from toil_core.observe.bus import MessageBus
    from toil_core.observe.closing import Closeable
    from toil_core.options.config import Config

logger = logging.getLogger(__name__)

#: How many runs are kept, and how many more there may be before the oldest are removed.
KEPT, SPARE = 1000, 100
ENDING = ".jsonl"
#: How much of an error is kept, in characters.
_ERROR_LENGTH = 500


def history_dir() -> str:
    """Return the directory that notes of runs are kept in; it need not exist."""
    state = os.environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(state):
        state = os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(state, "toil", "history")


def attach(bus: MessageBus, config: Config) -> Closeable:
    """Keep a note of the run."""
    note = RunNote(history_dir(), config.workflowAttemptNumber, str(config.batchSystem))
    bus.subscribe(WorkflowStarted, note.began)
    bus.subscribe(WorkflowFinished, note.ended)
    return note


class RunNote:
    """Writes the note of one run; a machine that has no room for it runs the workflow all the same.

    :param directory: where notes are kept.
    :param attempt: the number of the run, counted from 0 over restarts.
    :param batch_system: what runs the jobs.
    """

    def __init__(self, directory: str, attempt: int, batch_system: str) -> None:
        self._directory = directory
        self._attempt = attempt
        self._batch_system = batch_system
        self._file: int | None = None

    def began(self, message: WorkflowStarted) -> None:
        """Make the file, and lock it."""
        import fcntl

        facts = {
            "workflow": message.workflow_id,
            "attempt": self._attempt,
            "locator": message.locator,
            "started": message.time,
            "pid": os.getpid(),
            "host": os.uname().nodename,
            "command": sys.argv,
            "directory": _current_directory(),
            "batch_system": self._batch_system,
            "version": VERSION,
        }
        name = f"{int(message.time * 1000):015d}-{message.workflow_id}-{self._attempt}{ENDING}"
        try:
            os.makedirs(self._directory, mode=0o700, exist_ok=True)
            self._file = os.open(
                os.path.join(self._directory, name), os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600
            )
            fcntl.flock(self._file, fcntl.LOCK_EX)
            self._add(facts)
            prune(self._directory)
        except OSError as error:
            logger.debug("The run will not show in 'toil history': %s", error)

    def ended(self, message: WorkflowFinished) -> None:
        """Note how the run ended."""
        if self._file is None:
            return
        try:
            self._add({"ended": message.time, "error": message.error[:_ERROR_LENGTH]})
        except OSError as error:
            logger.debug("'toil history' will not know how the run ended: %s", error)

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _add(self, facts: dict[str, Any]) -> None:
        import json

        assert self._file is not None
        os.write(self._file, json.dumps(facts, separators=(",", ":")).encode("utf-8", "replace") + b"\n")


def prune(directory: str, kept: int = KEPT, spare: int = SPARE) -> int:
    """Remove the notes of the oldest runs that have ended, if there are too many.

    :param kept: how many to keep.
    :param spare: how many more there may be before any are removed.
    :returns: how many were removed.
    """
    names = sorted(name for name in os.listdir(directory) if name.endswith(ENDING))
    if len(names) <= kept + spare:
        return 0
    removed = 0
    for name in names[:-kept] if kept else names:
        path = os.path.join(directory, name)
        try:
            if not is_locked(path):
                os.unlink(path)
                removed += 1
        except FileNotFoundError:
            continue
    return removed


def is_locked(path: str) -> bool | None:
    """Return whether the leader that wrote a note lives; None where the file system has no locks.

    :raises FileNotFoundError: if the note was removed meanwhile.
    """
    import fcntl

    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    finally:
        os.close(file)
    return False


def _current_directory() -> str:
    try:
        return os.getcwd()
    except FileNotFoundError:
        return ""
