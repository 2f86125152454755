"""How a leader and the host of a service speak to each other: a flag that keeps the service alive, and the
announcement that it has started. Both name the attempt that they are meant for, so that what is left of an earlier one
means nothing.
"""

from __future__ import annotations

import pickle

from toil_core.job_stores.engine import EngineStore, place_of, record_key
from toil_core.job_stores.storage import KeyAbsent

_SERVICES = "services/"


class ServiceMarks(EngineStore):
    """The flags and announcements of services."""

    def keep_service(self, job_id: str, token: str) -> None:
        """Raise the flag of a service: the attempt that this token names is to go on.

        :param job_id: the service's host job.
        """
        self.storage.put(f"{_SERVICES}{place_of(job_id)}/flag", token.encode("ascii"))

    def release_service(self, job_id: str) -> None:
        """Take the flag down: the service is not needed any more."""
        self.storage.delete([f"{_SERVICES}{place_of(job_id)}/flag"])

    def service_token(self, job_id: str) -> str:
        """Return the token that the flag shows, or nothing if it is down."""
        try:
            return self.storage.read(f"{_SERVICES}{place_of(job_id)}/flag").decode("ascii")
        except KeyAbsent:
            return ""

    def announce_service(self, job_id: str, token: str, value: bytes) -> None:
        """Say that a service has started.

        :param token: names the attempt.
        :param value: what its `start` returned, pickled.
        """
        self.storage.put(f"{_SERVICES}{place_of(job_id)}/started", pickle.dumps((token, value)))

    def announced_service(self, job_id: str) -> tuple[str, bytes] | None:
        """Return token and value of the last announcement, or None if there was none."""
        try:
            token, value = pickle.loads(self.storage.read(f"{_SERVICES}{place_of(job_id)}/started"))
        except KeyAbsent:
            return None
        return token, value

    def forget_record(self, job_id: str) -> None:
        """Make a job undone again: a checkpoint that is to run again, or a service that is needed again."""
        self.storage.delete([record_key(job_id)])
