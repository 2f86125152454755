"""What a zygote loads in these tests instead of a workflow: an order's name is the Python code to run."""

from __future__ import annotations

import os
import signal
import threading
import time
from types import SimpleNamespace
from typing import Any

LOADS = 0


class Context:
    """A context without a job store; its locator tells what goes wrong when it is preloaded."""

    def __init__(self, locator: str, implementation: str) -> None:
        self.locator = locator
        self.implementation = implementation
        self.current_log = bytes
        self.work_dir = "/tmp"
        self.config = SimpleNamespace(disableWorkerOutputCapture=False, maxLogFileSize=0)

    def preload(self) -> None:
        global LOADS
        LOADS += 1
        print("printed while loading", flush=True)
        if self.locator == "raise":
            raise ImportError("no module named 'nowhere'")
        if self.locator == "exit":
            raise SystemExit("usage: script.py FILE")
        if self.locator == "die":
            os.kill(os.getpid(), signal.SIGSEGV)
        if self.locator == "thread":
            threading.Thread(target=time.sleep, args=(600,), name="started-by-script", daemon=True).start()


def run_order(order: Any, context: Context) -> int:
    """Run the code in the order's name; it may set `status`."""
    scope = {"order": order, "context": context, "status": 0}
    exec(order.name, scope)  # noqa: S102 - the test itself wrote it
    return int(scope["status"])
