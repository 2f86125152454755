"""The tasks that the scheduler has, as far as is known, and the jobs that each of them carries out."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator

from toil_core.batch_systems.scheduler.tasks import TaskState, TaskStatus

#: So many polls in a row have to leave a task out until it is taken to be gone; schedulers forget and remember.
_MISSES = 3
#: For how many seconds after it was handed over a task need not be known to the scheduler.
_APPEARING = 5.0


class LiveTask:
    """One task of the scheduler.

    :param task: the scheduler's ID for it.
    :param name: the name of its submission.
    :param index: which of the submission's tasks it is.
    :param jobs: the numbers of the jobs that it carries out, in order.
    :param is_bundle: whether it was given several.
    """

    def __init__(self, task: str, name: str, index: int, jobs: list[int], *, is_bundle: bool) -> None:
        self.task = task
        self.name = name
        self.index = index
        self.jobs = jobs
        #: The job store's IDs of jobs, by their numbers.
        self.job_ids: dict[int, str] = {}
        self.is_bundle = is_bundle
        #: Where its standard error goes, or empty.
        self.error_path = ""
        #: Where it notes its exit status, or empty.
        self.status_path = ""
        self.state = TaskState.PENDING
        self.detail = ""
        self.running_since: float | None = None
        #: What became of it, once it is over.
        self.end: TaskStatus | None = None
        self.is_doomed = False
        self.cancelled_at = 0.0
        #: Whether it was told that it is out of sight.
        self.is_said_to_be_gone = False
        #: Whether its worker has left jobs of the bundle to others.
        self.has_given_back = False
        self._since = time.monotonic()
        self._misses = 0
        self._missed_since = 0.0
        self._was_seen = False

    def see(self, status: TaskStatus) -> None:
        """Take note of what the scheduler says of it."""
        self._misses, self._was_seen, self.is_said_to_be_gone = 0, True, False
        self.state, self.detail = status.state, status.detail
        if status.state is TaskState.RUNNING:
            now = time.monotonic()
            if status.seconds is not None:
                self.running_since = now - status.seconds
            elif self.running_since is None:
                self.running_since = now

    def miss(self, history_delay: float) -> bool:
        """Take note that the scheduler does not know it; return whether it is to be taken for gone.

        :param history_delay: seconds until the scheduler should know of its end.
        """
        now = time.monotonic()
        if not self._misses:
            self._missed_since = now
        self._misses += 1
        appeared = self._was_seen or now - self._since > _APPEARING
        return self._misses >= _MISSES and now - self._missed_since >= history_delay and (appeared or self.is_doomed)

    def seconds(self) -> float:
        """Return how long it has been running, about."""
        return 0.0 if self.running_since is None else time.monotonic() - self.running_since


class LiveTasks:
    """All tasks that the scheduler has not finished with."""

    def __init__(self) -> None:
        self._tasks: dict[str, LiveTask] = {}
        self._of_job: dict[int, LiveTask] = {}
        self._count: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._tasks)

    def __iter__(self) -> Iterator[LiveTask]:
        return iter(list(self._tasks.values()))

    def add(self, task: LiveTask) -> None:
        """Take note of a new task."""
        self._tasks[task.task] = task
        self._count[task.name] += 1
        for number in task.jobs:
            self._of_job[number] = task

    def attach(self, number: int, job: str, task: LiveTask) -> None:
        """Take note that a task carries out a job.

        :param job: the job store's ID of it.
        """
        task.jobs.append(number)
        task.job_ids[number] = job
        self._of_job[number] = task

    def of_job(self, number: int) -> LiveTask | None:
        """Return the task that carries out a job, or None."""
        return self._of_job.get(number)

    def detach(self, number: int) -> None:
        """Take a job away from its task: nobody asks for it any more, or it is given to others."""
        task = self._of_job.pop(number)
        task.jobs.remove(number)

    def end(self, task: LiveTask, status: TaskStatus) -> bool:
        """Take note that a task is over; return whether it was the last one of its submission."""
        task.end = status
        del self._tasks[task.task]
        for number in task.jobs:
            self._of_job.pop(number, None)
        self._count[task.name] -= 1
        return not self._count[task.name]

    def running(self) -> dict[int, float]:
        """Return the jobs that run, with the seconds since they were started; of a bundle only the first."""
        return {task.jobs[0]: task.seconds() for task in self if task.state is TaskState.RUNNING and task.jobs}

    def why_waiting(self) -> str:
        """Return how many tasks wait in the scheduler's queue, and why most of them do, or an empty string."""
        reasons = Counter(task.detail for task in self if task.state is TaskState.PENDING)
        if not reasons:
            return ""
        count = sum(reasons.values())
        reason, _ = reasons.most_common(1)[0]
        waits = "1 task waits" if count == 1 else f"{count} tasks wait"
        return f"{waits} in its queue{f' ({reason})' if reason else ''}"
