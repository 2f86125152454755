"""How many short jobs one process is given to run one after the other: pure decisions, without processes or clocks.

A process costs milliseconds. Jobs that have proved to take little more than that are handed out in bundles, as large as
the time that a bundle should take allows, but no larger than what is left for each of those who could take some.
"""

from __future__ import annotations

import math

#: So many jobs of a kind must have ended well before any is taken to be short.
_PROVEN = 8
#: How many of the last jobs of a kind count, about; one long job among them makes the kind long for some time.
_MEMORY = 16
#: Jobs are short when at least so many fit in the time that a bundle should take.
_FEWEST = 2
#: What part of that time is not worth dividing further to keep everyone busy: about that of starting a process.
_CRUMB = 0.1


class Durations:
    """How long jobs of each kind take, learned from those that have ended well."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, float]] = {}

    def learn(self, kind: str, seconds: float) -> None:
        """Take note of how long a job of this kind took."""
        count, mean = self._known.get(kind, (0, 0.0))
        count += 1
        self._known[kind] = (count, mean + (seconds - mean) / min(count, _MEMORY))

    def expected(self, kind: str) -> float | None:
        """Return how many seconds a job of this kind is going to take, or None as long as too few have ended."""
        count, mean = self._known.get(kind, (0, 0.0))
        return mean if count >= _PROVEN else None


class Bundling:
    """Decides which jobs run in one process.

    :param target: the seconds that a bundle should take; 0 for no bundles.
    """

    def __init__(self, target: float) -> None:
        self.target = target
        self.durations = Durations()

    def expected(self, kind: str) -> float | None:
        """Return how many seconds a job of this kind is going to take, or None if none belongs into a bundle."""
        seconds = self.durations.expected(kind)
        return self.if_short(seconds) if seconds is not None else None

    def if_short(self, seconds: float) -> float | None:
        """Return the seconds that a job takes if they are so few that it belongs into a bundle, or else None."""
        return seconds if seconds * _FEWEST <= self.target else None

    def seconds_to_add(self, first: float, waiting: int, slots: int) -> float:
        """Return how many seconds' worth of jobs are to follow the first one of a bundle.

        :param first: the seconds that the first one is going to take.
        :param waiting: how many others wait that could follow it.
        :param slots: how many processes there can be for jobs like it at a time.
        """
        fair_share = first * math.ceil((waiting + 1) / max(1, slots))
        return min(self.target, max(fair_share, self.target * _CRUMB)) - first
