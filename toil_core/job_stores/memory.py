"""A job store in this process's memory, for tests and for measuring what everything else costs."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import IO, NamedTuple

from toil_core.job_stores.abstract import AbstractJobStore
from toil_core.job_stores.storage import KeyAbsent, KeyStat, Storage, check_key


class _Value(NamedTuple):
    data: bytes
    modified: float


#: The containers of this process by name.
_containers: dict[str, dict[str, _Value]] = {}
_lock = threading.Lock()


class MemoryStorage(Storage):
    """Values in a dictionary that all objects with the same name share.

    :param name: which dictionary.
    """

    prefers_caching = False
    shared_between_processes = False

    def create(self) -> None:
        """Make the dictionary."""
        with _lock:
            if self.name in _containers:
                raise FileExistsError(self.name)
            _containers[self.name] = {}

    def open(self) -> None:
        """See that the dictionary is there."""
        if self.name not in _containers:
            raise FileNotFoundError(self.name)

    def destroy(self) -> None:
        """Forget the dictionary."""
        _containers.pop(self.name, None)

    def put(self, key: str, value: bytes, *, if_absent: bool = False) -> bool:
        """Store a value."""
        check_key(key)
        entry = _Value(bytes(value), time.time())
        values = self._values()
        if if_absent:
            return values.setdefault(key, entry) is entry
        values[key] = entry
        return True

    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Return the value, or a part of it."""
        data = self._value(key).data
        return data if not start and length is None else data[start : None if length is None else start + length]

    def open_read(self, key: str) -> AbstractContextManager[IO[bytes]]:
        """Open the value as a stream."""
        return io.BytesIO(self.read(key))

    @contextmanager
    def open_write(self, key: str) -> Iterator[IO[bytes]]:
        """Open a stream whose content is stored when the block ends."""
        check_key(key)
        with io.BytesIO() as stream:
            yield stream
            self.put(key, stream.getvalue())

    def delete(self, keys: Iterable[str]) -> None:
        """Forget the values."""
        values = self._values()
        for key in keys:
            values.pop(key, None)

    def list(self, prefix: str) -> Iterator[tuple[str, KeyStat]]:
        """Yield the keys that start with `prefix`."""
        for key, value in list(self._values().items()):
            if key.startswith(prefix):
                yield key, KeyStat(len(value.data), value.modified)

    def stat(self, key: str) -> KeyStat:
        """Return size and age of a value."""
        value = self._value(key)
        return KeyStat(len(value.data), value.modified)

    def public_url(self, key: str, seconds: int) -> str:
        """Return a `data:` URL, which is good for as long as anyone keeps it."""
        from base64 import b64encode

        return "data:application/octet-stream;base64," + b64encode(self.read(key)).decode("ascii")

    def _values(self) -> dict[str, _Value]:
        try:
            return _containers[self.name]
        except KeyError:
            raise FileNotFoundError(self.name) from None

    def _value(self, key: str) -> _Value:
        try:
            return self._values()[key]
        except KeyError:
            raise KeyAbsent(key) from None


class MemoryJobStore(AbstractJobStore):
    """A job store that ends with this process.

    :param locator: `memory:` and a name.
    """

    scheme = "memory"
    storage_type = MemoryStorage
