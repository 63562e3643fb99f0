"""The scale of an axis: round steps, and how its values are written. Pure."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

MOST_STEPS = 4
"""Steps between the lines of an axis of values."""

_ROUND = (1, 2, 5)
_ROUND_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
_LARGE = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))

Write = Callable[[float], str]
"""Writes a value of an axis."""


def count_lines(highest: float) -> list[float]:
    """Return the values at which an axis of counts has lines, from 0 to the highest value or above."""
    return _lines(highest, _count_step(highest))


def second_lines(highest: float) -> list[float]:
    """Return the values at which an axis of seconds has lines, from 0 to the highest value or above."""
    wanted = max(highest, 1.0) / MOST_STEPS
    day = _ROUND_SECONDS[-1]
    step = next((seconds for seconds in _ROUND_SECONDS if seconds >= wanted), None)
    return _lines(highest, step or _count_step(highest / day) * day)


def _count_step(highest: float) -> int:
    wanted, power = max(highest, 1.0) / MOST_STEPS, 1
    while True:
        for leading in _ROUND:
            if leading * power >= wanted:
                return leading * power
        power *= 10


def _lines(highest: float, step: float) -> list[float]:
    lines = [0.0, step]
    while lines[-1] < highest:
        lines.append(lines[-1] + step)
    return lines


def short_count(value: float) -> str:
    """Write a count in few characters, such as `12k`."""
    for size, letter in _LARGE:
        if value >= size:
            return f"{value / size:.4g}{letter}"
    return f"{value:.4g}"


def exact_count(value: float) -> str:
    """Write a count in full, such as `12,345`."""
    return f"{value:,.0f}"


def duration(seconds: float) -> str:
    """Write a duration in its two largest units, such as `3 min 20 s`."""
    if seconds < 10:
        return f"{seconds:.3g} s"
    rest, parts = round(seconds), list[str]()
    for size, unit in _UNITS:
        if rest >= size and len(parts) < 2:
            parts.append(f"{rest // size} {unit}")
            rest %= size
        elif parts:
            break
    return " ".join(parts)


def time_label(at: datetime, step: timedelta, previous: datetime | None = None) -> str:
    """Write the beginning of a bucket in UTC: its day where the day is new, its hour otherwise."""
    at = at.astimezone(UTC)
    if step >= timedelta(days=1) or previous is None or previous.astimezone(UTC).date() != at.date():
        return f"{at.day} {at:%b}" if step >= timedelta(days=1) or at.hour == 0 else f"{at.day} {at:%b %H:%M}"
    return f"{at:%H:%M}"


def bucket_name(at: datetime, step: timedelta) -> str:
    """Write the time of a bucket in full, for a table."""
    at = at.astimezone(UTC)
    if step >= timedelta(days=1):
        return f"{at:%Y-%m-%d}"
    return f"{at:%Y-%m-%d %H:%M}-{at + step:%H:%M}"
