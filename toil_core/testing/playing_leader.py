"""`PlayedLeader`: what clauses on batch systems use in place of the leader, to issue shell commands and hear news."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from toil_core.batch_systems.abstract import AbstractBatchSystem
from toil_core.batch_systems.exits import UpdatedBatchJobInfo
from toil_core.job_stores.file import FileStorage
from toil_core.job_stores.notebook import StoredNotebook
from toil_core.jobs.description import JobDescription
from toil_core.observe.bus import MessageBus
from toil_core.observe.events import JobStarted

#: What jobs ask for unless a clause wants something else: little enough for any machine.
NEEDS: Mapping[str, Any] = {"cores": 1, "memory": 64 << 20, "disk": 1 << 20}
#: Jobs that go on until they are killed end by themselves after about so many seconds, so that none is left behind.
LONGEST = 300


class PlayedLeader:
    """Issues jobs to a batch system, as the leader does, and keeps all that it hears.

    :param batch_system: what runs the jobs.
    :param directory: a directory that jobs see, too.
    :param patience: how many seconds to wait for anything.
    """

    def __init__(self, batch_system: AbstractBatchSystem, directory: Path, patience: float) -> None:
        self.batch_system = batch_system
        self.directory = directory
        self.patience = patience
        #: All news so far, in order.
        self.news: list[UpdatedBatchJobInfo] = []
        #: All starts that were announced so far.
        self.starts: list[JobStarted] = []
        self._is_over = False
        bus = MessageBus()
        bus.subscribe(JobStarted, self.starts.append)
        batch_system.set_message_bus(bus)
        batch_system.set_notebook(notebook_in(directory))

    # Issuing

    def describe(self, command: str, job: str = "", **needs: Any) -> JobDescription:
        """Return the description of a job that is a shell command.

        :param job: its ID in the job store; by default one that no other job has.
        :param needs: requirements that differ from `NEEDS`.
        """
        return described(self.batch_system, command, job or f"job-{time.monotonic_ns():x}", **needs)

    def issue(self, command: str, environment: dict[str, str] | None = None, **needs: Any) -> int:
        """Issue a shell command, and return its number.

        :param environment: variables for this job only.
        :param needs: requirements that differ from `NEEDS`.
        """
        return self.batch_system.issueBatchJob(self.describe(command, **needs), environment)

    def issue_endless(self, name: str = "beat") -> tuple[int, Path]:
        """Issue a job that goes on until it is killed, and return its number and the file that it keeps adding to."""
        path = self.directory / name
        return self.issue(endless(path)), path

    # Listening

    def listen(self, seconds: float) -> None:
        """Hear news for some time."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._hear(left)

    def until(self, condition: Callable[[], Any], what: str) -> None:
        """Hear news until a condition holds.

        :param what: what is waited for, the end of a sentence.
        """
        deadline = time.monotonic() + self.patience
        while not condition():
            assert time.monotonic() < deadline, f"after {self.patience:g} seconds, not yet: {what}"
            self._hear(0.1)

    def end_of(self, number: int) -> UpdatedBatchJobInfo:
        """Hear news until a job has ended, and return the news of it."""
        self.until(lambda: number in self.ended(), f"the end of job {number}")
        return next(news for news in self.news if news.jobID == number)

    def until_running(self, number: int) -> None:
        """Hear news until a job runs."""
        self.until(lambda: number in self.batch_system.getRunningBatchJobIDs(), f"job {number} is among those that run")

    def until_written(self, path: Path) -> None:
        """Hear news until a job has written to a file."""
        until_written(path, self.patience, self.listen)

    def until_still(self, path: Path) -> None:
        """Hear news until nothing is added to the file of an endless job any more."""
        until_still(path, self.patience, self.listen)

    def ended(self) -> list[int]:
        """Return the numbers of all jobs whose end was told, as often as it was."""
        return [news.jobID for news in self.news]

    def shut_down(self) -> None:
        """Shut the batch system down, unless that was done already."""
        if not self._is_over:
            self._is_over = True
            self.batch_system.shutdown()

    def _hear(self, seconds: float) -> None:
        news = self.batch_system.getUpdatedBatchJob(seconds)
        # A job that is only out of sight goes on until there is certain news: it has no record in a job store here.
        if news is not None and news.is_certain:
            self.news.append(news)


def notebook_in(directory: Path) -> StoredNotebook:
    """Return a notebook that all leaders share which are played in a directory."""
    storage = FileStorage(str(directory / "notes"))
    if not os.path.isdir(storage.name):
        storage.create()
    storage.open()
    return StoredNotebook(storage)


def described(batch_system: AbstractBatchSystem, command: str, job: str, **needs: Any) -> JobDescription:
    """Return the description of a job that is a shell command, ready to be issued.

    :param job: its ID in the job store.
    :param needs: requirements that differ from `NEEDS`.
    """
    description = JobDescription({**NEEDS, **needs}, "contract", command=command)
    description.jobStoreID = job
    description.assignConfig(batch_system.config)
    return description


def endless(path: Path) -> str:
    """Return a command that keeps adding to a file."""
    return f"i=0; while [ $i -lt {LONGEST * 10} ]; do i=$((i + 1)); echo >> {shlex.quote(str(path))}; sleep 0.1; done"


def until_written(path: Path, patience: float, pause: Callable[[float], None] = time.sleep) -> None:
    """Wait until a file has content.

    :param patience: how many seconds to wait at most.
    :param pause: lets seconds pass.
    """
    deadline = time.monotonic() + patience
    while _size(path) == 0:
        assert time.monotonic() < deadline, f"after {patience:g} seconds no job has written to {path}"
        pause(0.1)


def until_still(path: Path, patience: float, pause: Callable[[float], None] = time.sleep) -> None:
    """Wait until nothing is added to the file of an endless job any more.

    :param patience: how many seconds to wait at most.
    :param pause: lets seconds pass.
    """
    deadline = time.monotonic() + patience
    before = -1
    while before != (before := _size(path)):
        assert time.monotonic() < deadline, f"after {patience:g} seconds the job still runs"
        pause(1.0)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
