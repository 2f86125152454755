"""A single-machine batch system whose jobs are snippets of Python, and means to look at processes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from toil_core.batch_systems.exits import UpdatedBatchJobInfo
from toil_core.batch_systems.single_machine import SingleMachineBatchSystem
from toil_core.jobs.description import JobDescription
from toil_core.jobs.requirements import Allocation
from toil_core.jobs.segments import BodyPlace
from toil_core.options.config import Config
from toil_core.worker.order import WorkOrder

ROOT = Path(__file__).parent.parent.parent
CONTEXT = "tests.batch_systems.stubs:Context"
RUN_ORDER = "tests.batch_systems.stubs:run_order"
PATIENCE = 20.0


class Machine:
    """A batch system under test.

    :param system: the batch system.
    :param config: its configuration.
    :param locator: the job store's locator in orders.
    """

    def __init__(self, system: SingleMachineBatchSystem, config: Config, locator: str) -> None:
        self.system = system
        self.config = config
        self.locator = locator

    def description(self, code: str = "", command: str | None = None, **needs: Any) -> JobDescription:
        needs = {"cores": 1, "memory": 1 << 20, "disk": 1 << 20, **needs}
        description = JobDescription(needs, "job", command=command)
        description.assignConfig(self.config)
        description.jobStoreID = "segment-7"
        if command is None:
            allocation = Allocation(1, 1 << 20, 1 << 20)
            place = BodyPlace(0, 0)
            order = WorkOrder(self.locator, "segment-7", code, 1, place, allocation, True, "some:Class")
            description.order = order
        return description

    def issue(self, code: str = "", environment: dict[str, str] | None = None, **needs: Any) -> int:
        return self.system.issueBatchJob(self.description(code, **needs), environment)

    def next(self) -> UpdatedBatchJobInfo:
        news = self.system.getUpdatedBatchJob(PATIENCE)
        assert news is not None, "no job ended in time"
        return news

    def run(self, code: str = "", **needs: Any) -> UpdatedBatchJobInfo:
        number = self.issue(code, **needs)
        news = self.next()
        assert news.jobID == number
        return news


def eventually(condition: Callable[[], Any], what: str) -> Any:
    """Wait until a condition is true and return what it returned."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.01)
    return found


def is_alive(pid: int) -> bool:
    """Return whether a process exists and is not a zombie."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] != b"Z"
    except FileNotFoundError:
        return False


def read_pid(path: Path) -> int:
    """Wait until a job has written a process ID to a file, and return it."""
    return int(eventually(lambda: path.exists() and path.read_text().endswith("\n") and path.read_text(), f"{path}"))


def kill(pid: int) -> None:
    """Kill a process the way the kernel does."""
    os.kill(pid, signal.SIGKILL)
