"""The leader without workers: a batch system that commits each job the moment it is issued, in an in-memory store.

Prints one line of JSON: jobs, seconds, jobs per second, peak memory of the process in MB.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections import deque
from collections.abc import Sequence

from toil_core.batch_systems.abstract import AbstractBatchSystem
from toil_core.batch_systems.exits import UpdatedBatchJobInfo
from toil_core.job_stores.abstract import AbstractJobStore
from toil_core.job_stores.memory import MemoryJobStore
from toil_core.jobs.description import JobDescription
from toil_core.jobs.job import Job
from toil_core.jobs.records import Record
from toil_core.leader.leader import Leader
from toil_core.observe.bus import MessageBus
from toil_core.options.config import Config


def nothing() -> None:
    """What each job would do."""


class CompletesAtOnce(AbstractBatchSystem):
    """Takes every job for done."""

    def __init__(self, config: Config, job_store: AbstractJobStore) -> None:
        super().__init__(config)
        self._job_store = job_store
        self._ended: deque[int] = deque()
        self._count = 0

    def issueBatchJob(self, jobDesc: JobDescription, job_environment: dict[str, str] | None = None) -> int:
        """Commit the job."""
        self._job_store.commit(str(jobDesc.jobStoreID), Record())
        self._count += 1
        self._ended.append(self._count)
        return self._count

    def killBatchJobs(self, jobIDs: Sequence[int]) -> None:
        """Nothing runs."""

    def getIssuedBatchJobIDs(self) -> list[int]:
        """Return the jobs that nobody has been told of."""
        return list(self._ended)

    def getRunningBatchJobIDs(self) -> dict[int, float]:
        """Nothing runs."""
        return {}

    def getUpdatedBatchJob(self, maxWait: float) -> UpdatedBatchJobInfo | None:
        """Return the next job."""
        return UpdatedBatchJobInfo(self._ended.popleft(), 0) if self._ended else None

    def shutdown(self) -> None:
        """Nothing runs."""


def main(count: int) -> None:
    """Lead a fan-out of `count` jobs."""
    config = Config()
    job_store = MemoryJobStore(f"memory:leader-alone-{count}")
    job_store.initialize(config)
    root = Job()
    for _ in range(count):
        root.addChildFn(nothing)
    root.saveAsRootJob(job_store)
    job = str(root.jobStoreID)
    del root
    start = time.perf_counter()
    Leader(config, job_store, CompletesAtOnce(config, job_store), MessageBus()).run(job)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(json.dumps({"jobs": count, "seconds": seconds, "jobs_per_second": count / seconds, "peak_mb": peak}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
