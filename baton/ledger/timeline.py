"""The timeline of an order: the statuses that its workflow recorded, and those of webhooks after it closed. Pure.

A late status is news only if it changes the timeline: next to the same status it only repeats it.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from baton.ledger.rows import LATE, TransitionRow

_BEGINNING = datetime.min.replace(tzinfo=UTC)


def _sort_key(row: TransitionRow) -> tuple[datetime, bool, int]:
    return (row.at or _BEGINNING, row.source == LATE, row.position or 0)


def _position(timeline: Sequence[TransitionRow], row: TransitionRow) -> int:
    return sum(1 for earlier in timeline if _sort_key(earlier) <= _sort_key(row))


def is_news(timeline: Sequence[TransitionRow], row: TransitionRow) -> bool:
    """Whether a late status changes the timeline, which must be sorted by time."""
    position = _position(timeline, row)
    neighbours = timeline[max(position - 1, 0) : position + 1]
    return all(row.status != neighbour.status for neighbour in neighbours)


def in_order(rows: Iterable[TransitionRow]) -> list[TransitionRow]:
    """Return the timeline sorted by time: all that the workflow recorded, and the late statuses that are news."""
    ordered = sorted(rows, key=_sort_key)
    timeline = [row for row in ordered if row.source != LATE]
    for row in ordered:
        if row.source == LATE and is_news(timeline, row):
            timeline.insert(_position(timeline, row), row)
    return timeline
