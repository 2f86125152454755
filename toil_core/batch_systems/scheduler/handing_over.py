"""Handing jobs over to the scheduler: what becomes one submission, and what becomes of a submission that fails."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

from toil_core.batch_systems.bundling import Bundling
from toil_core.batch_systems.errors import BatchSystemError
from toil_core.batch_systems.scheduler.commands import CommandFailed, Runner, Trouble
from toil_core.batch_systems.scheduler.dialect import SchedulerDialect
from toil_core.batch_systems.scheduler.grouping import Array, Pilots, group, split
from toil_core.batch_systems.scheduler.jobs import IssuedJob, Needs
from toil_core.batch_systems.scheduler.journal import Entry, Journal
from toil_core.batch_systems.scheduler.live_tasks import LiveTask
from toil_core.batch_systems.scheduler.pace import Backoff
from toil_core.batch_systems.scheduler.script import Work, Worker, write_script
from toil_core.batch_systems.scheduler.tasks import Submission

logger = logging.getLogger(__name__)

#: Jobs of a bundle that have not begun when it has taken so many times as long as it should are given to others.
_PATIENCE = 2
_LEAST_PATIENCE = 5.0
#: How long a task is in a script beside its work orders and its environment, about.
_BYTES_OF_TASK = 400


class UnreadableAnswer(BatchSystemError):
    """A submit command printed something in which there is no ID.

    :param scheduler: what people call the scheduler.
    :param command: what was run.
    :param output: what it printed.
    """

    def __init__(self, scheduler: str, command: str, output: str) -> None:
        super().__init__(
            f"{scheduler} took a job, but its answer has no ID in it: {' '.join(output.split()) or 'it is empty'}.",
            f"Cancel that job by hand, and see what this command prints besides the ID: {command}",
        )


class Place(NamedTuple):
    """Where submissions go by name, and their output by file.

    :ivar prefix: what the names of all submissions of this run begin with.
    :ivar output_directory: where files for output go; empty if output is not wanted.
    :ivar directory: where other files go.
    :ivar worker: where nodes find the worker.
    """

    prefix: str
    output_directory: str
    directory: str
    worker: Worker

    def status_file(self, name: str, index: int) -> str:
        """Return where a task notes its exit status.

        :param name: its submission.
        :param index: which of the submission's tasks it is.
        """
        return os.path.join(self.directory, f"{name}.{index}.status")


class _Prepared(NamedTuple):
    """A submission with the jobs in it."""

    submission: Submission
    tasks: list[tuple[int, ...]]
    jobs: list[IssuedJob]

    def ids(self) -> list[dict[int, str]]:
        """Return the job store's IDs of the jobs of each task, by their numbers."""
        by_number = {job.number: job.job for job in self.jobs}
        return [{number: by_number[number] for number in numbers} for numbers in self.tasks]


