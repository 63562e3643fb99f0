"""Reads orders for payer pages: each at most once a second, and from the ledger while Temporal does not answer."""

import asyncio
import time
from datetime import UTC, datetime
from typing import NamedTuple

from baton.client import BatonClient
from baton.errors import BatonError, OrderUnknown
from baton.ledger.errors import LedgerError
from baton.ledger.ledger import Ledger
from baton.orders.answers import Snapshot
from baton.orders.names import order_workflow_id
from baton.pages.tokens import PageOrder

FRESH = 1.0
"""Seconds for which an answer counts as the present."""

MOST_KEPT = 2_000
"""Orders whose last answer is kept."""


class PageReading(NamedTuple):
    """An order for its page.

    Attributes:
        order: Its snapshot.
        stale_since: When it was last written, if its workflow does not answer; None if it did.
    """

    order: Snapshot
    stale_since: datetime | None = None


class NotNow(Exception):
    """Neither the order's workflow nor the ledger answers."""


class PageOrders:
    """Reads orders, with a short memory.

    Args:
        baton: The client that asks the workflows.
        ledger: What is asked when Temporal does not answer.
    """

    def __init__(self, baton: BatonClient, ledger: Ledger) -> None:
        self._baton = baton
        self._ledger = ledger
        self._kept: dict[PageOrder, tuple[float, asyncio.Task[PageReading | None]]] = {}

    async def read(self, order: PageOrder) -> PageReading | None:
        """Return an order; None if there is none.

        Raises:
            NotNow: Nobody can say.
        """
        now = time.monotonic()
        kept = self._kept.get(order)
        if kept is None or (kept[1].done() and kept[0] < now - FRESH):
            kept = (now, asyncio.create_task(self._read(order)))
            self._keep(order, kept)
        # Shielded, so that a payer who leaves does not take the answer away from the others.
        return await asyncio.shield(kept[1])

    def _keep(self, order: PageOrder, kept: tuple[float, asyncio.Task[PageReading | None]]) -> None:
        self._kept.pop(order, None)
        self._kept[order] = kept
        while len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]

    async def _read(self, order: PageOrder) -> PageReading | None:
        try:
            return PageReading(await self._baton.snapshot(order.reference, order.account))
        except OrderUnknown:
            return await self._from_ledger(order, stale=False)
        except BatonError:
            found = await self._from_ledger(order, stale=True)
            if found is None:
                raise NotNow from None
            return found

    async def _from_ledger(self, order: PageOrder, *, stale: bool) -> PageReading | None:
        try:
            row = await self._ledger.order(order_workflow_id(order.account, order.reference))
        except LedgerError:
            raise NotNow from None
        if row is None:
            return None
        is_over = row.closed_at is not None
        return PageReading(
            Snapshot.model_validate(row.snapshot),
            None if is_over or not stale else (row.published_at or row.updated_at).astimezone(UTC),
        )
