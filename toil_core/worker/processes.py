"""Killing processes, and finding those that are left."""

from __future__ import annotations

import os
import signal
import time


def kill_group(group: int) -> None:
    """Kill all processes of a process group, if there are any."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass  # Some systems refuse to signal a group of which only zombies are left.


def group_exists(group: int) -> bool:
    """Return whether a process group has any process."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def wait_until_gone(groups: list[int], timeout: float) -> bool:
    """Wait until process groups that have been killed are empty.

    :param timeout: how many seconds to wait at most; a process that hangs in the kernel cannot be waited for.
    :returns: whether they are.
    """
    deadline = time.monotonic() + timeout
    while any(group_exists(group) for group in groups):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.002)
    return True


def session_members(session: int) -> list[int]:
    """Return the processes of a session, zombies left out; an empty list where the system does not tell."""
    found = []
    try:
        names = os.listdir("/proc")
    except OSError:
        return []
    for name in names:
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                state, _, _, its_session = file.read().rpartition(b")")[2].split()[:4]
        except (OSError, ValueError):
            continue
        if int(its_session) == session and state != b"Z":
            found.append(int(name))
    return found


def kill_session(session: int, timeout: float) -> bool:
    """Kill all processes of a session whose first process is dead, and wait until they are gone.

    :param timeout: how many seconds to wait at most.
    :returns: whether they are.
    """
    deadline = time.monotonic() + timeout
    while left := session_members(session):
        if time.monotonic() > deadline:
            return False
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        time.sleep(0.002)
    return True


def kill_orphans() -> None:
    """Kill all children of this process, and theirs in turn as far as the system hands them down to it."""
    while True:
        try:
            with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as children:
                orphans = [int(pid) for pid in children.read().split()]
        except OSError:
            return
        for pid in orphans:
            os.kill(pid, signal.SIGKILL)
        try:
            for pid in orphans:
                os.waitpid(pid, 0)
        except ChildProcessError:
            return
        if not orphans:
            return


def birth_of(pid: int) -> str:
    """Return what tells a process from others that had, or will have, its ID: when it began.

    :returns: nothing for a process that has ended.
    """
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        return "" if fields[0] == b"Z" else fields[19].decode("ascii")
    except ProcessLookupError:
        return ""
    except FileNotFoundError:
        if os.path.isdir("/proc/self"):
            return ""
    import psutil

    try:
        process = psutil.Process(pid)
        return "" if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.0f}"
    except psutil.Error:
        return ""
