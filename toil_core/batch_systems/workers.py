"""The processes that run jobs on this machine, whatever becomes of the zygote that starts them.

A zygote that dies takes its jobs with it: they are reported as lost, their processes are killed, and the next job
starts a new zygote. Where the user's module cannot be loaded, each order fails with the reason. Where a process that
loaded it cannot be forked, each order gets an interpreter of its own.
"""

from __future__ import annotations

import logging
import os
import pickle
import time
from collections import deque
from typing import NamedTuple

from toil_core.batch_systems.exits import EXIT_STATUS_UNAVAILABLE_VALUE, BatchJobExitReason, describe_exit
from toil_core.batch_systems.zygote_client import ZygoteClient, python_command
from toil_core.worker.order import WorkOrder
from toil_core.worker.zygote_messages import (
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
)

logger = logging.getLogger(__name__)

CONTEXT = "toil_core.worker.context:WorkerContext.open"
RUN_ORDER = "toil_core.worker.attempt:run_order"
#: How often a zygote may die while it loads the user's module until that is taken to be the module's fault.
_LOADING_ATTEMPTS = 3
_THREADS = "OMP_NUM_THREADS"


class Stopped(NamedTuple):
    """A job that runs no more.

    :ivar reason: how it ended, if that is not for its exit status to tell.
    :ivar begun: False where it may just as well not have begun.
    :ivar put_back: whether it has not begun, and is simply to be run again.
    """

    number: int
    pid: int
    status: int
    wall: float
    peak_memory: int = 0
    log: bytes = b""
    reason: BatchJobExitReason | None = None
    detail: str = ""
    begun: bool = True
    put_back: bool = False


class _Request(NamedTuple):
    """Orders that are to be carried out by one process."""

    numbers: tuple[int, ...]
    orders: list[WorkOrder]
    environment: dict[str, str]
    kill_after: float | None
    patience: float = 0.0


