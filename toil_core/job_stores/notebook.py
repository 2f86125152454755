"""Notes that a batch system keeps in the job store, beside what is known of jobs, so that they survive the leader."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from toil_core.job_stores.storage import KeyAbsent

if TYPE_CHECKING:
    from toil_core.job_stores.storage import Storage

logger = logging.getLogger(__name__)

_PREFIX = "batch_system/"


class StoredNotebook:
    """Notes under a prefix of a storage.

    :param storage: the job store's.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def key(self, name: str) -> str:
        """Return the key of a note."""
        return _PREFIX + name

    def write(self, name: str, text: str) -> None:
        """Write a note, over the one of that name if there is one."""
        self._storage.put(self.key(name), text.encode("utf-8"))

    def read(self, name: str) -> str | None:
        """Return a note, or None if there is none of that name."""
        try:
            return self._storage.read(self.key(name)).decode("utf-8")
        except KeyAbsent:
            return None

    def names(self, prefix: str) -> list[str]:
        """Return the names of all notes that begin so."""
        return [key.removeprefix(_PREFIX) for key, _ in self._storage.list(self.key(prefix))]

    def warn_of_others(self, batch_system: str) -> None:
        """Say which batch systems other than this one may still have jobs that an earlier run has handed over."""
        beginning = "submissions/"
        systems = {name.removeprefix(beginning).partition("/")[0] for name in self.names(beginning)}
        for system in sorted(systems - {batch_system}):
            logger.warning(
                "An earlier run may still have jobs of this workflow with %s. What they do will not count twice; "
                "cancel them there, if they should not go on.",
                system,
            )

    def delete(self, names: Iterable[str]) -> None:
        """Forget notes; those that are not there are fine."""
        self._storage.delete([self.key(name) for name in names])
