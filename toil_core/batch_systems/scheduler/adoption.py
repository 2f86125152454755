"""After a restart: which tasks of earlier leaders the scheduler still has, so that their jobs are not run twice."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from toil_core.batch_systems.scheduler.commands import CommandFailed
from toil_core.batch_systems.scheduler.dialect import SchedulerDialect
from toil_core.batch_systems.scheduler.journal import Entry, Journal
from toil_core.batch_systems.scheduler.live_tasks import LiveTask
from toil_core.batch_systems.scheduler.pace import Backoff
from toil_core.batch_systems.scheduler.tasks import TaskState, TaskStatus

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")
#: A task has to be left out of so many answers until it is taken to be over.
_LOOKS = 3


class Adoption:
    """Tasks that go on for jobs of an earlier leader.

    :param dialect: how to talk to the scheduler.
    :param journal: what earlier leaders have handed over.
    :param status_file: returns where a task of a submission notes its exit status, or an empty string.
    """

    def __init__(self, dialect: SchedulerDialect, journal: Journal, status_file: Callable[[str, int], str]) -> None:
        self._dialect = dialect
        self._journal = journal
        self._status_file = status_file
        self._by_job: dict[str, LiveTask] = {}

    def take(self, job: str) -> LiveTask | None:
        """Return the task that carries out a job already, or None; a second call returns None."""
        return self._by_job.pop(job, None)

    def job_went_on_with(self, job: str, successor: str) -> None:
        """Take note that the worker of a job that is done went on with another one."""
        task = self._by_job.pop(job, None)
        if task is not None:
            self._by_job[successor] = task

    def find(self) -> list[LiveTask]:
        """Ask the scheduler, as long as it takes for it to answer, and return the tasks that it still has."""
        entries = self._entries()
        tasks = [
            (self._dialect.task_id(entry.submission, index, len(entry.tasks)), entry, index)
            for entry in entries
            for index in range(len(entry.tasks))
        ]
        statuses = self._statuses([identifier for identifier, _, _ in tasks]) if tasks else {}
        found, alive = [], set()
        for identifier, entry, index in tasks:
            status = statuses.get(identifier)
            if status is None or status.state is TaskState.ENDED:
                continue
            jobs = entry.tasks[index]
            task = LiveTask(identifier, entry.name, index, [], is_bundle=len(jobs) > 1)
            task.status_path = self._status_file(entry.name, index)
            task.see(status)
            self._by_job.update(dict.fromkeys(jobs, task))
            found.append(task)
            alive.add(entry.name)
        self._journal.forget(entry.name for entry in entries if entry.name not in alive)
        if found:
            what = (
                "1 task of this workflow; it goes"
                if len(found) == 1
                else f"{len(found)} tasks of this workflow; they go"
            )
            logger.info("%s still has %s on.", self._dialect.title, what)
        return found

    def _entries(self) -> list[Entry]:
        """Return the submissions of earlier leaders, without those that never reached the scheduler."""
        entries = self._journal.entries()
        without = [entry.name for entry in entries if not entry.submission]
        found = self._insist(lambda: self._dialect.find(without)) if without else {}
        for name in without:
            if name not in found:
                self._journal.forget([name])
        named = [entry._replace(submission=entry.submission or found.get(entry.name, "")) for entry in entries]
        return [entry for entry in named if entry.submission]

    def _statuses(self, identifiers: list[str]) -> dict[str, TaskStatus]:
        statuses: dict[str, TaskStatus] = {}
        for look in range(_LOOKS):
            missing = [one for one in identifiers if one not in statuses]
            if missing and look:
                time.sleep(0.5)
            if missing:
                statuses.update(self._insist(lambda: {**self._dialect.poll(missing)}))  # noqa: B023 - called at once
                gone = [one for one in missing if one not in statuses]
                statuses.update(self._insist(lambda: {**self._dialect.look_back(gone)}))  # noqa: B023 - likewise
        return statuses

    def _insist(self, ask: Callable[[], Answer]) -> Answer:
        backoff = Backoff()
        while True:
            try:
                return ask()
            except CommandFailed as error:
                title = self._dialect.title
                logger.warning("Waiting for %s to tell what is left of the last run. (%s)", title, error.message)
                time.sleep(backoff.failed())
