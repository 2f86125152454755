"""The queue of a simulated cluster, and the thread that starts its jobs, watches their limits and ends them.

It knows nothing of any scheduler's commands. All methods may be called from any thread.
"""

from __future__ import annotations

import itertools
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable

from . import processes
from .model import End, Faults, Host, Request, State, Task

TICK = 0.01
MEMORY_TICK = 0.1


class Refused(Exception):
    """The queue takes no more."""


class Engine:
    """The queue, the hosts and the faults of one cluster.

    :param keep: after how many seconds the queue forgets tasks that have ended; the history never does by itself.
    :param numbers_elements: elements of arrays get numbers of their own as they start, as Slurm does it.
    """

    def __init__(self, hosts: list[Host], faults: Faults, keep: float = 300.0, numbers_elements: bool = False) -> None:
        self.hosts = hosts
        self.faults = faults
        self.keep = keep
        self.numbers_elements = numbers_elements
        self.changed = threading.Condition(threading.RLock())
        self._tasks: list[Task] = []
        self._live: list[Task] = []
        self._running: dict[int, tuple[Task, subprocess.Popen[bytes]]] = {}
        self._news = False
        self._numbers = itertools.count(1)
        self._memory_seen = 0.0
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    # What front ends ask for

    def submit(self, request: Request) -> int:
        """Put a job into the queue, and give its number.

        :raises Refused: by the faults `refuse` or `limit`.
        """
        indices: Iterable[int | None] = request.indices if request.indices is not None else (None,)
        with self.changed:
            self._check_room(len(list(indices)))
            job = next(self._numbers)
            now = time.time()
            added = [Task(request, job, index, job, now, held=request.held) for index in indices]
            self._tasks += added
            self._live += added
            self._tell()
            return job

    def shown(self, history: bool = False) -> list[Task]:
        """The tasks as a query shows them: late, flapping or forgotten, as the faults say.

        With the fault `flap`, every other query shows running tasks as `unknown` or `pending`, or not at all
        (`missing`), until the count is used up.

        :param history: what the history shows instead of the queue.
        """
        with self.changed:
            flap = "" if history else self._flap()
            return [task for task in (self._shown(each, history, flap) for each in self._tasks) if task is not None]

    def true(self) -> list[Task]:
        """The tasks as they are, whatever the faults say."""
        with self.changed:
            return list(self._tasks)

    def end(self, task: Task, how: End) -> bool:
        """End a task that waits or runs: at once where it waits, or with the signals that belong to it.

        :returns: whether there was anything to end.
        """
        with self.changed:
            found = next((each for each in self._live if each.job == task.job and each.index == task.index), None)
            if found is None:
                return False
            if found.state is State.PENDING:
                self._finish(found, how, 0, 0)
            elif found.doom is None:
                self._doom(found, how)
            return True

    def release(self, task: Task, held: bool = False) -> None:
        """Let a held task start, or hold one that waits."""
        with self.changed:
            for each in self._live:
                if each.job == task.job and each.index == task.index:
                    each.held = held
            self._tell()

    def settle(self, task: Task, how: End | None) -> None:
        """Call the end of a task that has ended by another name, or with `None` put it into the queue again."""
        with self.changed:
            for each in self._tasks:
                if each.job == task.job and each.index == task.index and each.state is State.ENDED:
                    each.end = how
                    if how is None:
                        each.ended, each.held = None, False
                        self._live.append(each)
                        self._requeue(each)

    def wait(self, done: Callable[[], bool]) -> None:
        """Wait until something is true of the queue."""
        with self.changed:
            self.changed.wait_for(done)

    def fits(self, cpus: int, memory: int, hosts: frozenset[str] | None = None) -> bool:
        """Whether any host, empty and up or not, has so much."""
        return any(
            host.cpus >= cpus and host.memory >= memory for host in self.hosts if hosts is None or host.name in hosts
        )

    def used(self, host: Host) -> tuple[int, int, int]:
        """CPUs and MiB of a host that are taken, and by how many tasks."""
        tasks = [task for task, _ in self._running.values() if task.host == host.name]
        return sum(each.request.cpus for each in tasks), sum(each.request.memory for each in tasks), len(tasks)

    # What `simctl` asks for

    def forget(self, task: Task) -> None:
        """Know nothing of a task any more, though its process runs on."""
        with self.changed:
            for each in self._tasks:
                if each.job == task.job and each.index == task.index:
                    each.gone = True

    def switch_host(self, name: str, up: bool) -> bool:
        """Lose a host, and with it what runs there, or bring it back; tell whether there is such a host."""
        with self.changed:
            for host in self.hosts:
                if host.name == name:
                    host.up = up
                    for task in [each for each, _ in self._running.values() if each.host == name and not up]:
                        self._doom(task, End.NODE)
                    self._tell()
                    return True
            return False

    def stop(self) -> None:
        """Kill everything that runs, and end."""
        with self.changed:
            self._stopping = True
            self.changed.notify_all()
        self._thread.join()
        for _, process in self._running.values():
            processes.kill(process.pid)
            process.wait()

    # The thread

    def _tell(self) -> None:
        self._news = True
        self.changed.notify_all()

    def _run(self) -> None:
        with self.changed:
            while not self._stopping:
                self._reap()
                self._watch_limits()
                if self._news:
                    self._news = False
                    self._start_what_fits()
                # Also where there is more to do: the commands want their turn.
                self.changed.wait(TICK if self._running or self._news else None)

    def _reap(self) -> None:
        outcomes = {pid: processes.reap(process) for pid, (_, process) in self._running.items()}
        ended = {pid: outcome for pid, outcome in outcomes.items() if outcome is not None}
        processes.kill(*ended)
        for pid, outcome in ended.items():
            task, _ = self._running.pop(pid)
            status, number, peak, task.cpu_seconds = outcome
            task.rss = max(task.rss, peak)
            limit = task.request.memory_limit
            if task.doom is None and limit is not None and peak > limit << 20:
                task.doom = End.MEMORY
            if task.doom in (End.NODE, End.PREEMPTED) and task.request.requeue:
                self._requeue(task)
            else:
                self._finish(task, task.doom or End.EXIT, status, number)

    def _requeue(self, task: Task) -> None:
        task.state, task.doom, task.host, task.pid, task.started = State.PENDING, None, None, None, None
        self._tell()

    def _finish(self, task: Task, how: End, status: int, number: int) -> None:
        task.state, task.end, task.status, task.signal, task.ended = State.ENDED, how, status, number, time.time()
        self._live.remove(task)
        if task.request.ended is not None:
            task.request.ended(task)
        self._tell()

    def _watch_limits(self) -> None:
        now = time.time()
        running = [task for task, _ in self._running.values()]
        for task in running:
            if task.doom is not None:
                if task.killed_by != signal.SIGKILL and now > task.doomed_at + self.faults.grace:
                    self._signal(task, signal.SIGKILL)
            elif self._is_overdue(task, now):
                self._doom(task, End.TIME)
        if now > self._memory_seen + MEMORY_TICK and running:
            self._memory_seen = now
            sessions = processes.members()
            for task in running:
                bytes_ = sum(rss for _, rss in sessions.get(task.pid or 0, []))
                task.rss = max(task.rss, bytes_)
                limit = task.request.memory_limit
                if limit is not None and bytes_ > limit << 20 and task.doom is None:
                    self._doom(task, End.MEMORY)

    def _is_overdue(self, task: Task, now: float) -> bool:
        if task.request.seconds is None or task.started is None:
            return False
        return now > task.started + task.request.seconds * self.faults.minute / 60

    def _doom(self, task: Task, how: End) -> None:
        task.doom, task.doomed_at = how, time.time()
        self._signal(task, signal.SIGKILL if how in (End.MEMORY, End.NODE) else signal.SIGTERM)

    def _signal(self, task: Task, number: int) -> None:
        assert task.pid is not None
        task.killed_by = number
        processes.kill(task.pid, number=number)

    def _start_what_fits(self) -> None:
        together: dict[int, int] = {}
        for task, _ in self._running.values():
            together[task.job] = together.get(task.job, 0) + 1
        for task in [each for each in self._live if each.state is State.PENDING and not each.held]:
            if all(self.used(host)[0] >= host.cpus for host in self.hosts):
                return
            running = together.get(task.job, 0)
            if running >= (task.request.together or running + 1):
                continue
            host = next((each for each in self.hosts if self._has_room(each, task.request)), None)
            if host is not None:
                self._start(task, host)
                together[task.job] = running + 1

    def _has_room(self, host: Host, request: Request) -> bool:
        cpus, memory, _ = self.used(host)
        allowed = request.hosts is None or host.name in request.hosts
        return host.up and allowed and host.cpus >= cpus + request.cpus and host.memory >= memory + request.memory

    def _start(self, task: Task, host: Host) -> None:
        if self.numbers_elements and task.index is not None and task.starts == 0 and self._has_brothers(task):
            task.raw = next(self._numbers)
        task.state, task.host, task.started = State.RUNNING, host.name, time.time()
        task.starts += 1
        task.killed_by = None
        try:
            process = processes.start(task.request.launch(task))
        except OSError:
            self._finish(task, End.LAUNCH, 1, 0)
            return
        task.pid = process.pid
        self._running[process.pid] = (task, process)
        how = self._next_end()
        if how is not None:
            timer = threading.Timer(self.faults.end_after, self.end, (task, how))
            timer.daemon = True
            timer.start()

    def _has_brothers(self, task: Task) -> bool:
        """Whether others still have the number of the array, which the last element to start keeps."""
        return any(each.job == task.job and each is not task and each.raw == task.job for each in self._live)

    # Faults

    def _check_room(self, more: int) -> None:
        if self.faults.refuse:
            self.faults.refuse -= self.faults.refuse > 0
            raise Refused
        if self.faults.limit is not None and len(self._live) + more > self.faults.limit:
            raise Refused

    def _next_end(self) -> End | None:
        how, _, count = self.faults.ends.partition(":")
        if not how:
            return None
        left = int(count or 1) - 1
        self.faults.ends = f"{how}:{left}" if left else ""
        return End(how)

    def _flap(self) -> str:
        kind, _, count = self.faults.flap.partition(":")
        if not kind:
            return ""
        left = int(count or 2) - 1
        self.faults.flap = f"{kind}:{left}" if left else ""
        return "" if left % 2 == 0 else kind

    def _shown(self, task: Task, history: bool, flap: str) -> Task | None:
        now = time.time()
        keep = self.faults.keep if self.faults.keep is not None else (float("inf") if history else self.keep)
        if task.gone or (task.ended is not None and now - task.ended >= keep):
            return None
        lag = self.faults.history_lag if history else self.faults.lag
        if lag and now - task.submitted < lag and history:
            return None
        if lag and task.started is not None and now - task.started < lag:
            return task.shown_as(State.PENDING)
        if lag and task.ended is not None and now - task.ended < lag:
            return task.shown_as(State.RUNNING if task.started is not None else State.PENDING)
        if flap and task.state is State.RUNNING:
            return None if flap == "missing" else task.shown_as(State(flap))
        return task
