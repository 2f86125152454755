"""What the system and the loaded libraries say about forking this process."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def process_control() -> Callable[[int, int], Any] | None:
    """Return the system call that ties a child's life to its parent's, where there is one."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        import ctypes

        control = ctypes.CDLL(None).prctl
    except (ImportError, OSError, AttributeError):
        return None
    control.argtypes = (ctypes.c_int, ctypes.c_ulong)
    found: Callable[[int, int], Any] = control
    return found


def obstacle_to_forking() -> str:
    """Return why this process must not be forked, or nothing."""
    if not hasattr(os, "fork"):
        return "this system cannot fork"
    threading = sys.modules.get("threading")
    if threading is not None and threading.active_count() > 1:
        names = ", ".join(thread.name for thread in threading.enumerate() if thread is not threading.main_thread())
        return f"loading the user's module started threads ({names})"
    try:
        count = len(os.listdir("/proc/self/task"))
    except OSError:
        return ""
    return "loading the user's module started threads outside Python" if count > 1 else ""


def has_tuned_libraries() -> bool:
    """Return whether a library is loaded that has taken its number of threads from the environment for good."""
    try:
        with open("/proc/self/maps", "rb") as maps:
            text = maps.read()
    except OSError:
        return "numpy" in sys.modules
    return any(name in text for name in (b"openblas", b"libgomp", b"libomp", b"libiomp", b"libmkl", b"libblis"))
