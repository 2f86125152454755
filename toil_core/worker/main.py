"""`_toil_worker`: orders carried out by a process of its own, for schedulers and for what cannot be forked."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

from toil_core.worker import capture
from toil_core.worker.naming import resolve
from toil_core.worker.order import WorkOrder
from toil_core.worker.scheduled import Task, read_task

CONTEXT = "toil_core.worker.context:WorkerContext.open"
RUN_ORDER = "toil_core.worker.attempt:run_order"

USAGE = """usage: _toil_worker NAME ORDER
       _toil_worker --task NAME < ORDERS

Carries out work orders of a running Toil workflow. Toil runs this itself; start a workflow with `toil run`.
"""


def main(arguments: Sequence[str] | None = None, context: str = CONTEXT, run_order: str = RUN_ORDER) -> int:
    """Run the worker.

    :param arguments: the job's name, for people who look at process lists, and its order as JSON; or `--task` and the
        name, with the orders on standard input; by default what this process was given.
    :param context: what opens the context, as `"module:attribute"`.
    :param run_order: what carries out an order.
    :returns: the exit status.
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    if len(given) != 2:
        sys.stderr.write(USAGE)
        return 2
    task = read_task(sys.stdin) if given[0] == "--task" else Task([WorkOrder.from_json(given[1])])
    first = task.orders[0]
    opened = resolve(context)(first.locator, first.store_class)
    carry_out = resolve(run_order)
    with _Captured(opened):
        opened.preload()
        return task.run(opened, lambda order: int(carry_out(order, opened)))


class _Captured:
    """Within it, output goes to a file that failure reports quote; unless capturing is off or done by the parent."""

    def __init__(self, context: Any) -> None:
        self._context = context
        self._output: capture.OutputCapture | None = None

    def __enter__(self) -> None:
        config = self._context.config
        if config.disableWorkerOutputCapture:
            return
        already = capture.is_captured_already()
        file = os.dup(1) if already else capture.open_unnamed(self._context.work_dir)
        self._output = capture.OutputCapture(file, config.maxLogFileSize)
        self._context.current_log = self._output.current_log
        self._context.begin_log = self._output.begin
        if not already:
            self._output.redirect_for_now()

    def __exit__(self, *_: object) -> None:
        if self._output is not None:
            self._output.restore()
