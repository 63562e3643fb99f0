"""One timer for all deadlines of an order.

Each timer costs two events to start and end and a workflow task when it fires, so the alarm is lazy: it may ring early,
never late. Whoever hears it looks at what it has reached and sets it again. A deadline that moves away costs nothing.

What has passed is told by the alarm's own targets, never by comparing with the clock: `workflow.now()` may differ by
milliseconds between a run and its replay when a local activity was under way, and a decision must not (see
docs/decisions/0002).
"""

import asyncio
from datetime import UTC, datetime, timedelta

from temporalio import workflow

_SOON = timedelta(milliseconds=1)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class UpdatableTimer:
    """Rings at or before the time it was set to.

    Attributes:
        rang: It rang since it was last set.
    """

    def __init__(self) -> None:
        self.fired = False
        self._reached = _LONG_AGO
        self._at = _LONG_AGO
        self._timer: asyncio.Task[None] | None = None

    def set(self, at: datetime) -> None:
        """Make sure that the alarm rings not later than `at`."""
        self.fired = False
        if self._timer and not self._timer.done() and self._at <= at:
            return
        if self._timer:
            self._timer.cancel()
        self._at = at
        self._timer = asyncio.create_task(self._ring_at(at))

    def reached(self, at: datetime) -> bool:
        """Tell whether that time has passed."""
        return at <= self._reached

    async def _ring_at(self, at: datetime) -> None:
        await workflow.sleep(max(at - workflow.now(), _SOON), summary=f"next look at the order by {at:%H:%M:%S} UTC")
        self._reached = max(self._reached, at)
        self.fired = True
