"""The story of an order as statuses in time: what its workflow recorded, and what webhooks told after it had closed.

Pure decisions. A late status is news only where it changes the story: one that stands next to the same status in time
is the same fact told twice.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from baton.ledger.rows import LATE, TransitionRow

_BEGINNING = datetime.min.replace(tzinfo=UTC)


def _when(row: TransitionRow) -> tuple[datetime, bool, int]:
    return (row.at or _BEGINNING, row.source == LATE, row.position or 0)


def _place(story: Sequence[TransitionRow], row: TransitionRow) -> int:
    return sum(1 for told in story if _when(told) <= _when(row))


def is_news(story: Sequence[TransitionRow], row: TransitionRow) -> bool:
    """Tell whether a late status changes the story, which must be in order of time."""
    place = _place(story, row)
    neighbours = story[max(place - 1, 0) : place + 1]
    return all(row.status != neighbour.status for neighbour in neighbours)


def in_order(rows: Iterable[TransitionRow]) -> list[TransitionRow]:
    """Return the story in order of time: everything the workflow recorded, and the late statuses that are news."""
    ordered = sorted(rows, key=_when)
    story = [row for row in ordered if row.source != LATE]
    for row in ordered:
        if row.source == LATE and is_news(story, row):
            story.insert(_place(story, row), row)
    return story
