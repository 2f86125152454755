"""A storage that shows another one, but keeps apart from it what is written: for trying things out with a job store
that must not change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from typing import IO

from toil_core.job_stores.storage import KeyAbsent, KeyStat, Storage


class OverlayStorage(Storage):
    """What one storage holds, with what was written here in front of it.

    :param below: the storage to show, opened; nothing is ever written to it, or deleted from it.
    :param above: the storage to write to, created.
    """

    prefers_caching = False

    def __init__(self, below: Storage, above: Storage) -> None:
        super().__init__(below.name)
        self.below = below
        self.above = above
        self._hidden: set[str] = set()

    def create(self) -> None:
        """Fail, since there is one already.

        :raises FileExistsError: always.
        """
        raise FileExistsError(self.name)

    def open(self) -> None:
        """Do nothing: both storages are open."""

    def destroy(self) -> None:
        """Delete what was written here; what it is shown with stays."""
        self.above.destroy()

    def put(self, key: str, value: bytes, *, if_absent: bool = False) -> bool:
        """Store a value here."""
        if if_absent and self._is_below(key):
            return False
        return self.above.put(key, value, if_absent=if_absent)

    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Return the value, or a part of it."""
        try:
            return self.above.read(key, start, length)
        except KeyAbsent:
            return self._shown(key).read(key, start, length)

    def open_read(self, key: str) -> AbstractContextManager[IO[bytes]]:
        """Open the value as a stream."""
        return self._holder(key).open_read(key)

    def open_write(self, key: str) -> AbstractContextManager[IO[bytes]]:
        """Open a stream whose content is stored here."""
        return self.above.open_write(key)

    def put_file(self, key: str, path: str, *, link: bool = False) -> bool:
        """Store a copy of a local file here."""
        return self.above.put_file(key, path)

    def delete(self, keys: Iterable[str]) -> None:
        """Forget the values; those of the storage below are only hidden."""
        every = list(keys)
        self._hidden.update(every)
        self.above.delete(every)

    def list(self, prefix: str) -> Iterator[tuple[str, KeyStat]]:
        """Yield the keys of both storages that start with `prefix`."""
        found = dict(self.above.list(prefix))
        yield from found.items()
        for key, stat in self.below.list(prefix):
            if key not in found and key not in self._hidden:
                yield key, stat

    def stat(self, key: str) -> KeyStat:
        """Return size and age of a value."""
        return self._holder(key).stat(key)

    def public_url(self, key: str, seconds: int) -> str:
        """Return a URL for the value."""
        return self._holder(key).public_url(key, seconds)

    def environment(self) -> dict[str, str]:
        """Return the variables that the storage below needs."""
        return self.below.environment()

    def _is_below(self, key: str) -> bool:
        try:
            self._shown(key).stat(key)
        except KeyAbsent:
            return False
        return True

    def _shown(self, key: str) -> Storage:
        if key in self._hidden:
            raise KeyAbsent(key)
        return self.below

    def _holder(self, key: str) -> Storage:
        try:
            self.above.stat(key)
        except KeyAbsent:
            return self._shown(key)
        return self.above