class HandingOver:
    """Keeps jobs until the scheduler has taken them.

    :param dialect: how to talk to the scheduler.
    :param runner: runs its commands.
    :param journal: where submissions are noted.
    :param bundling: decides what is bundled.
    :param taken: called with each task that the scheduler has taken.
    :param refused: called with each job that it will never take, why, and what else people want to know.
    """

    def __init__(
        self,
        dialect: SchedulerDialect,
        runner: Runner,
        journal: Journal,
        bundling: Bundling,
        place: Place,
        taken: Callable[[LiveTask], None],
        refused: Callable[[IssuedJob, str, str], None],
    ) -> None:
        self._dialect = dialect
        self._runner = runner
        self._journal = journal
        self._bundling = bundling
        self._place = place
        self._taken = taken
        self._refused = refused
        self._pilots = Pilots(bundling)
        self._waiting: dict[int, IssuedJob] = {}
        #: Submissions that were handed over without an answer: the scheduler may have them or not.
        self._uncertain: list[_Prepared] = []
        self._backoff = Backoff()
        self._not_before = 0.0
        self._array_limit = dialect.largest_array
        self._serial = 0
        self._held = 0
        #: How many tasks the last submission had.
        self._tried = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, job: IssuedJob) -> None:
        """Take a job; it waits until the next `submit`."""
        self._waiting[job.number] = job

    def withdraw(self, number: int) -> bool:
        """Forget a job that was not handed over; return whether it was here."""
        return self._waiting.pop(number, None) is not None

    def give_up(self) -> None:
        """Hand nothing over any more, and find out which submissions without an answer are to be cancelled."""
        self._waiting.clear()
        try:
            self._settle_uncertain()
        except CommandFailed as error:
            names = ", ".join(one.submission.name for one in self._uncertain)
            logger.warning("%s may still have %s: it does not tell. (%s)", self._dialect.title, names, error.message)

    def make_room(self) -> None:
        """Take note that tasks have ended, so that a queue that was full may have room again."""
        self._not_before = min(self._not_before, time.monotonic() + 1.0)

    def submit(self) -> float | None:
        """Hand over what can be, now.

        :returns: in how many seconds to call this again; None if there is nothing left to be handed over.
        """
        if not self._waiting and not self._uncertain:
            return None
        now = time.monotonic()
        if now < self._not_before:
            return self._not_before - now
        try:
            self._settle_uncertain()
            until = self._submit_arrays(now)
        except CommandFailed as error:
            return self._put_off(error)
        self._array_limit = self._dialect.largest_array
        if self._backoff.succeeded():
            logger.info("%s takes jobs again.", self._dialect.title)
        return None if until is None else max(0.0, until - time.monotonic())

    def _put_off(self, error: CommandFailed) -> float:
        if self._dialect.trouble(error) is Trouble.FULL and self._tried > 1:
            # There may be room for some of them.
            self._array_limit = self._tried // 2
            return 0.0
        first_time = not self._backoff.is_backing_off
        pause = self._backoff.failed()
        self._not_before = time.monotonic() + pause
        title, count = self._dialect.title, len(self._waiting)
        if self._dialect.trouble(error) is Trouble.FULL:
            what = f"{title} has no room for more jobs at the moment"
        else:
            what = f"{title} does not answer"
        level = logging.WARNING if first_time else logging.DEBUG
        logger.log(level, "%s; %d jobs wait to be handed over, nothing is lost. (%s)", what, count, error.message)
        return pause

    def _submit_arrays(self, now: float) -> float | None:
        waiting = [job.waiting for job in self._waiting.values()]
        chosen, until = self._pilots.choose(waiting, now)
        held = len(waiting) - len(chosen)
        if held > self._held:
            logger.info("%d jobs wait for the first of their kind, to be bundled if these are short.", held)
        self._held = held
        self._array_limit = min(self._array_limit, self._dialect.array_limit()) if self._dialect.array_index else 1
        for array in group(chosen, self._bundling, self._slots, self._array_limit):
            for part in split(array, self._bytes_in_script, self._dialect.largest_script):
                self._hand_over(self._prepare(part))
        return until

    def _slots(self, needs: Hashable) -> int:
        assert isinstance(needs, Needs)
        return self._dialect.slots(self._submission(needs, "", 1, [], ""))

    def _bytes_in_script(self, task: tuple[int, ...]) -> int:
        jobs = [self._waiting[number] for number in task]
        environment = sum(len(name) + len(value) for name, value in jobs[0].needs.environment)
        orders = sum(len(job.order.to_json() if job.order is not None else job.command) for job in jobs)
        return _BYTES_OF_TASK + 2 * environment + orders

    def _prepare(self, array: Array) -> _Prepared:
        assert isinstance(array.needs, Needs)
        jobs = [self._waiting[number] for number in array.numbers()]
        self._serial += 1
        kind = re.sub(r"[^A-Za-z0-9]+", "_", jobs[0].name)[:20]
        name = f"{self._place.prefix}-{self._serial}-{kind}"
        works = [self._work(name, index, numbers) for index, numbers in enumerate(array.tasks)]
        dialect = self._dialect
        script = write_script(
            works, dict(array.needs.environment), self._place.worker, dialect.array_index, dialect.first_index
        )
        submission = self._submission(array.needs, name, len(works), jobs, script)
        if any(len(numbers) > 1 for numbers in array.tasks) and submission.wall_time:
            submission = submission._replace(wall_time=submission.wall_time + self._bundling.target)
        return _Prepared(submission, array.tasks, jobs)

    def _submission(self, needs: Needs, name: str, size: int, jobs: Sequence[IssuedJob], script: str) -> Submission:
        title = jobs[0].name if jobs else ""
        first = jobs[0].job if jobs else ""
        return Submission(
            name,
            title,
            size,
            needs.allocation,
            needs.allocation.wall_time,
            script,
            dict(needs.environment),
            first,
            self._place.output_directory,
            self._place.directory,
        )

    def _work(self, name: str, index: int, numbers: Sequence[int]) -> Work:
        jobs = [self._waiting[number] for number in numbers]
        status_file = self.status_file(name, index)
        if jobs[0].order is None:
            return Work(command=jobs[0].command, status_file=status_file)
        orders = [job.order for job in jobs if job.order is not None]
        patience = max(_LEAST_PATIENCE, _PATIENCE * self._bundling.target)
        return Work(orders, "", self._journal.return_key(name, index), patience, status_file)

    def status_file(self, name: str, index: int) -> str:
        """Return where a task notes its exit status, or an empty string where the scheduler tells it."""
        return "" if self._dialect.tells_exit else self._place.status_file(name, index)

    def _hand_over(self, prepared: _Prepared) -> None:
        submission = prepared.submission
        complaint = self._dialect.unsatisfiable(submission)
        if complaint:
            self._refuse(prepared, complaint)
            return
        self._note(prepared, "")
        self._tried = submission.size
        command = self._dialect.submit_command(submission)
        try:
            output = self._runner.run(command)
        except CommandFailed as error:
            trouble = self._dialect.trouble(error)
            if trouble is Trouble.REFUSED:
                self._journal.forget([submission.name])
                said = " ".join(error.output.split()) or f"exit status {error.status}"
                self._refuse(prepared, f"{self._dialect.title} refused it: {said}", f"The command was: {command}")
                return
            if trouble is Trouble.UNREACHABLE:
                self._uncertain.append(prepared)
            else:
                self._journal.forget([submission.name])
            raise
        try:
            identifier = self._dialect.submission_id(output)
        except ValueError:
            self._uncertain.append(prepared)
            raise UnreadableAnswer(self._dialect.title, str(command), output) from None
        self._accepted(prepared, identifier)

    def _settle_uncertain(self) -> None:
        """Find out which submissions that had no answer were taken all the same."""
        if not self._uncertain:
            return
        found = self._dialect.find([one.submission.name for one in self._uncertain])
        for prepared in list(self._uncertain):
            self._uncertain.remove(prepared)
            name = prepared.submission.name
            if name in found:
                self._accepted(prepared, found[name])
            else:
                self._journal.forget([name])

    def _accepted(self, prepared: _Prepared, identifier: str) -> None:
        self._note(prepared, identifier)
        submission, dialect = prepared.submission, self._dialect
        for index, ids in enumerate(prepared.ids()):
            still = [number for number in ids if self._waiting.pop(number, None) is not None]
            task = dialect.task_id(identifier, index, submission.size)
            path = dialect.error_file(submission, task, index) if submission.output_directory else ""
            live = LiveTask(task, submission.name, index, still, is_bundle=len(ids) > 1)
            live.job_ids = ids
            live.error_path, live.status_path = path, self.status_file(submission.name, index)
            self._taken(live)
        logger.info("%s", self._in_words(prepared, identifier))

    def _in_words(self, prepared: _Prepared, identifier: str) -> str:
        count, size = len(prepared.jobs), prepared.submission.size
        kinds = sorted({job.name for job in prepared.jobs})
        named = ", ".join(repr(kind) for kind in kinds[:3]) + (" and others" if len(kinds) > 3 else "")
        what = f"1 job ({named})" if count == 1 else f"{count} jobs ({named})"
        how = "" if size == 1 else f", an array of {size} tasks"
        if size < count:
            how += ", bundled since such jobs are short"
        return f"{self._dialect.title} has taken {what} as {identifier}{how}."

    def _refuse(self, prepared: _Prepared, why: str, more: str = "") -> None:
        for job in prepared.jobs:
            if self._waiting.pop(job.number, None) is not None:
                self._refused(job, why.rstrip(". "), more)

    def _note(self, prepared: _Prepared, identifier: str) -> None:
        tasks = [list(ids.values()) for ids in prepared.ids()]
        self._journal.write(Entry(prepared.submission.name, identifier, tasks))
