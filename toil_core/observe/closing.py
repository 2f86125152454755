"""What an observer returns when it is attached: something to close at the end of the run."""

from __future__ import annotations

import logging
from typing import Protocol

logger = logging.getLogger(__name__)


class Closeable(Protocol):
    """Something that holds a file, a thread or the terminal until it is closed."""

    def close(self) -> None:
        """Let go of everything; closing once more does nothing."""


class Closers:
    """Several things to close together, the last one first; one that fails does not keep the others from it."""

    def __init__(self) -> None:
        self._members: list[Closeable] = []

    def add(self, member: Closeable) -> None:
        """Have one more thing closed."""
        self._members.append(member)

    def close(self) -> None:
        """Close everything; what goes wrong is logged, since a run is not to fail for how it was watched."""
        while self._members:
            member = self._members.pop()
            try:
                member.close()
            except Exception as error:
                logger.warning("The observer %s could not be closed: %s", type(member).__name__, error)
