"""The processes that run containers in the foreground: waiting for one, within a time, and finding those of a name.

Each carries the container's name in its environment, so that another process can end it and all that it started after
the one that waited for it is gone.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from toil_core import tails
from toil_core.containers.engine import ContainerSpec, ContainerState, Engine
from toil_core.containers.streams import open_streams

if TYPE_CHECKING:
    import psutil

#: The variable that holds the container's name.
MARK = "TOIL_CONTAINER_NAME"
#: What shells add to the number of a signal to make a status.
_BY_SIGNAL = 128
#: The longest that the standard library can wait for a process, in seconds.
LONGEST = 2_000_000
#: How much of the end of a file is looked at for an engine's complaint, in bytes.
_TAIL = 4096


class ProcessesOfThisMachine(Engine):
    """An engine whose containers are no more than marked processes, and are gone when these have ended."""

    def state(self, container: str) -> ContainerState:
        return ContainerState.RUNNING if are_running(container) else ContainerState.ABSENT

    def stop(self, container: str, grace: int = 10) -> None:
        end_processes(container, grace)

    def kill(self, container: str) -> None:
        end_processes(container)

    def remove(self, container: str) -> None:
        end_processes(container)


def run_in_foreground(
    arguments: Sequence[str],
    spec: ContainerSpec,
    environment: Mapping[str, str],
    timeout: float | None,
    cut_off: Callable[[], None],
    directory: str | None = None,
) -> int | None:
    """Run a command to its end, with the files that a spec names as its standard input and output.

    :param environment: all of its variables.
    :param timeout: how many seconds it may take.
    :param cut_off: called to end it when its time is over, or when this process is interrupted.
    :param directory: where it starts, by default the current directory.
    :raises ContainerNotStarted: if a file cannot be opened.
    :raises OSError: if the command cannot be started.
    :returns: its status as in shells, or None if its time was over.
    """
    marked = {**environment, MARK: spec.name} if spec.name else dict(environment)
    with open_streams(spec) as (stdin, stdout, stderr):
        process = subprocess.Popen(
            arguments,
            env=marked,
            cwd=directory,
            stdin=subprocess.DEVNULL if stdin is None else stdin,
            stdout=stdout,
            stderr=stderr,
        )
        try:
            status: int | None = process.wait(None if timeout is None or timeout > LONGEST else timeout)
        except BaseException as error:
            cut_off()
            process.kill()
            process.wait()
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
            return None
    assert status is not None
    return _BY_SIGNAL - status if status < 0 else status


def end_of(path: str | None) -> bytes:
    """Return the end of a file; nothing if it is not there."""
    return b"" if path is None else tails.end_of(path, _TAIL)


def are_running(name: str) -> bool:
    """Return whether there are processes of the container of some name."""
    return next(_of(name), None) is not None


def end_processes(name: str, grace: float = 0) -> None:
    """End the processes of the container of some name, and all that they started.

    :param grace: how many seconds they are given to end when they are asked to, before they are killed.
    """
    import psutil

    if grace:
        asked = list(_of(name))
        for process in asked:
            with suppress(psutil.Error):
                process.terminate()
        psutil.wait_procs(asked, timeout=grace)
    # A process may start another while it is looked for.
    while found := _with_descendants(_of(name)):
        for process in found:
            with suppress(psutil.Error):
                process.kill()
        if psutil.wait_procs(found, timeout=1)[1] == found:
            return


def _of(name: str) -> Iterator[psutil.Process]:
    import psutil

    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(MARK) == name:
                yield process


def _with_descendants(processes: Iterator[psutil.Process]) -> list[psutil.Process]:
    import psutil

    found = {}
    for process in processes:
        found[process.pid] = process
        with suppress(psutil.Error):
            found.update((child.pid, child) for child in process.children(recursive=True))
    return list(found.values())
