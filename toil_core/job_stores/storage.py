"""The narrow waist: what a place must be able to do to hold a job store.

A backend implements these methods and knows nothing of jobs. Keys are relative paths of `/`-separated parts
(`records/k3f9/0`, `files/…/reads.bam`); values are bytes. Everything that Toil means by a job, a commit or a file is
written once, above this line. All methods may be called from several processes, on several machines, at once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import IO, NamedTuple


class KeyStat(NamedTuple):
    """What is known of one stored value: its size in bytes and when it was last written (seconds since the epoch)."""

    size: int
    modified: float


class KeyAbsent(Exception):
    """No value is stored under this key."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class Storage(ABC):
    """A flat, durable map from keys to bytes with atomic writes.

    :param name: the part of the locator after the scheme, as the user typed it.
    """

    #: Whether a copy on each node saves transfers (true for remote stores); decides `--caching` when the user does not.
    prefers_caching = True

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    def create(self) -> None:
        """Make the container.

        :raises FileExistsError: if it is there already; exactly one of several concurrent callers succeeds.
        """

    @abstractmethod
    def open(self) -> None:
        """Connect to the existing container.

        :raises FileNotFoundError: if there is none.
        """

    @abstractmethod
    def destroy(self) -> None:
        """Delete the container and all it holds; succeeds where nothing is left or `open` was never called."""

    @abstractmethod
    def put(self, key: str, value: bytes, *, if_absent: bool = False) -> bool:
        """Store a value: at once or not at all, whatever is killed; readers see the old value or the new one.

        :param if_absent: keep the value that is there, if any, and return False.
        :returns: whether `value` is now what is stored.
        """

    @abstractmethod
    def read(self, key: str, start: int = 0, length: int | None = None) -> bytes:
        """Return the value's bytes from `start` on, at most `length` of them (fewer where the value ends first).

        :raises KeyAbsent: if nothing is stored there.
        """

    @abstractmethod
    def open_read(self, key: str) -> AbstractContextManager[IO[bytes]]:
        """Open the value as a stream.

        :raises KeyAbsent: if nothing is stored there.
        """

    @abstractmethod
    def open_write(self, key: str) -> AbstractContextManager[IO[bytes]]:
        """Open a stream whose content is stored, as by `put`, when the block ends; on an exception nothing changes."""

    @abstractmethod
    def delete(self, keys: Iterable[str]) -> None:
        """Delete the values; keys that are absent are passed over."""

    @abstractmethod
    def list(self, prefix: str) -> Iterator[tuple[str, KeyStat]]:
        """Yield every key that starts with `prefix`, in any order, with its stat. Unfinished writes never show."""

    @abstractmethod
    def stat(self, key: str) -> KeyStat:
        """Return size and age of a value.

        :raises KeyAbsent: if nothing is stored there.
        """

    @abstractmethod
    def public_url(self, key: str, seconds: int) -> str:
        """Return a URL that anyone who may read the store can fetch for at least `seconds`.

        :raises KeyAbsent: if nothing is stored there.
        """

    # Optional fast paths. A backend overrides what it can do better; the defaults are always right.

    def read_many(self, keys: Sequence[str]) -> Iterator[bytes | None]:
        """Yield the value of each key in order, None where it is absent."""
        for key in keys:
            try:
                yield self.read(key)
            except KeyAbsent:
                yield None

    def local_path(self, key: str) -> str | None:
        """Return a path on this machine at which the value can be read and linked to, or None where there is none."""
        return None

    def put_file(self, key: str, path: str, *, link: bool = False) -> bool:
        """Store a local file's content without reading it into memory; with `link`, a hard link will do.

        :returns: False if the backend has no such fast path; the caller then streams the file.
        """
        return False

    def environment(self) -> dict[str, str]:
        """Return the variables that a worker needs in its environment to reach this storage."""
        return {}
