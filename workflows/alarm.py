"""One timer for all deadlines of an order.

Each timer costs two events to start and end and a workflow task when it fires, so the alarm is lazy: it may ring early,
never late. Whoever hears it looks at the clock and sets it again. A deadline that moves away costs nothing.
"""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow

_SOON = timedelta(milliseconds=1)


class Alarm:
    """Rings at or before the time it was set to."""

    def __init__(self) -> None:
        self.rang = False
        self._at: datetime | None = None
        self._timer: asyncio.Task[None] | None = None

    def set(self, at: datetime) -> None:
        """Make sure that the alarm rings not later than `at`."""
        self.rang = False
        if self._timer and not self._timer.done() and self._at and self._at <= at:
            return
        if self._timer:
            self._timer.cancel()
        self._at = at
        self._timer = asyncio.create_task(self._ring_at(at))

    async def _ring_at(self, at: datetime) -> None:
        await workflow.sleep(max(at - workflow.now(), _SOON), summary=f"next look at the order by {at:%H:%M:%S} UTC")
        self.rang = True
