"""Sizes and times as people write them (`2G`, `100 MiB`, `1h`, `1:30:00`) and as programs count them."""

from __future__ import annotations

import re

_DECIMAL = "kMGTPEZY"
_FACTORS: dict[str, int] = {"": 1}
for _power, _letter in enumerate(_DECIMAL, start=1):
    _FACTORS[_letter.lower()] = 1000**_power
    _FACTORS[_letter.lower() + "i"] = 1024**_power
_FORM = re.compile(r"\s*(?P<number>[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?)\s*(?P<unit>[a-zA-Z]*)\s*")


def human2bytes(text: str | int | float) -> int:
    """Return the number of bytes that a size like `2G`, `512 MiB` or `1e6` stands for.

    A suffix with `i` counts in powers of 1024 and one without it in powers of 1000; a closing `B` and the case of
    the letters do not matter. Numbers are returned as they are, rounded down.

    :raises ValueError: if the text is not a size.
    """
    if isinstance(text, (int, float)):
        return int(text)
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text}' is not a size; write a number of bytes, or one with a suffix such as 512M or 2Gi.")
    unit = match["unit"].lower().removesuffix("b")
    if unit not in _FACTORS:
        raise ValueError(f"'{match['unit']}' in '{text}' is not a unit of size; use K, M, G, T … or Ki, Mi, Gi, Ti ….")
    number = match["number"]
    factor = _FACTORS[unit]
    return int(number) * factor if number.isdigit() else int(float(number) * factor)


def bytes2human(size: float) -> str:
    """Return a size in bytes in the largest binary unit that it fills, with one digit after the point: `2.0 GiB`."""
    for unit in ("B", "KiB", "MiB", "GiB", "TiB", "PiB"):
        if abs(size) < 1024 or unit == "PiB":
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    raise AssertionError("unreachable")


_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_CLOCK = re.compile(r"(?:(?P<days>[0-9]+)-)?(?P<hours>[0-9]+):(?P<minutes>[0-9]{1,2})(?::(?P<seconds>[0-9]{1,2}))?")


def seconds_of(text: str | int | float) -> float:
    """Return the seconds that a time stands for: a number, one with s, m, h, d or w after it, or `[D-]HH:MM[:SS]`.

    :raises ValueError: if it is no such time, or negative.
    """
    if isinstance(text, (int, float)) and not isinstance(text, bool) and 0 <= text < float("inf"):
        return float(text)
    clock = _CLOCK.fullmatch(str(text).strip())
    if clock is not None:
        days, hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
    match = _FORM.fullmatch(str(text))
    if match is None or match["unit"].lower() not in _SECONDS:
        raise ValueError(f"'{text}' is not a time; write seconds, or such as 90s, 15m, 2h, 1d or 1:30:00.")
    return float(match["number"]) * _SECONDS[match["unit"].lower()]
