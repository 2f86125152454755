"""Jobs in the leader's own process, for `--debugWorker`: a debugger sees them, and their output is not redirected."""

from __future__ import annotations

import logging
import os
import subprocess
from typing import TYPE_CHECKING

from toil_core.worker.naming import resolve

if TYPE_CHECKING:
    from toil_core.jobs.description import JobDescription
    from toil_core.worker.context import WorkerContext

logger = logging.getLogger(__name__)


class InProcess:
    """Runs jobs, one at a time, in this process.

    :param context: what opens a worker's context, as `"module:attribute"`.
    :param run_order: what carries out an order, as `"module:attribute"`.
    :param implementation: the job store's class, as `"module:Class"`, or empty.
    """

    def __init__(self, context: str, run_order: str, implementation: str) -> None:
        self._context_name = context
        self._run_order_name = run_order
        self._implementation = implementation
        self._context: WorkerContext | None = None

    def run(self, description: JobDescription, environment: dict[str, str]) -> int:
        """Run a job to its end.

        :param environment: variables that are set meanwhile.
        :returns: its exit status.
        """
        if description.order is None:
            command = ["/bin/sh", "-c", description.command or ""]
            return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode
        before = dict(os.environ)
        os.environ.update(environment)
        try:
            if self._context is None:
                self._context = resolve(self._context_name)(description.order.locator, self._implementation)
                self._context.in_leader = True
            return int(resolve(self._run_order_name)(description.order, self._context))
        except Exception:
            logger.exception("The worker failed outside the job %s.", description)
            return 1
        finally:
            os.environ.clear()
            os.environ.update(before)
