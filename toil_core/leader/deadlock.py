"""Deadlocks: only services run, and what would use them, or end them, finds no room."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from toil_core.leader.errors import DeadlockException

if TYPE_CHECKING:
    from toil_core.batch_systems.abstract import AbstractBatchSystem
    from toil_core.leader.job_graph import Node
    from toil_core.leader.services import Services
    from toil_core.options.config import Config


class DeadlockWatch:
    """Raises when the same services have been all that runs for too long, with other jobs waiting for room.

    :param clock: returns seconds; replaced in tests.
    """

    def __init__(
        self,
        config: Config,
        batch_system: AbstractBatchSystem,
        services: Services,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._batch_system = batch_system
        self._services = services
        self._clock = clock
        self._suspects: frozenset[int] = frozenset()
        self._since = 0.0

    def period(self) -> float:
        """Return how many seconds to let pass between two checks."""
        return min(float(self._config.deadlockCheckInterval), float(self._config.deadlockWait) / 2)

    def check(self, issued: Mapping[int, Node]) -> None:
        """Look at what runs.

        :raises DeadlockException: if nothing can go on.
        """
        waiting = list(self._services.waiting)
        if not issued and not waiting:
            return
        running = self._batch_system.getRunningBatchJobIDs()
        stuck = all(one in issued and self._is_idle_service(issued[one]) for one in running)
        queued = [node for one, node in issued.items() if one not in running]
        if not stuck or not (running or not issued) or not (queued or waiting):
            self._suspects = frozenset()
            return
        if frozenset(running) != self._suspects or not running:
            self._suspects, self._since = frozenset(running), self._clock()
            if issued:
                return
        if not issued or self._clock() - self._since >= float(self._config.deadlockWait):
            names = [str(issued[one].description) for one in running]
            blocked = [str(node.description) for node in (*queued, *waiting)]
            raise DeadlockException(names, blocked, self._batch_system.getSchedulingStatusMessage() or "")

    def _is_idle_service(self, node: Node) -> bool:
        """Return whether a job is a service that has started and is to go on."""
        services = self._services
        return services.is_host(node) and services.has_started(node) and not services.is_stopping(node)
