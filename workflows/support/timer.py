"""One timer for all deadlines of an order.

A timer costs two events and, when it fires, a workflow task. So this one is lazy: it may fire early, never late. The
caller checks which deadlines were reached and sets it again; a deadline that moves later costs nothing.

Whether a deadline passed is judged by the timer's own targets, never by the clock: `workflow.now()` may differ by
milliseconds between a run and its replay while a local activity is under way, and a decision must not (see
docs/decisions/0002).
"""

import asyncio
from datetime import UTC, datetime, timedelta

from temporalio import workflow

_SOON = timedelta(milliseconds=1)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_LONGEST = timedelta(days=30)
"""A time from outside may be millennia ahead; the timer then fires early and is set again."""


class UpdatableTimer:
    """Fires at or before the time it was set to.

    Attributes:
        fired: Whether it fired since it was last set.
    """

    def __init__(self) -> None:
        self.fired = False
        self._reached = _LONG_AGO
        self._at = _LONG_AGO
        self._timer: asyncio.Task[None] | None = None

    def set(self, at: datetime, words: str) -> None:
        """Make sure that the timer fires at `at` or earlier; `words` say in the timeline what it ends."""
        self.fired = False
        at = min(at, workflow.now() + _LONGEST)
        if self._timer and not self._timer.done() and self._at <= at:
            return
        if self._timer:
            self._timer.cancel()
        self._at = at
        self._timer = asyncio.create_task(self._fire_at(at, words))

    def reached(self, at: datetime) -> bool:
        """Whether the timer has fired for this time or a later one."""
        return at <= self._reached

    async def _fire_at(self, at: datetime, words: str) -> None:
        now = workflow.now()
        await workflow.sleep(max(at - now, _SOON), summary=words)
        self._reached = max(self._reached, at)
        self.fired = True
