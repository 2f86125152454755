"""When to talk to the scheduler again: soon after something has changed, seldom while nothing does, and at growing
intervals while it does not answer.
"""

from __future__ import annotations

_FIRST = 0.25
_GROWTH = 1.3
#: A second passes between polls for some time, and more only when nothing has changed for long.
_USUAL = 1.0
_CALM = 20
_SLOWEST = 30.0
_LONGEST_BACKOFF = 60.0


class PollPace:
    """How many seconds to let pass between two polls.

    :param fixed: what the user asked for; None to find a good pace.
    """

    def __init__(self, fixed: float | None) -> None:
        self._fixed = fixed
        self._interval = _FIRST
        self._unchanged_for = 0.0

    def tasks_were_submitted(self) -> None:
        """Begin anew with short intervals, since short tasks are soon over."""
        self._interval, self._unchanged_for = _FIRST, 0.0

    def tasks_have_ended(self) -> None:
        """Take note that something goes on."""
        self._interval, self._unchanged_for = min(self._interval, _USUAL), 0.0

    def next(self) -> float:
        """Return the seconds until the next poll."""
        if self._fixed is not None:
            return self._fixed
        interval = self._interval
        self._unchanged_for += interval
        calm = min(_SLOWEST, max(_USUAL, self._unchanged_for / _CALM))
        self._interval = min(calm, interval * _GROWTH) if interval < _USUAL else calm
        return interval


class Backoff:
    """How many seconds to leave the scheduler alone after it did not answer or had no room."""

    def __init__(self) -> None:
        self._failures = 0

    @property
    def is_backing_off(self) -> bool:
        """Whether the last try failed."""
        return self._failures > 0

    def failed(self) -> float:
        """Take note of a failure, and return the seconds to wait."""
        self._failures += 1
        return min(_LONGEST_BACKOFF, 2.0 ** (self._failures - 1))

    def succeeded(self) -> bool:
        """Take note of a success; return whether it ends a time of failures."""
        ends, self._failures = self._failures > 0, 0
        return ends
