"""The line that `--statusWait` asks for: what runs at the moment, for how long, and what waits."""

from __future__ import annotations

from collections.abc import Iterable

#: How many kinds of jobs are named.
_NAMED = 5


def status_report(running: Iterable[tuple[str, float]], issued: int, message: str | None = None) -> str:
    """Return what the batch system is doing, one line.

    :param running: the names of the jobs that run, each with the seconds since it started.
    :param issued: how many jobs are issued, running or not.
    :param message: what the batch system says holds jobs up.
    """
    kinds: dict[str, tuple[int, float]] = {}
    for name, seconds in running:
        count, longest = kinds.get(name, (0, 0.0))
        kinds[name] = (count + 1, max(longest, seconds))
    total = sum(count for count, _ in kinds.values())
    by_count = sorted(kinds.items(), key=lambda kind: (-kind[1][0], kind[0]))
    named = [f"{count} x {name} for up to {duration(longest)}" for name, (count, longest) in by_count[:_NAMED]]
    if len(by_count) > _NAMED:
        named.append(f"and {len(by_count) - _NAMED} other kinds")
    line = f"{total} {'job is' if total == 1 else 'jobs are'} running, {max(0, issued - total)} waiting to run"
    line += f" ({', '.join(named)})." if named else "."
    return f"{line} {message}" if message else line


def duration(seconds: float) -> str:
    """Return a length of time in its two largest units: `45 s`, `3 min 20 s`, `2 h 5 min`, `1 d 3 h`."""
    whole = max(0, round(seconds))
    for unit, size, smaller, part in (("d", 86400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size} {unit} {rest} {smaller}" if rest else f"{whole // size} {unit}"
    return f"{whole} s"
