"""The job that a service runs in. It starts the service, leaves what `start` returned in the job store for whoever was
promised it, looks after the service for as long as the leader keeps its flag up, and then stops it.
"""

from __future__ import annotations

import pickle
import time
from typing import TYPE_CHECKING, Any

from toil_core.jobs.errors import UnpicklableError
from toil_core.jobs.job import Job

if TYPE_CHECKING:
    from toil_core.file_stores.abstract import AbstractFileStore
    from toil_core.jobs.service import Service

#: Seconds between two looks at the flag, if `--servicePollingInterval` does not ask for more of them.
FLAG_INTERVAL = 0.25


class ServiceHostJob(Job):
    """The job that a service runs in.

    :param service: the service.
    """

    fulfilled_while_running = True

    def __init__(self, service: Service) -> None:
        self.service = service
        super().__init__(**service._needs, unitName=service.unitName)
        self.description.value_wanted = True
        self.description.is_service = True

    def job_name(self) -> str:
        """Return the name of the service's class."""
        return type(self.service).__name__

    def run(self, fileStore: AbstractFileStore) -> Any:
        """Start the service, look after it until it is not needed any more, and stop it.

        :returns: what the service's `start` returned.
        """
        store, job_id = fileStore.jobStore, str(self.jobStoreID)
        token = self._at_hand().token
        value = self.service.start(self)
        try:
            data = pickle.dumps(value, protocol=5)
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            self.service.stop(self)
            raise UnpicklableError(
                f"What the service {self} returned from start() cannot be pickled: {error}.",
                "Return plain values, such as an address.",
            ) from error
        store.announce_service(job_id, token, data)
        try:
            self._look_after(fileStore, token)
        finally:
            self.service.stop(self)
        return value

    def _look_after(self, file_store: AbstractFileStore, token: str) -> None:
        """Return when the leader takes the flag down, or the service says that it has ended."""
        store, job_id = file_store.jobStore, str(self.jobStoreID)
        interval = float(store.config.servicePollingInterval)
        next_check = time.monotonic()
        while store.service_token(job_id) == token:
            if time.monotonic() >= next_check:
                if not self.service.check():
                    return
                next_check = time.monotonic() + interval
            time.sleep(min(interval, FLAG_INTERVAL))
