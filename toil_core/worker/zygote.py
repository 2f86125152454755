"""The zygote: a process that has everything loaded that a job needs, and forks one process for each.

It is a fresh interpreter that the batch system starts or, on request and while the leader has one thread, a fork of the
leader (see `prefork`). It has one thread, which blocks until the leader wants something or a child has ended. Each job
is a process group of its own; when its first process ends, whatever is left of the group is killed. When the leader
vanishes, so do all jobs and the zygote itself.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import contextlib
import gc
import heapq
import os
import pickle
import select
import signal
import socket
import sys
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from toil_core.file_stores import directories
from toil_core.worker import capture
from toil_core.worker.bundle import Claims, Progress, run_bundle
from toil_core.worker.forking import (
    PR_SET_CHILD_SUBREAPER,
    PR_SET_PDEATHSIG,
    has_tuned_libraries,
    obstacle_to_forking,
    process_control,
)
from toil_core.worker.naming import resolve
from toil_core.worker.processes import kill_group, kill_orphans
from toil_core.worker.spares import Directories, Logs
from toil_core.worker.zygote_messages import (
    Decoder,
    Ended,
    Execute,
    Kill,
    Open,
    Opened,
    OpeningFailed,
    Prepare,
    Run,
    Started,
    TakenBack,
    encode,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from toil_core.worker.context import WorkerContext

#: Seconds that the news of a start may wait for other news: most jobs are over by then, and the leader sleeps on.
_START_NEWS_DELAY = 0.02
#: Seconds between two looks at how far bundles have come.
_LOOK_INTERVAL = 0.05
#: The exit status of a job whose process could not be started, or was left behind by the zygote.
BROKEN = 255
#: The exit status of a process that failed outside of the job itself.
FAILED = 1


class Child(NamedTuple):
    """A process that runs a job, or several one after the other.

    :ivar log: the file that its output goes to, or -1.
    :ivar directory: the directory that was lent to it, or -1.
    """

    pid: int
    log: int
    directory: int
    progress: Progress


class Zygote:
    """Serves one leader until it says goodbye or vanishes.

    :param connection: the socket to the leader.
    :param open_context: called with a locator and an implementation; returns what jobs share.
    :param run_order: called in a process of its own with an order and the context; returns an exit status.
    """

    def __init__(
        self,
        connection: socket.socket,
        open_context: Callable[[str, str], WorkerContext],
        run_order: Callable[[Any, WorkerContext], int],
    ) -> None:
        self._connection = connection
        self._file = connection.fileno()
        self._open_context = open_context
        self._run_order = run_order
        self._pid = os.getpid()
        self._decoder = Decoder()
        self._outgoing = bytearray()
        self._news_of_starts = False
        self._poll = select.poll()
        self._wakeup, self._wakeup_writer = os.pipe()
        self._children: dict[int, Child] = {}
        self._running: dict[int, Child] = {}
        self._bundles: dict[int, Child] = {}
        self._next_look = 0.0
        self._deadlines: list[tuple[float, int, int]] = []
        self._control = process_control()
        self._context: WorkerContext | None = None
        self._logs: Logs | None = None
        self._log_limit = 0
        self._directories: Directories | None = None

    # The loop

    def serve(self) -> None:
        """Do what the leader asks for until it closes the connection; then leave nothing running."""
        self._connection.setblocking(False)
        self._catch_signals()
        if self._control is not None:
            self._control(PR_SET_CHILD_SUBREAPER, 1)
        self._poll.register(self._connection, select.POLLIN)
        self._poll.register(self._wakeup, select.POLLIN)
        try:
            while self._step():
                pass
        finally:
            for pid in self._children:
                kill_group(pid)
            while self._children:
                self._reap(*os.wait4(-1, 0))
            kill_orphans()
            for spares in (self._logs, self._directories):
                if spares is not None:
                    spares.close()

    def _catch_signals(self) -> None:
        os.set_blocking(self._wakeup, False)
        os.set_blocking(self._wakeup_writer, False)
        signal.set_wakeup_fd(self._wakeup_writer, warn_on_full_buffer=False)
        # A handler that does nothing, other than an ignored signal, is not inherited by programs that are executed.
        signal.signal(signal.SIGCHLD, _do_nothing)
        signal.signal(signal.SIGINT, _do_nothing)

    def _step(self) -> bool:
        """Wait for something to happen, and see to it.

        :returns: whether the leader is still there.
        """
        writing = bool(self._outgoing) and not self._news_of_starts
        self._poll.modify(self._file, select.POLLIN | select.POLLOUT if writing else select.POLLIN)
        ready = self._poll.poll(self._timeout())
        if not ready and self._news_of_starts:
            self._flush()
        for which, _ in ready:
            if which == self._wakeup:
                self._drain_wakeup()
                self._reap_all()
            elif not self._receive():
                return False
        self._kill_overdue()
        if self._bundles and time.perf_counter() >= self._next_look:
            self._look_at_bundles()
        if self._outgoing and not self._news_of_starts:
            return self._flush()
        return True

    def _timeout(self) -> float | None:
        """Return for how many milliseconds to wait at most."""
        times = []
        if self._news_of_starts:
            times.append(_START_NEWS_DELAY)
        if self._deadlines:
            times.append(max(0.0, self._deadlines[0][0] - time.perf_counter()))
        if self._bundles:
            times.append(max(0.0, self._next_look - time.perf_counter()))
        return min(times) * 1000 + 1 if times else None

    def _drain_wakeup(self) -> None:
        try:
            os.read(self._wakeup, 4096)
        except BlockingIOError:
            return

    def _receive(self) -> bool:
        try:
            data = self._connection.recv(1 << 18)
        except BlockingIOError:
            return True
        except ConnectionError:
            return False
        if not data:
            return False
        for message in self._decoder.feed(data):
            self._handle(message)
        return True

    def _say(self, message: tuple[Any, ...]) -> None:
        self._outgoing += encode(message)
        self._news_of_starts = False

    def _flush(self) -> bool:
        self._news_of_starts = False
        try:
            sent = self._connection.send(self._outgoing)
        except BlockingIOError:
            return True
        except ConnectionError:
            return False
        del self._outgoing[:sent]
        return True

    def _handle(self, message: Any) -> None:
        if isinstance(message, (Run, Execute)):
            self._start(message)
        elif isinstance(message, Kill):
            self._kill(message.number)
        elif isinstance(message, Open):
            self._open(message)
        elif isinstance(message, Prepare):
            self._logs = Logs(message.log_dir) if message.log_dir else None
            self._log_limit = message.log_limit

    # Getting ready

    def _open(self, message: Open) -> None:
        try:
            self._context = self._open_context(message.locator, message.implementation)
            self._context.preload()
        except BaseException as error:
            self._say(_opening_failed(error))
            return
        if sys.platform == "linux" and getattr(self._context.config, "cleanWorkDir", "") == "always":
            self._directories = Directories(self._context.work_dir)
        self._catch_signals()  # The modules that were imported may have changed that.
        if sys.stdout is not None:
            sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        gc.freeze()
        self._say(Opened(obstacle_to_forking(), has_tuned_libraries()))

    # Jobs

    def _start(self, message: Run | Execute) -> None:
        log = directory = -1
        numbers = message.numbers if isinstance(message, Run) else (message.number,)
        progress = Progress(numbers, message.patience if isinstance(message, Run) else 0.0)
        try:
            if self._logs is not None and not (isinstance(message, Execute) and message.output):
                log = self._logs.take()
            if isinstance(message, Run):
                if self._directories is not None:
                    directory = self._directories.take()
                pid = self._fork(message, log, directory, progress.claims)
            else:
                pid = self._execute(message, log)
        except OSError as error:
            if log >= 0 and self._logs is not None:
                self._logs.give_back(log)
            if self._directories is not None:
                self._directories.give_back(directory)
            self._give_back(progress.take_back())
            reason = f"The process could not be started: {error}".encode()
            self._say(Ended(numbers[0], 0, BROKEN, 0.0, 0, reason))
            return
        child = self._children[pid] = Child(pid, log, directory, progress)
        for number in numbers:
            self._running[number] = child
        if progress.claims is not None:
            self._bundles[pid] = child
            self._next_look = time.perf_counter() + _LOOK_INTERVAL
        if message.kill_after is not None:
            heapq.heappush(self._deadlines, (progress.start + message.kill_after, numbers[0], pid))
        nothing_to_say = not self._outgoing or self._news_of_starts
        self._outgoing += encode(Started(numbers, pid))
        self._news_of_starts = nothing_to_say

    def _fork(self, message: Run, log: int, directory: int, claims: Claims | None) -> int:
        pid = os.fork()
        if pid == 0:
            directories.lend(directory)
            self._be_a_job(message, log, claims)
        with contextlib.suppress(OSError):  # The child may have been faster, or be gone.
            os.setpgid(pid, pid)
        return pid

    def _execute(self, message: Execute, log: int) -> int:
        actions: list[Any] = []
        if message.output is not None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            actions = [(os.POSIX_SPAWN_OPEN, at, path, flags, 0o644) for at, path in enumerate(message.output, 1)]
        elif log >= 0:
            actions = [(os.POSIX_SPAWN_DUP2, log, 1), (os.POSIX_SPAWN_DUP2, log, 2)]
        return os.posix_spawn(
            message.arguments[0],
            message.arguments,
            {**os.environ, **message.environment},
            file_actions=actions,
            setpgroup=0,
            setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
        )

    def _be_a_job(self, message: Run, log: int, claims: Claims | None) -> NoReturn:
        """Turn this process, just forked, into one that carries out orders; never returns."""
        status = BROKEN
        try:
            os.setpgid(0, 0)
            context = self._context
            assert context is not None
            if log >= 0:
                output = capture.OutputCapture(log, self._log_limit)
                output.redirect()
                context.current_log = output.current_log
                context.begin_log = output.begin
            self._leave()
            os.environ.update(message.environment)
            numpy_random = sys.modules.get("numpy.random")
            if numpy_random is not None:
                # Python's own generator is seeded anew in each fork; this one would repeat itself in every job.
                numpy_random.seed()
            status = run_bundle(
                pickle.loads(message.orders), claims, lambda order: self._run_order(order, context), log
            )
            leave_interpreter()
        except BaseException:
            import traceback

            traceback.print_exc()
            status = FAILED
        finally:
            try:
                for stream in (sys.stdout, sys.stderr):
                    stream.flush()
            finally:
                os._exit(status)

    def _leave(self) -> None:
        """Give up, in a child, what belongs to the zygote."""
        signal.set_wakeup_fd(-1)
        # The C function, since the one in `signal` writes to so many pages that a fork takes noticeably longer.
        _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
        _signal.signal(_signal.SIGINT, _signal.default_int_handler)
        os.close(self._file)
        os.close(self._wakeup)
        os.close(self._wakeup_writer)
        if self._control is not None:
            self._control(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != self._pid:
                os._exit(BROKEN)
        gc.enable()

    # Their ends

    def _reap_all(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._reap(pid, status, usage)

    def _reap(self, pid: int, status: int, usage: Any) -> None:
        child = self._children.pop(pid, None)
        if child is None:
            return
        kill_group(pid)
        self._bundles.pop(pid, None)
        self._give_back(child.progress.take_back())
        code = os.waitstatus_to_exitcode(status)
        log = b""
        if child.log >= 0 and self._logs is not None:
            if code != 0:
                log = capture.read_log(child.log, self._log_limit)
            self._logs.give_back(child.log)
        if self._directories is not None:
            self._directories.give_back(child.directory)
        peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        *before, (last, wall) = child.progress.ended()
        for number, its_wall in before:
            self._has_ended(Ended(number, pid, 0, its_wall, peak, b""))
        self._has_ended(Ended(last, pid, code, wall, peak, log))

    def _has_ended(self, news: Ended) -> None:
        self._running.pop(news.number, None)
        self._say(news)

    def _give_back(self, numbers: list[int]) -> None:
        for number in numbers:
            self._running.pop(number, None)
        if numbers:
            self._say(TakenBack(tuple(numbers)))

    def _look_at_bundles(self) -> None:
        """Tell which jobs of bundles are done, and take back those that wait behind one that turns out long."""
        self._next_look = time.perf_counter() + _LOOK_INTERVAL
        for child in list(self._bundles.values()):
            if child.progress.is_overdue():
                self._end_bundle(child)
            self._tell_done(child)

    def _end_bundle(self, child: Child) -> list[int]:
        """Leave a process with the job that it is at."""
        self._bundles.pop(child.pid, None)
        back = child.progress.take_back()
        self._give_back(back)
        return back

    def _tell_done(self, child: Child) -> None:
        for number, wall in child.progress.done():
            self._has_ended(Ended(number, child.pid, 0, wall, 0, b""))

    def _kill(self, number: int) -> None:
        child = self._running.get(number)
        if child is None or number in self._end_bundle(child):
            return
        self._tell_done(child)
        if number in child.progress.numbers:
            kill_group(child.pid)

    def _kill_overdue(self) -> None:
        while self._deadlines and self._deadlines[0][0] <= time.perf_counter():
            _, number, pid = heapq.heappop(self._deadlines)
            child = self._running.get(number)
            if child is not None and child.pid == pid:
                kill_group(pid)


def leave_interpreter() -> None:
    """Do what the interpreter does before it ends: wait for threads, and call what was registered for the exit."""
    threading = sys.modules.get("threading")
    if threading is not None:
        threading._shutdown()
    import atexit

    atexit._run_exitfuncs()


def _opening_failed(error: BaseException) -> OpeningFailed:
    """Return what to tell of a failure to get ready: what the user's module raised, with the frames that are theirs."""
    import traceback

    from toil_core.errors import ToilError
    from toil_core.worker.attempt import format_user_traceback

    line = str(error) if isinstance(error, ToilError) else traceback.format_exception_only(type(error), error)[-1]
    text = format_user_traceback(error.__cause__ or error)
    return OpeningFailed(line.strip(), text.encode("utf-8", "backslashreplace"))


def _do_nothing(*_: Any) -> None:
    pass


def serve(connection: socket.socket, context: str, run_order: str) -> None:
    """Serve the leader at the other end of a socket until it says goodbye.

    :param context: what opens the context, as `"module:attribute"`.
    :param run_order: what runs an order.
    """
    connection.set_inheritable(False)
    import_module("toil_core.worker.order")  # Orders are unpickled in each job's process; that must not import it.
    Zygote(connection, resolve(context), resolve(run_order)).serve()
    leave_interpreter()
    connection.close()


def main(arguments: list[str]) -> None:
    """Be the zygote of the leader that has started this process for it.

    :param arguments: the number of the socket's file descriptor, then what opens the context and what runs an order.
    """
    gc.disable()  # What is loaded here stays, and collecting would only make processes write to pages that they share.
    serve(socket.socket(fileno=int(arguments[0])), arguments[1], arguments[2])
    os._exit(0)  # The leader waits for it, and taking the interpreter apart takes longer than most jobs.
