"""Jobs that the batch system has lost, and jobs that run too long."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from toil_core.batch_systems.exits import BatchJobExitReason

if TYPE_CHECKING:
    from toil_core.batch_systems.abstract import AbstractBatchSystem
    from toil_core.leader.job_graph import Node
    from toil_core.options.config import Config

logger = logging.getLogger(__name__)


class Rescue:
    """Looks after issued jobs from time to time.

    :param lost: called with a batch system's ID and the reason for each job that will not end by itself.
    """

    def __init__(
        self, config: Config, batch_system: AbstractBatchSystem, lost: Callable[[int, BatchJobExitReason], None]
    ) -> None:
        self._config = config
        self._batch_system = batch_system
        self._lost = lost
        self._missed: set[int] = set()

    def period(self) -> float:
        """Return how many seconds to let pass between two looks."""
        return float(min(self._config.rescueJobsFrequency, max(1.0, self._config.maxJobDuration / 4)))

    def look_after(self, issued: Mapping[int, Node]) -> None:
        """Give up on jobs that the batch system did not know of twice in a row, and kill those that run too long."""
        known = set(self._batch_system.getIssuedBatchJobIDs())
        missing = {batch_id for batch_id in issued if batch_id not in known}
        for batch_id in missing & self._missed:
            logger.warning("The batch system no longer knows the job %s.", issued[batch_id].description)
            self._lost(batch_id, BatchJobExitReason.MISSING)
        self._missed = missing - self._missed
        running = self._batch_system.getRunningBatchJobIDs()
        overlong = [one for one, seconds in running.items() if seconds > self._config.maxJobDuration and one in issued]
        if overlong:
            self._batch_system.killBatchJobs(overlong)
        for batch_id in overlong:
            logger.warning("The job %s ran longer than --maxJobDuration.", issued[batch_id].description)
            self._lost(batch_id, BatchJobExitReason.MAXJOBDURATION)
