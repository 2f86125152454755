"""The narrow waist: what a place must be able to do to hold a job store.

A backend implements these methods and knows nothing of jobs. Keys are relative paths of `/`-separated parts
(`records/k3f9/0`, `files/…/reads.bam`); values are bytes. Everything that Toil means by a job, a commit or a file is
written once, above this line. All methods may be called from several processes, on several machines, at once.

The parts of a key are not empty, do not start with a dot, hold neither `/` nor a null character, and are at most
`MAX_PART` bytes long; a backend that maps keys to something where other parts have a meaning checks with `check_key`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import IO, NamedTuple

#: How long a part of a key may be, in bytes of UTF-8.
MAX_PART = 255


class KeyStat(NamedTuple):
    """What is known of one stored value: its size in bytes and when it was last written (seconds since the epoch)."""

    size: int
    modified: float


class KeyAbsent(Exception):
    """No value is stored under this key."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


class ContainerIncomplete(Exception):
    """The container is there, but its creation or its deletion was cut off."""


def check_key(key: str) -> None:
    """See that a key is one, and leads nowhere but into the container.

    :raises ValueError: if it is not.
    """
    if not key or key[0] in "./" or key[-1] == "/" or "/." in key or "//" in key or "\0" in key:
        raise ValueError(f"{key!r} is not a storage key")


class Storage(ABC):
    """A flat, durable map from keys to bytes with atomic writes.

    :param name: the part of the locator after the scheme, as the user typed it.
    """

    #: Whether a copy on each node saves transfers (true for remote stores); decides `--caching` when the user does not.
    prefers_caching = True
    #: Whether other processes see what this one stores; only a storage for tests can afford not to.
    shared_between_processes = True
    #: Whether values have to survive a crash of the machine, not only of processes, before `put` returns; set by the
    #: job store from `--durable`.
    durable = False

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
        :raises ContainerIncomplete: if only a part of it is there.
        """

    @abstractmethod
    def destroy(self) -> None:
        """Delete the container and all it holds; succeeds where nothing is left or `open` was never called.

        :raises NotADirectoryError: if what is there is not a container, so that a mistyped name costs nothing.
        """

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
        """Return a path on this machine at which the value can be read and linked to, or None where there is none.

        :raises KeyAbsent: if nothing is stored there.
        """
        return None

    def put_file(self, key: str, path: str, *, link: bool = False) -> bool:
        """Store a local file's content without reading it into memory, and whether it is executable.

        :param link: whether a hard link will do.
        :returns: False if the backend has no such fast path; the caller then streams the file.
        """
        return False

    def put_link(self, key: str, path: str) -> bool:
        """Store a reference to a local file, which whoever reads the value then reads.

        :returns: False if the backend cannot; the caller then copies the file.
        """
        return False

    def move_out(self, key: str, path: str) -> bool:
        """Make the value a file at a local path, replacing what is there, and keep a reference to it in its place.

        :returns: False if the backend cannot; the caller then copies the value.
        :raises KeyAbsent: if nothing is stored there.
        """
        return False

    def share(self, key: str, path: str) -> bool:
        """Make the value's own file appear at a local path where nothing is, too, if nobody else has a share in it.

        :returns: False if somebody has, or the backend cannot; the caller then copies the value.
        :raises KeyAbsent: if nothing is stored there.
        """
        return False

    def discard_unfinished(self) -> None:
        """Free the space of writes whose process died before they ended; those of live processes are left alone."""

    def environment(self) -> dict[str, str]:
        """Return the variables that a worker needs in its environment to reach this storage."""
        return {}
