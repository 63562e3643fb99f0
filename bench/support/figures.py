"""Statistics of small samples. Pure."""

import math
from collections.abc import Sequence
from typing import NamedTuple, Self


class Spread(NamedTuple):
    """The spread of a sample of durations, in milliseconds; each percentile is a duration of the sample."""

    size: int
    p50_ms: float
    p99_ms: float
    longest_ms: float

    @classmethod
    def of_seconds(cls, sample: Sequence[float]) -> Self | None:
        """Return the spread of durations that are given in seconds; None if there are none."""
        if not sample:
            return None
        ordered = sorted(duration * 1000 for duration in sample)
        shares = [round(percentile(ordered, share), 1) for share in (0.5, 0.99, 1.0)]
        return cls(len(ordered), *shares)

    def __str__(self) -> str:
        return f"{self.p50_ms:,.0f} / {self.p99_ms:,.0f} ms"


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of an ordered sample does not exceed.

    Args:
        ordered: The sample, smallest first; not empty.
        share: Above 0, at most 1.
    """
    return ordered[math.ceil(share * len(ordered)) - 1]


def plain(figure: float) -> float:
    """Return a whole number as an int, and any other number as it is."""
    return int(figure) if figure == int(figure) else figure
