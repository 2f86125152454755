"""What a leader that gathers statistics keeps in the job store: parts that are written once each, in their order."""

from __future__ import annotations

from collections.abc import Iterator

from toil_core.job_stores.base import StoreBase

_STATISTICS = "statistics/"


class StatisticsStore(StoreBase):
    """Statistics that the leader wrote."""

    def write_statistics(self, name: str, data: bytes) -> None:
        """Keep one part.

        :param name: what to call it; parts are read in the order of their names.
        """
        self.storage.put(_STATISTICS + name, data)

    def read_statistics(self) -> Iterator[bytes]:
        """Yield all parts, in the order of their names."""
        names = sorted(key for key, _ in self.storage.list(_STATISTICS))
        yield from (data for data in self.storage.read_many(names) if data is not None)
