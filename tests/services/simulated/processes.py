"""The processes of simulated jobs: starting one in a session of its own, and seeing to all that belong to it."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
from pathlib import Path
from typing import IO

from .model import Launch

PAGE = os.sysconf("SC_PAGE_SIZE")
SESSION, RSS = 3, 21
"""Where they stand in /proc/PID/stat, counted from after the command's name."""


def start(launch: Launch) -> subprocess.Popen[bytes]:
    """Start a process in a new session.

    :raises OSError: the directory, an output file or the program is not there.
    """
    mode = "ab" if launch.append else "wb"
    with open(launch.stdin, "rb") as stdin, open(launch.stdout, mode) as stdout:
        same = launch.stderr is None or launch.stderr == launch.stdout
        stderr: IO[bytes] = stdout if same else open(str(launch.stderr), mode)  # noqa: SIM115
        try:
            return subprocess.Popen(
                launch.arguments,
                env=dict(launch.environment),
                cwd=launch.directory,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
        finally:
            if not same:
                stderr.close()


def reap(process: subprocess.Popen[bytes]) -> tuple[int, int, int, float] | None:
    """What became of a process, if it has ended: exit status, signal, largest memory in bytes, seconds of CPU.

    The memory is 0 where it is not more than this process's own, which a child counts as its own until it executes.
    """
    pid, status, usage = os.wait4(process.pid, os.WNOHANG)
    if pid == 0:
        return None
    code = os.waitstatus_to_exitcode(status)
    process.returncode = code
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak = usage.ru_maxrss * 1024 if usage.ru_maxrss > own + 1024 else 0
    return max(code, 0), max(-code, 0), peak, usage.ru_utime + usage.ru_stime


def members() -> dict[int, list[tuple[int, int]]]:
    """For each session on this machine, its processes and the bytes of memory of each."""
    sessions: dict[int, list[tuple[int, int]]] = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            text = Path("/proc", name, "stat").read_text(errors="replace")
        except OSError:
            continue  # it has just ended
        words = text.rpartition(")")[2].split()
        sessions.setdefault(int(words[SESSION]), []).append((int(name), int(words[RSS]) * PAGE))
    return sessions


def kill(*sessions: int, number: int = signal.SIGKILL) -> None:
    """Send a signal to every process of some sessions."""
    here = members() if sessions else {}
    for session in sessions:
        for pid, _ in here.get(session, []):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
