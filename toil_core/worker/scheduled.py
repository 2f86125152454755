"""What a scheduler's task runs: the work orders that come on standard input, one after the other.

Each is committed, tried again and reported alone. Before the next one begins, all has to have gone well, and the last
one must not have left anything behind. Those that have not begun when the bundle is overdue, since one of them takes
much longer than jobs of its kind do, are given back: a note in the job store tells the leader which these are.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from typing import IO, TYPE_CHECKING

from toil_core.worker.bundle import Claims, run_bundle
from toil_core.worker.order import WorkOrder

if TYPE_CHECKING:
    from toil_core.worker.context import WorkerContext


class Task:
    """Orders for one process.

    :param orders: what to carry out, in this order.
    :param return_key: where in the job store to note the jobs that are given back.
    :param patience: seconds after which those that have not begun are given back.
    """

    def __init__(self, orders: Sequence[WorkOrder], return_key: str = "", patience: float = 0.0) -> None:
        self.orders = list(orders)
        self._return_key = return_key
        self._patience = patience

    def run(self, context: WorkerContext, run_order: Callable[[WorkOrder], int]) -> int:
        """Carry out the orders.

        :param run_order: carries out one and returns its exit status.
        :returns: the exit status of the last one that was begun.
        """
        if len(self.orders) == 1:
            return run_order(self.orders[0])
        import threading

        claims = Claims(len(self.orders) - 1)
        timer = threading.Timer(self._patience, self._give_back, (claims, context))
        timer.daemon = True
        timer.start()
        try:
            return run_bundle(self.orders, claims, run_order, log=-1)
        finally:
            timer.cancel()

    def _give_back(self, claims: Claims, context: WorkerContext) -> None:
        count = claims.take_all()
        left = [order.job for order in self.orders[len(self.orders) - count :]]
        context.job_store.storage.put(self._return_key, json.dumps(left).encode("ascii"))


def read_task(stream: IO[str]) -> Task:
    """Read a task, and set the variables that it wants in the environment.

    :param stream: a line with what holds for all, then a line for each order, all JSON.
    """
    header, *orders = stream.read().splitlines()
    _wait_for_children()
    settings = json.loads(header)
    os.environ.update(settings["environment"])
    return Task([WorkOrder.from_json(order) for order in orders], settings["return_key"], settings["patience"])


def _wait_for_children() -> None:
    """Wait for the child that some shells leave to what they execute: it has written the orders, and ends now.

    A bundle could not tell it from a process that a job has left behind.
    """
    try:
        while True:
            os.wait()
    except ChildProcessError:
        return
