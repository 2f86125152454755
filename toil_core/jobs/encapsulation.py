"""`EncapsulatedJob`: a job with everything beneath it, made to look like a single job."""

from __future__ import annotations

from typing import Any

from toil_core.jobs.job import AnyJob, Job
from toil_core.jobs.service import Service


class EncapsulatedJob(Job):
    """Stands for a job and all its successors: what is added to it runs after all of them.

    It takes over the predecessors that the job has at this moment, and promises the job's return value as its own.

    :param job: the job to encapsulate.
    :param unitName: which one of its kind the new job is, for people.
    """

    def __init__(self, job: Job, unitName: str | None = None) -> None:
        super().__init__(unitName=unitName)
        self._encapsulated = job
        self._last = Job(unitName=unitName)
        for parent, relation in job.links.predecessors:
            self._take_over(job, parent, relation)
            (parent.addChild if relation == "child" else parent.addFollowOn)(self)
        job.links.predecessors.clear()
        job.description.predecessorNumber = 0
        Job.addChild(self, job)
        Job.addFollowOn(self, self._last)

    @staticmethod
    def _take_over(job: Job, parent: Job, relation: str) -> None:
        siblings = parent.links.children if relation == "child" else parent.links.follow_ons
        del siblings[job]
        ids = parent.description.childIDs if relation == "child" else parent.description.followOnIDs
        ids.remove(job.jobStoreID)

    def addChild(self, childJob: AnyJob) -> AnyJob:
        """Have a job run after the encapsulated job and everything beneath it."""
        return self._last.addChild(childJob)

    def addFollowOn(self, followOnJob: AnyJob) -> AnyJob:
        """Have a job run after the encapsulated job, everything beneath it, and the children added here."""
        return self._last.addFollowOn(followOnJob)

    def addService(self, service: Service, parentService: Service | None = None) -> Any:
        """Have a service run from the end of the encapsulated job, and everything beneath it, on."""
        return self._last.addService(service, parentService)

    def hasService(self, service: Service) -> bool:
        """Return whether a service was added here."""
        return self._last.hasService(service)

    def rv(self, *path: Any) -> Any:
        """Promise the return value of the encapsulated job."""
        return self._encapsulated.rv(*path)

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_encapsulated": None, "_last": None}
