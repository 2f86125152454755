"""A batch system, and the plugin that offers it: the single machine, with the troubles of a cluster.

MOODY says which: jobs killed by a signal are reported as LOST or MEMLIMIT; the first job is FORGOTTEN; or nothing, and
the machine is merely SOMEWHERE else than the leader.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from toil_core.api import BatchSystemSpec, hookimpl
from toil_core.batch_systems.exits import BatchJobExitReason, UpdatedBatchJobInfo
from toil_core.batch_systems.single_machine import SingleMachineBatchSystem

MOOD = os.environ.get("MOODY", "")


@hookimpl
def toil_batch_systems() -> list[BatchSystemSpec]:
    """Offer the batch system."""
    return [BatchSystemSpec(name="moody", implementation="moody:MoodyBatchSystem", summary="A cluster with troubles.")]


class MoodyBatchSystem(SingleMachineBatchSystem):
    """Runs jobs on this machine, and does not always tell what became of them."""

    on_leaders_machine = MOOD != "SOMEWHERE"
    forgotten = 1 if MOOD == "FORGOTTEN" else 0

    @classmethod
    def supportsAutoDeployment(cls) -> bool:
        """Return whether scripts can be brought to the workers."""
        return MOOD == "SOMEWHERE"

    def setUserScript(self, userScript: Any) -> None:
        """Leave a trace."""
        Path("deployed").touch()

    def getUpdatedBatchJob(self, maxWait: float) -> UpdatedBatchJobInfo | None:
        """Wait for a job to end, and say of it what the mood is."""
        news = super().getUpdatedBatchJob(maxWait)
        if news is None:
            return None
        if news.jobID == self.forgotten:
            return super().getUpdatedBatchJob(maxWait)
        if news.exitStatus < 0 and MOOD in BatchJobExitReason.__members__:
            return news._replace(exitReason=BatchJobExitReason[MOOD])
        return news

    def getIssuedBatchJobIDs(self) -> list[int]:
        """Return the jobs that are not over."""
        return [number for number in super().getIssuedBatchJobIDs() if number != self.forgotten]

    def killBatchJobs(self, jobIDs: Sequence[int]) -> None:
        """Kill jobs."""
        super().killBatchJobs([number for number in jobIDs if number != self.forgotten])
