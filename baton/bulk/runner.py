"""Goes through the orders of a bulk: at a rate, a few at a time, with a result row for each.

What it knows is in the ledger, so the next run continues where it was.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from baton.bulk.messages import BulkProgress
from baton.bulk.order_acts import RunningBulk
from baton.bulk.request import LEAST_RATE
from baton.bulk.verdicts import act_of, done, not_done
from baton.errors import BatonError
from baton.ledger.bulk_rows import BulkOrderRow, BulkState
from baton.ledger.ledger import Ledger

CONCURRENT = 16
"""Orders that are touched at the same time."""

MOST_IN_PART = 64
"""Orders whose turn comes with one write, at most."""

DoAct = Callable[[RunningBulk, BulkOrderRow], Awaitable[None]]
"""Does the act of a bulk to one order, or raises a `BatonError`."""


class BulkRunner:
    """Runs bulks.

    Args:
        ledger: An open ledger.
        act: Does the act to one order.
    """

    def __init__(self, ledger: Ledger, act: DoAct) -> None:
        self._ledger = ledger
        self._act = act

    async def run(self, bulk: RunningBulk, most: int) -> None:
        """Do the act to the next orders, at most so many.

        Raises:
            LedgerError: The ledger did not answer; every result so far is in it.
        """
        pace = Pace(bulk.request.rate)
        part = part_of(bulk.request.rate)
        for _ in range(0, most, part):
            await pace.until_due()  # before the look whether somebody stopped it, which may be long after the last
            rows = await self._ledger.bulks.begin(bulk.id, part)
            if not rows:
                return
            await self._do_all(bulk, rows, pace)

    async def _do_all(self, bulk: RunningBulk, rows: list[BulkOrderRow], pace: "Pace") -> None:
        room = asyncio.Semaphore(CONCURRENT)
        async with asyncio.TaskGroup() as group:
            for row in rows:
                await room.acquire()
                await pace.turn()
                group.create_task(self._do(bulk, row)).add_done_callback(lambda _: room.release())

    async def _do(self, bulk: RunningBulk, row: BulkOrderRow) -> None:
        try:
            await self._act(bulk, row)
        except BatonError as error:
            ended = not_done(row, bulk.request, error, datetime.now(UTC))
        else:
            ended = done(row, datetime.now(UTC))
        await self._ledger.bulks.finish(ended, act_of(ended, bulk.request, bulk.by, datetime.now(UTC)))


def part_of(rate: float) -> int:
    """Return how many orders get their turn with one write: those of about a second, so that a stop is soon heard."""
    return max(1, min(MOST_IN_PART, round(rate)))


class Pace:
    """Lets so many turns begin in a second, evenly.

    Args:
        rate: Turns in a second.
    """

    def __init__(self, rate: float) -> None:
        self._interval = 1 / max(rate, LEAST_RATE)
        self._next = time.monotonic()

    async def until_due(self) -> None:
        """Wait until the next turn is due, without taking it."""
        await asyncio.sleep(self._next - time.monotonic())

    async def turn(self) -> None:
        """Wait for the next turn; what was missed is not made up for."""
        now = time.monotonic()
        self._next = max(self._next, now) + self._interval
        await asyncio.sleep(self._next - self._interval - now)


def progress_of(counts: dict[BulkState, int], *, stopped: bool) -> BulkProgress:
    """Return the progress that the states of a bulk's orders are; `stopped` says whether somebody stopped it."""
    return BulkProgress(
        waiting=counts.get(BulkState.WAITING, 0) + counts.get(BulkState.BEGUN, 0),
        done=counts.get(BulkState.DONE, 0),
        refused=counts.get(BulkState.REFUSED, 0),
        failed=counts.get(BulkState.FAILED, 0),
        stopped=stopped,
    )
