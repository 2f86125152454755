"""Things the leader has to do every so often, without looking at the clock for each job."""

from __future__ import annotations

import time
from collections.abc import Callable


class Deadlines:
    """Calls functions periodically, when asked to, and tells how long nothing will be due.

    :param clock: returns seconds; replaced in tests.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due: list[tuple[float, float, Callable[[], None]]] = []

    def every(self, seconds: float, action: Callable[[], None]) -> None:
        """Have `action` called about every so many seconds."""
        self._due.append((self._clock() + seconds, seconds, action))

    def seconds_left(self) -> float:
        """Return how many seconds remain until something is due."""
        if not self._due:
            return 3600.0
        return max(0.0, min(at for at, _, _ in self._due) - self._clock())

    def run_due(self) -> None:
        """Call everything that is due."""
        now = self._clock()
        if all(at > now for at, _, _ in self._due):
            return
        for index, (at, period, action) in enumerate(self._due):
            if at <= now:
                self._due[index] = (now + period, period, action)
                action()
