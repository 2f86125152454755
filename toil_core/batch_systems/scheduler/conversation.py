"""The thread that talks to the scheduler: it hands jobs over, asks what has become of them, and cancels.

Commands can take long, and the leader must not wait for them. Requests come through an inbox, as functions to call;
news leaves through `tell`. Everything in between belongs to this thread alone.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping

from toil_core.batch_systems.exits import EXIT_STATUS_UNAVAILABLE_VALUE, BatchJobExitReason, UpdatedBatchJobInfo
from toil_core.batch_systems.scheduler.commands import Command, CommandFailed, Runner, Trouble
from toil_core.batch_systems.scheduler.dialect import SchedulerDialect
from toil_core.batch_systems.scheduler.handing_over import HandingOver
from toil_core.batch_systems.scheduler.jobs import IssuedJob
from toil_core.batch_systems.scheduler.journal import Journal
from toil_core.batch_systems.scheduler.live_tasks import LiveTask, LiveTasks
from toil_core.batch_systems.scheduler.pace import Backoff, PollPace
from toil_core.batch_systems.scheduler.tasks import TaskState, TaskStatus
from toil_core.tails import end_of

logger = logging.getLogger(__name__)

#: How much of a task's standard error a failure quotes, in bytes.
_TAIL = 8192
#: Seconds after which a task that was cancelled and is still there is cancelled again.
_PATIENCE_WITH_CANCELLING = 10.0
#: Seconds that a bundle may run until it is looked whether its worker has given jobs back.
_LOOK_FOR_RETURNS_AFTER = 5.0


class Conversation:
    """Talks to one scheduler about the jobs of one workflow.

    :param dialect: how to talk to it.
    :param runner: runs its commands.
    :param journal: where submissions are noted.
    :param pace: how often to ask.
    :param tell: called with news of a job, or with an exception that ends the run; may be called by any thread.
    :param started: called with the number of a job that begins to run; likewise.
    """

    def __init__(
        self,
        dialect: SchedulerDialect,
        runner: Runner,
        journal: Journal,
        pace: PollPace,
        tell: Callable[[UpdatedBatchJobInfo | BaseException], None],
        started: Callable[[int], None],
    ) -> None:
        self._dialect = dialect
        self._runner = runner
        self._journal = journal
        self._pace = pace
        self._tell = tell
        self._started = started
        self._inbox: queue.Queue[Callable[[], None]] = queue.Queue()
        self._live = LiveTasks()
        self._to_cancel: dict[str, LiveTask] = {}
        self._backoff = Backoff()
        self._next_poll = 0.0
        self._next_submit: float | None = None
        self._closing = False
        self._has_failed = False
        #: Tasks that were cancelled, and whom to tell when they are gone.
        self._waiters: list[tuple[list[LiveTask], Callable[[], None]]] = []
        self._thread = self._new_thread()
        self._running: dict[int, float] = {}
        self._why_waiting = ""
        self.handing_over: HandingOver | None = None

    # What the leader's thread calls

    def start(self, handing_over: HandingOver) -> None:
        """Begin.

        :param handing_over: what hands jobs over; it calls `take` and `refuse`.
        """
        self.handing_over = handing_over
        self._thread.start()

    def ask(self, request: Callable[[], None]) -> None:
        """Have a function called in the thread, in the order in which they come."""
        self._inbox.put(request)

    def ask_and_wait(self, request: Callable[[Callable[[], None]], None], seconds: float) -> bool:
        """Have a function called in the thread, and wait until it, or what it began, says that it is done.

        :param request: called with the function that says so.
        :returns: whether it was done within the time.
        """
        done = threading.Event()
        self._inbox.put(lambda: request(done.set))
        deadline = time.monotonic() + seconds
        while not done.wait(0.1):
            if time.monotonic() > deadline or not self._thread.is_alive():
                return done.is_set()
        return True

    def running(self) -> dict[int, float]:
        """Return the jobs that run, with the seconds since they were started."""
        return self._running

    def why_waiting(self) -> str:
        """Return what holds jobs up in the scheduler's queue, or an empty string."""
        return self._why_waiting

    def close(self, seconds: float) -> list[str]:
        """Cancel everything, wait until it is gone, and end.

        :param seconds: how long to wait at most.
        :returns: the scheduler's IDs of tasks that may still be there.
        """
        self.ask(self._begin_to_close)
        if self._has_failed:
            # What was handed over before must not go on for nobody.
            self._thread.join()
            self._thread = self._new_thread()
            self._thread.start()
        if self._thread.is_alive():
            self._thread.join(seconds)
        return [task.task for task in self._live]

    # Requests, in the thread

    def submit(self) -> None:
        """Hand over what waits; the leader has issued all that it has for now."""
        self._next_submit = time.monotonic()

    def adopt(self, task: LiveTask) -> None:
        """Look after a task that an earlier leader has handed over."""
        self._live.add(task)

    def attach(self, job: IssuedJob, task: LiveTask) -> None:
        """Let a task that an earlier leader has handed over stand for a job that was issued again."""
        if task.end is not None:
            self._report(task, [job.number], task.end)
        else:
            self._live.attach(job.number, job.job, task)

    def let_go(self, task: LiveTask) -> None:
        """Cancel a task that an earlier leader has handed over, since nobody needs it."""
        if task.end is None:
            self._cancel(task)

    def kill(self, numbers: Iterable[int], done: Callable[[], None]) -> None:
        """Withdraw or cancel jobs; other jobs of the same bundles come back to be issued again."""
        assert self.handing_over is not None
        doomed = []
        for number in numbers:
            task = self._live.of_job(number)
            if not self.handing_over.withdraw(number) and task is not None:
                self._live.detach(number)
                self._cancel(task)
                doomed.append(task)
        self._pace.tasks_were_submitted()
        self._waiters.append((doomed, done))

    def take(self, task: LiveTask) -> None:
        """Look after a task that the scheduler has just taken."""
        self._live.add(task)
        self._pace.tasks_were_submitted()
        self._next_poll = time.monotonic() + self._pace.next()
        if not task.jobs:
            self._cancel(task)

    def refuse(self, job: IssuedJob, why: str, more: str) -> None:
        """Report a job that the scheduler will never take.

        :param why: the reason, in a sentence.
        :param more: what else is to be told, in further lines.
        """
        status, reason = EXIT_STATUS_UNAVAILABLE_VALUE, BatchJobExitReason.ERROR
        news = UpdatedBatchJobInfo(job.number, status, reason, detail=why, log=more.encode("utf-8"), is_final=True)
        self._tell(news)

    # The loop

    def _new_thread(self) -> threading.Thread:
        return threading.Thread(target=self._work, name=f"toil-{self._dialect.name}", daemon=True)

    def _work(self) -> None:
        try:
            while not (self._closing and not self._live):
                self._take_requests()
                self._talk()
        except BaseException as error:
            self._has_failed = True
            self._tell(error)

    def _take_requests(self) -> None:
        try:
            self._inbox.get(timeout=self._patience())()
            while True:
                self._inbox.get_nowait()()
        except queue.Empty:
            return

    def _patience(self) -> float | None:
        """Return how many seconds there is nothing to do, or None if there is nothing until someone asks."""
        due = [self._next_poll] if len(self._live) else []
        if self._next_submit is not None:
            due.append(self._next_submit)
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _talk(self) -> None:
        assert self.handing_over is not None
        if self._next_submit is not None and time.monotonic() >= self._next_submit:
            again = self.handing_over.submit()
            self._next_submit = None if again is None else time.monotonic() + again
        if len(self._live) and time.monotonic() >= self._next_poll:
            self._cancel_what_is_doomed()
            self._poll()
        self._tell_waiters()
        self._running = self._live.running()
        self._why_waiting = self._live.why_waiting()

    def _tell_waiters(self) -> None:
        waiting = []
        for tasks, done in self._waiters:
            if all(task.end is not None for task in tasks):
                done()
            else:
                waiting.append((tasks, done))
        self._waiters = waiting

    def _begin_to_close(self) -> None:
        assert self.handing_over is not None
        self._closing = True
        self._next_submit = None
        self._pace.tasks_were_submitted()
        self.handing_over.give_up()
        for task in self._live:
            self._cancel(task)

    # Asking

    def _poll(self) -> None:
        tasks = {task.task: task for task in self._live}
        try:
            statuses = self._ask_about(list(tasks))
        except CommandFailed as error:
            self._next_poll = time.monotonic() + self._no_answer(error)
            return
        except (ValueError, LookupError, SyntaxError) as error:
            garbled = CommandFailed(Command([self._dialect.title]), None, f"what it says cannot be understood: {error}")
            self._next_poll = time.monotonic() + self._no_answer(garbled)
            return
        if self._backoff.succeeded():
            logger.info("%s answers again.", self._dialect.title)
        changed = False
        for identifier, task in tasks.items():
            changed |= self._see(task, statuses.get(identifier))
        if changed:
            self._pace.tasks_have_ended()
            if self.handing_over is not None and len(self.handing_over):
                self.handing_over.make_room()
                self._next_submit = time.monotonic()
        self._next_poll = time.monotonic() + self._pace.next()

    def _ask_about(self, tasks: list[str]) -> Mapping[str, TaskStatus]:
        statuses = dict(self._dialect.poll(tasks))
        missing = [task for task in tasks if task not in statuses]
        if missing:
            statuses.update(self._dialect.look_back(missing))
        return statuses

    def _no_answer(self, error: CommandFailed) -> float:
        level = logging.DEBUG if self._backoff.is_backing_off else logging.WARNING
        title, count = self._dialect.title, len(self._live)
        fare = "1 job fares; it goes" if count == 1 else f"{count} jobs fare; they go"
        logger.log(level, "%s does not tell how %s on. (%s)", title, fare, error.message)
        return self._backoff.failed()

    def _see(self, task: LiveTask, status: TaskStatus | None) -> bool:
        """Take note of what the scheduler says, or does not say, of a task; return whether it is over."""
        if status is None:
            if not task.miss(self._dialect.history_delay) and not self._closing:
                self._say_that_it_is_gone(task)
                return False
            status = TaskStatus(TaskState.ENDED, None, BatchJobExitReason.MISSING)
        elif status.state is not TaskState.ENDED:
            began = status.state is TaskState.RUNNING and task.state is not TaskState.RUNNING
            task.see(status)
            if began and task.jobs:
                self._started(task.jobs[0])
            if task.is_doomed and time.monotonic() - task.cancelled_at > _PATIENCE_WITH_CANCELLING:
                self._cancel(task)
            if task.is_bundle and not task.has_given_back and task.seconds() > _LOOK_FOR_RETURNS_AFTER:
                self._take_back(task)
            return False
        numbers = list(task.jobs)
        self._to_cancel.pop(task.task, None)
        if self._live.end(task, status):
            self._journal.forget([task.name])
        self._report(task, numbers, status)
        return True

    def _say_that_it_is_gone(self, task: LiveTask) -> None:
        """Tell, once, that a task is out of sight: if its jobs are done, nobody has to wait for how it ended."""
        if not task.is_said_to_be_gone:
            task.is_said_to_be_gone = True
            for number in task.jobs:
                self._tell(UpdatedBatchJobInfo(number, EXIT_STATUS_UNAVAILABLE_VALUE, is_certain=False))

    def _report(self, task: LiveTask, numbers: list[int], status: TaskStatus) -> None:
        """Tell how a task has ended.

        Of a bundle, the job store knows which jobs are done; which one of the others was at fault is only known for
        sure when each is tried alone, so none of them is blamed.
        """
        exit_status = _noted_status(task.status_path) if status.exit_status is None else status.exit_status
        log = end_of(task.error_path, _TAIL) if exit_status and task.error_path else b""
        for number in numbers:
            self._tell(
                UpdatedBatchJobInfo(
                    number,
                    exit_status,
                    status.reason,
                    status.seconds,
                    status.detail,
                    log,
                    begun=not task.is_bundle,
                )
            )

    def _take_back(self, task: LiveTask) -> None:
        """Report the jobs that the worker of an overdue bundle does not get round to, so that others may run them."""
        returned = self._journal.returned(task.name, task.index)
        if returned is None:
            return
        task.has_given_back = True
        for number in [one for one in task.jobs if task.job_ids.get(one) in returned]:
            self._live.detach(number)
            self._tell(UpdatedBatchJobInfo(number, 0, begun=False))

    # Cancelling

    def _cancel(self, task: LiveTask) -> None:
        task.is_doomed, task.cancelled_at = True, time.monotonic()
        self._to_cancel[task.task] = task
        self._next_poll = time.monotonic()

    def _cancel_what_is_doomed(self) -> None:
        if not self._to_cancel:
            return
        for command in self._dialect.cancel_commands(list(self._to_cancel)):
            try:
                self._runner.run(command)
            except CommandFailed as error:
                if self._dialect.trouble(error) is Trouble.UNREACHABLE:
                    logger.debug("Cancelling is tried again: %s", error.message)
                    return
                # What is over already cannot be cancelled; the next poll tells.
                logger.debug("%s", error.message)
        self._to_cancel.clear()


def _noted_status(path: str) -> int:
    """Return the exit status that a task has noted itself, if it lived to do so."""
    try:
        with open(path, encoding="ascii") as stream:
            return int(stream.read())
    except (OSError, ValueError):
        return EXIT_STATUS_UNAVAILABLE_VALUE
