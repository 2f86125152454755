"""`Service`: something such as a database that runs beside the jobs that use it, as users define it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toil_core.jobs.job import Job
    from toil_core.jobs.service_host import ServiceHostJob


class Service(ABC):
    """What a service is: subclass it and override `start`, `stop`, and if it can fail by itself, `check`.

    The parameters are those of `Job`; they are what the service's host job asks for.
    """

    def __init__(
        self,
        memory: Any = None,
        cores: Any = None,
        disk: Any = None,
        accelerators: Any = None,
        preemptible: Any = None,
        unitName: str | None = None,
    ) -> None:
        self.unitName = unitName
        self._needs = {
            "memory": memory,
            "cores": cores,
            "disk": disk,
            "accelerators": accelerators,
            "preemptible": preemptible,
        }
        self._host: ServiceHostJob | None = None

    @abstractmethod
    def start(self, job: Job) -> Any:
        """Start the service.

        :param job: the host job, for deferred functions and files.
        :returns: what jobs need to know to use the service; it has to be picklable.
        """

    @abstractmethod
    def stop(self, job: Job) -> None:
        """Stop the service; may block until that is done.

        :param job: the host job.
        """

    def check(self) -> bool:
        """Return whether the service still runs; False ends it, as a success.

        :raises RuntimeError: if it has failed.
        """
        return True

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_host": None}
