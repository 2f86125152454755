"""The runs on this machine, read from the notes that they left (`observe/history.py`)."""

from __future__ import annotations

import json
import os
from enum import Enum
from typing import Any, NamedTuple

from toil_core.observe.history import ENDING, history_dir, is_locked

#: How the errors begin that are no failures of the workflow.
_INTERRUPTIONS = ("KeyboardInterrupt", "SystemExit", "Stopped by SIG")


class RunState(Enum):
    """What became of a run. The values are for people and for JSON."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    #: Stopped by a signal or from the keyboard, or its leader was killed.
    INTERRUPTED = "interrupted"
    #: It has not said that it ended, and is on another machine.
    UNKNOWN = "unknown"


class Run(NamedTuple):
    """One run of a workflow.

    :ivar workflow: the ID of the workflow, the same over restarts.
    :ivar attempt: the number of the run, counted from 0 over restarts.
    :ivar state: what became of it.
    :ivar locator: its job store.
    :ivar has_store: whether that is still there; None where it is not a directory of this machine.
    :ivar started: when it began, in seconds since the epoch.
    :ivar ended: when it ended; None where it has not, or could not say so.
    :ivar error: the error that ended it, empty after a success.
    :ivar host: the machine that the leader ran on.
    :ivar pid: the process ID of the leader.
    :ivar command: the arguments of the leader's process.
    :ivar directory: where it was started.
    :ivar batch_system: what ran its jobs.
    """

    workflow: str
    attempt: int
    state: RunState
    locator: str
    has_store: bool | None
    started: float
    ended: float | None
    error: str
    host: str
    pid: int
    command: list[str]
    directory: str
    batch_system: str

    def to_dict(self) -> dict[str, Any]:
        """Return the run as JSON can hold it."""
        return {**self._asdict(), "state": self.state.value}


def read_runs(directory: str = "") -> list[Run]:
    """Return the runs that left notes, the latest first; files that are not such notes are passed over.

    :param directory: where the notes are, if not where this machine keeps them.
    """
    directory = directory or history_dir()
    try:
        names = sorted((name for name in os.listdir(directory) if name.endswith(ENDING)), reverse=True)
    except FileNotFoundError:
        return []
    runs = (_read(os.path.join(directory, name)) for name in names)
    return [run for run in runs if run is not None]


def _read(path: str) -> Run | None:
    try:
        locked = is_locked(path)
        with open(path, "rb") as stream:
            lines = stream.read().split(b"\n")
        began = json.loads(lines[0])
        ended = _ending(lines[1:])
        state = _state(began, ended, locked)
        return Run(
            str(began["workflow"]),
            int(began["attempt"]),
            state,
            str(began["locator"]),
            _has_store(str(began["locator"])),
            float(began["started"]),
            float(ended["ended"]) if ended is not None else None,
            str(ended["error"]) if ended is not None else "",
            str(began["host"]),
            int(began["pid"]),
            [str(word) for word in began["command"]],
            str(began["directory"]),
            str(began["batch_system"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _ending(lines: list[bytes]) -> dict[str, Any] | None:
    """Return the note of how a run ended, if it is there and whole."""
    for line in lines:
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict) and "ended" in found:
            return found
    return None


def _state(began: dict[str, Any], ended: dict[str, Any] | None, locked: bool | None) -> RunState:
    if ended is not None:
        error = str(ended["error"])
        if not error:
            return RunState.SUCCEEDED
        return RunState.INTERRUPTED if error.startswith(_INTERRUPTIONS) else RunState.FAILED
    if locked:
        return RunState.RUNNING
    if began["host"] != os.uname().nodename:
        # Locks of other machines do not show on every file system.
        return RunState.UNKNOWN
    if locked is None and _exists(int(began["pid"])):
        return RunState.RUNNING
    return RunState.INTERRUPTED


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _has_store(locator: str) -> bool | None:
    scheme, _, path = locator.partition(":")
    return os.path.isdir(path) if scheme == "file" else None
