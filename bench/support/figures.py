"""Statistics of small samples. Pure."""

import math
from collections.abc import Sequence
from typing import NamedTuple, Self


class Spread(NamedTuple):
    """How a sample of durations spreads, in milliseconds; the percentiles are durations that were really seen."""

    size: int
    p50_ms: float
    p99_ms: float
    longest_ms: float

    @classmethod
    def of_seconds(cls, sample: Sequence[float]) -> Self | None:
        """Return the spread of durations given in seconds, or None for none at all."""
        if not sample:
            return None
        ordered = sorted(duration * 1000 for duration in sample)
        shares = [round(percentile(ordered, share), 1) for share in (0.5, 0.99, 1.0)]
        return cls(len(ordered), *shares)

    def __str__(self) -> str:
        return f"{self.p50_ms:,.0f} / {self.p99_ms:,.0f} ms"


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value of an ordered sample that at least this share of it does not exceed.

    Args:
        ordered: The sample, smallest first; not empty.
        share: Above 0, at most 1.
    """
    return ordered[math.ceil(share * len(ordered)) - 1]


def plain(figure: float) -> float:
    """Return a figure without a fraction where it has none."""
    return int(figure) if figure == int(figure) else figure
