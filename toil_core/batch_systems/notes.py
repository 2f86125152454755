"""`Notebook`: where a batch system keeps what has to survive the leader."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class Notebook(Protocol):
    """Notes that survive the leader; each has a name and is written as a whole."""

    def write(self, name: str, text: str) -> None:
        """Write a note, over the one of that name if there is one."""

    def read(self, name: str) -> str | None:
        """Return a note, or None if there is none of that name."""

    def names(self, prefix: str) -> list[str]:
        """Return the names of all notes that begin so."""

    def key(self, name: str) -> str:
        """Return the key under which workers can write a note to the job store."""

    def delete(self, names: Iterable[str]) -> None:
        """Forget notes."""


class Scratchpad:
    """Notes that are gone with this process, for a batch system that is used without a job store."""

    def __init__(self) -> None:
        self._notes: dict[str, str] = {}

    def key(self, name: str) -> str:
        """Return the name itself; no worker can write here."""
        return name

    def write(self, name: str, text: str) -> None:
        """Write a note."""
        self._notes[name] = text

    def read(self, name: str) -> str | None:
        """Return a note, or None."""
        return self._notes.get(name)

    def names(self, prefix: str) -> list[str]:
        """Return the names of all notes that begin so."""
        return [name for name in self._notes if name.startswith(prefix)]

    def delete(self, names: Iterable[str]) -> None:
        """Forget notes."""
        for name in list(names):
            self._notes.pop(name, None)