class Workers:
    """Starts processes for jobs and tells when they have ended.

    :param log_dir: where files for output are made; they have no names.
    :param capture: whether to catch what jobs print.
    :param log_limit: how much of it to keep, as `capture.window` understands it.
    :param implementation: the job store's class, as `"module:Class"`, or empty.
    :param context: what opens a worker's context, as `"module:attribute"`.
    :param run_order: what carries out an order, as `"module:attribute"`.
    """

    def __init__(
        self,
        log_dir: str,
        *,
        capture: bool = True,
        log_limit: int = 0,
        implementation: str = "",
        context: str = CONTEXT,
        run_order: str = RUN_ORDER,
    ) -> None:
        self._log_dir = log_dir
        self._capture = capture
        self._log_limit = log_limit
        self._implementation = implementation
        self._context = context
        self._run_order = run_order
        self._client: ZygoteClient | None = None
        self._opening = False
        self._opened: Opened | None = None
        self._deaths = 0
        self._failure: OpeningFailed | None = None
        #: Orders that wait for the user's module to be loaded.
        self._held: dict[int, _Request] = {}
        #: Jobs that the zygote knows, with their processes as far as those are known.
        self._running: dict[int, int] = {}
        #: For each of those that belong to a bundle, its first job.
        self._first: dict[int, int] = {}
        self._stopped: deque[Stopped] = deque()

    def start(self) -> None:
        """Start the zygote, so that it is ready by the time that it is needed."""
        if self._client is not None:
            return
        # Libraries look at this once, when they are loaded. Most jobs have one core; others are seen to in `_send`.
        environment = {} if _THREADS in os.environ else {_THREADS: "1"}
        self._client = ZygoteClient(
            self._context, self._run_order, environment, self._log_dir, capture_output=self._capture
        )
        self._client.send(Prepare(self._log_dir if self._capture else "", self._log_limit))
        self._opening, self._opened = False, None

    def open(self, locator: str) -> None:
        """Have the zygote load what jobs need, before there are any."""
        self.start()
        if self._client is not None and not self._opening and self._opened is None:
            self._opening = True
            self._client.send(Open(locator, self._implementation))

    def run(self, number: int, order: WorkOrder, environment: dict[str, str], kill_after: float | None = None) -> None:
        """Carry out an order in a process of its own.

        :param number: the ID by which `wait` will tell of it.
        :param environment: variables for this job only.
        :param kill_after: seconds after which to kill it, for testing.
        """
        request = _Request((number,), [order], environment, kill_after)
        if self._failure is not None:
            self._refuse(request, self._failure)
        elif self._opened is not None:
            self._send(request, self._opened)
        else:
            self._held[number] = request
            self.open(order.locator)

    def can_bundle(self, environment: dict[str, str]) -> bool:
        """Return whether one process could carry out several orders with these variables."""
        opened = self._opened
        return (
            opened is not None and self._client is not None and self._client.alive and self._forks(opened, environment)
        )

    def run_bundle(
        self, numbers: tuple[int, ...], orders: list[WorkOrder], environment: dict[str, str], patience: float
    ) -> None:
        """Carry out orders, one after the other as long as all goes well, in one process; see `can_bundle`.

        :param numbers: the IDs by which `wait` will tell of each.
        :param patience: seconds after which those that have not begun are given back.
        """
        self._first.update(dict.fromkeys(numbers, numbers[0]))
        assert self._opened is not None
        self._send(_Request(numbers, orders, environment, None, patience), self._opened)

    def execute(
        self,
        number: int,
        command: str,
        environment: dict[str, str],
        output: tuple[str, str],
        kill_after: float | None = None,
    ) -> None:
        """Run a shell command in a process group of its own.

        :param output: the files that its standard output and error are appended to.
        """
        self.start()
        self._tell((number,), Execute(number, ("/bin/sh", "-c", command), environment, output, kill_after))

    def kill(self, number: int) -> None:
        """Kill a job with all its processes; `wait` tells when it is dead."""
        if self._held.pop(number, None) is not None:
            self._stopped.append(Stopped(number, 0, -9, 0.0))
        elif self._client is not None:
            self._client.send(Kill(number))

    def wait(self, timeout: float) -> list[Stopped]:
        """Wait for jobs to end.

        :param timeout: how many seconds to wait at most.
        :returns: those that have ended; maybe none, even before the time is up.
        """
        client = self._client
        if client is not None:
            for message in client.receive(0.0 if self._stopped or not client.alive else timeout):
                self._hear(message)
            if not client.alive:
                self._bury(client)
        elif timeout and not self._stopped:
            time.sleep(timeout)  # Nothing runs, so nothing can end.
        stopped = list(self._stopped)
        self._stopped.clear()
        return stopped

    def files(self) -> list[int]:
        """Return the file descriptors of which one becomes readable when `wait` has something to tell."""
        return [self._client.fileno()] if self._client is not None and self._client.alive else []

    def close(self) -> None:
        """End all processes and wait until they are gone."""
        if self._client is not None:
            self._client.close()
            self._client = None
        self._held.clear()
        self._running.clear()
        self._first.clear()

    def _tell(self, numbers: tuple[int, ...], message: Run | Execute) -> None:
        assert self._client is not None
        self._running.update(dict.fromkeys(numbers, 0))
        self._client.send(message)

    @staticmethod
    def _forks(opened: Opened, environment: dict[str, str]) -> bool:
        wants_threads = opened.tuned and environment.get(_THREADS, "1") != "1"
        return not opened.obstacle and not wants_threads

    def _send(self, request: _Request, opened: Opened) -> None:
        numbers, orders, environment, kill_after, patience = request
        if self._forks(opened, environment):
            data = pickle.dumps(orders, protocol=5)
            self._tell(numbers, Run(numbers, data, environment, kill_after, patience))
            return
        call = f"sys.exit(main(None, {self._context!r}, {self._run_order!r}))"
        command = python_command("toil_core.worker.main", call)
        for number, order in zip(numbers, orders, strict=True):
            arguments = (*command, order.name, order.to_json())
            self._tell((number,), Execute(number, arguments, environment, None, kill_after))

    def _hear(self, message: Ended | Started | TakenBack | Opened | OpeningFailed) -> None:
        if isinstance(message, Ended):
            del self._running[message.number]
            self._first.pop(message.number, None)
            number, pid, status, wall, peak, log = message
            reason = None if pid else BatchJobExitReason.ERROR
            detail = "" if pid else log.decode("utf-8", "replace")
            self._stopped.append(Stopped(number, pid, status, wall, peak, log, reason, detail))
        elif isinstance(message, Started):
            for number in message.numbers:
                if number in self._running:
                    self._running[number] = message.pid
        elif isinstance(message, TakenBack):
            for number in reversed(message.numbers):
                del self._running[number]
                del self._first[number]
                self._stopped.append(Stopped(number, 0, 0, 0.0, put_back=True))
        elif isinstance(message, Opened):
            self._opened, self._opening, self._deaths = message, False, 0
            if message.obstacle:
                logger.debug("Each job gets an interpreter of its own, since %s.", message.obstacle)
            for request in self._take_held():
                self._send(request, message)
        else:
            self._fail(message)

    def _take_held(self) -> list[_Request]:
        requests = list(self._held.values())
        self._held.clear()
        return requests

    def _fail(self, failure: OpeningFailed) -> None:
        self._failure = failure
        for request in self._take_held():
            self._refuse(request, failure)

    def _refuse(self, request: _Request, failure: OpeningFailed) -> None:
        detail = f"The worker could not load the workflow: {failure.error.rstrip('.')}"
        for number in request.numbers:
            self._stopped.append(
                Stopped(number, 0, 1, 0.0, log=failure.log, reason=BatchJobExitReason.ERROR, detail=detail)
            )

    def _bury(self, client: ZygoteClient) -> None:
        """Deal with the death of the zygote: nothing that it ran survives it, and all of it is reported as lost."""
        status = client.clear_up([pid for pid in self._running.values() if pid])
        printed = client.output(self._log_limit)
        client.close_log()
        self._client, self._opened = None, None
        logger.warning("The process that starts jobs %s; the jobs that it ran are lost.", describe_exit(status))
        logger.debug("It printed: %s", printed.decode("utf-8", "replace"))
        # Of a bundle, the first one not told of had begun for sure; the others may have been committed, or never begun.
        surely = {self._first.get(number, number): number for number in reversed(self._running)}
        status_unknown = EXIT_STATUS_UNAVAILABLE_VALUE
        for number, pid in self._running.items():
            begun = surely[self._first.get(number, number)] == number
            self._stopped.append(Stopped(number, pid, status_unknown, 0.0, reason=BatchJobExitReason.LOST, begun=begun))
        self._running.clear()
        self._first.clear()
        if self._opening:
            self._opening = False
            self._deaths += 1
            if self._deaths >= _LOADING_ATTEMPTS:
                error = f"while it loaded the user's module, the process {describe_exit(status)}"
                self._fail(OpeningFailed(error, printed))
        if self._held:
            self.open(next(iter(self._held.values())).orders[0].locator)
