"""What counts as flat, and the verdict of a soak. Pure.

A slope is the median of the slopes between all pairs of samples (Theil-Sen): a single spike, such as a collection of
garbage or a backup, does not move it, as it would move a least-squares fit.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from statistics import median
from typing import NamedTuple

from bench.support.figures import percentile

MOST_BYTES_PER_ORDER = 4_096
"""Growth of a process for each order that passed, above which it keeps something of orders that have ended.

What a worker holds of an open order takes 92,000 to 122,000 bytes (docs/results/open_orders.md), the order's own state
15,000 of them (docs/results/memory.md). A quarter of the state is less than anything that could be left of each order.
"""

MEMORY_WINDOW = 60.0
"""Seconds of which the least counts: what a process takes for a moment, as PostgreSQL for a vacuum, is no growth."""

MEMORY_NOISE = 2_000_000
"""Bytes by which a process may grow in the second half whatever the number of orders: it allocates in steps."""

MOST_LAG_RATIO = 1.5
"""How much longer the last third's p99 may be than the first third's: with a few hundred samples, p99 itself varies by
about a quarter between two thirds of the same load."""

LAG_SLACK = 0.25
"""Seconds by which a p99 may differ whatever its ratio: pauses of the machine."""

MOST_OVERDUE = 30.0
"""Seconds that an order may be under way at most: it lives about ten, and three times that is no queue yet."""


class Point(NamedTuple):
    """One sample: when it was taken, in seconds since the load began, and its value."""

    at: float
    value: float


class Finding(NamedTuple):
    """One thing that the verdict looked at.

    Attributes:
        what: What it is about.
        figure: What was measured.
        bound: What it must keep; `-` if it is only reported.
        passed: Whether it does.
    """

    what: str
    figure: str
    bound: str
    passed: bool = True


class LagThirds(NamedTuple):
    """A lag in the first and the last third of the load, in seconds."""

    samples: int
    first_p50: float
    first_p99: float
    last_p50: float
    last_p99: float


def slope(points: Sequence[Point]) -> float:
    """Return the change of the value in a second; 0 with fewer than two samples."""
    slopes = [(b.value - a.value) / (b.at - a.at) for a, b in combinations(points, 2) if b.at > a.at]
    return median(slopes) if slopes else 0.0


def second_half(points: Sequence[Point]) -> list[Point]:
    """Return the samples of the second half of the time."""
    middle = (points[0].at + points[-1].at) / 2 if points else 0.0
    return [point for point in points if point.at >= middle]


def least_of_each(window: float, points: Sequence[Point]) -> list[Point]:
    """Return the least sample of each so many seconds, at the beginning of its window; the last must be a whole one."""
    least: dict[int, float] = {}
    for point in points:
        number = int(point.at // window)
        least[number] = min(point.value, least.get(number, point.value))
    whole = int(points[-1].at // window) if points else 0
    return [Point(number * window, value) for number, value in sorted(least.items()) if number < whole]


def thirds_of(points: Sequence[Point], length: float) -> LagThirds | None:
    """Return a lag's first and last third of a load of that many seconds; None if one of them has no sample."""
    first = sorted(point.value for point in points if point.at < length / 3)
    last = sorted(point.value for point in points if point.at >= length * 2 / 3)
    if not first or not last:
        return None
    return LagThirds(len(points), *(percentile(third, share) for third in (first, last) for share in (0.5, 0.99)))


def memory_finding(process: str, points: Sequence[Point], rate: float, *, bounded: bool) -> Finding:
    """Judge the memory of a process.

    Args:
        process: Its name.
        points: Its bytes over time.
        rate: Orders that pass in a second.
        bounded: Whether it must stay flat; otherwise it is only reported.
    """
    late = second_half(least_of_each(MEMORY_WINDOW, points))
    growth = slope(late)
    each, total = growth / rate, growth * (late[-1].at - late[0].at) if late else 0.0
    megabytes = late[-1].value / 1e6 if late else 0.0
    figure = f"{megabytes:,.0f} MB, {each:+,.0f} bytes for each order"
    if not bounded:
        return Finding(f"memory, {process}", figure, "-")
    passed = each <= MOST_BYTES_PER_ORDER or total <= MEMORY_NOISE
    return Finding(f"memory, {process}", figure, f"at most {MOST_BYTES_PER_ORDER:,}", passed)


def lag_finding(name: str, points: Sequence[Point], length: float) -> Finding:
    """Judge whether a lag stayed as it was."""
    thirds = thirds_of(points, length)
    if thirds is None:
        return Finding(f"lag, {name}", "no samples in the first or the last third", "samples in both", passed=False)
    most = max(thirds.first_p99 * MOST_LAG_RATIO, thirds.first_p99 + LAG_SLACK)
    p50, p99 = (f"{_ms(first)} then {_ms(last)}" for first, last in zip(thirds[1:3], thirds[3:], strict=True))
    figure = f"p50 {p50}, p99 {p99}"
    return Finding(f"lag, {name}", figure, f"p99 at most {_ms(most)}", thirds.last_p99 <= most)


def count_finding(what: str, faults: Sequence[str]) -> Finding:
    """Judge that there is none of something; the first ones are named."""
    if not faults:
        return Finding(what, "none", "none")
    more = f" and {len(faults) - 3} more" if len(faults) > 3 else ""
    return Finding(what, f"{'; '.join(faults[:3])}{more}", "none", passed=False)


def overdue_finding(points: Sequence[Point]) -> Finding:
    """Judge how long the oldest order was under way."""
    oldest = max((point.value for point in points), default=0.0)
    return Finding("oldest order under way", f"{oldest:.1f} s", f"at most {MOST_OVERDUE:g} s", oldest <= MOST_OVERDUE)


def memory_findings(memory: Mapping[str, Sequence[Point]], rate: float, flat: Sequence[str]) -> list[Finding]:
    """Judge every process; those in `flat` must stay flat."""
    return [memory_finding(name, points, rate, bounded=name in flat) for name, points in memory.items()]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"
