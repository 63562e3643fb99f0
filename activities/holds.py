"""Activities of holds: tell the orders that wait that their turn has come, and count them."""

import asyncio
import time
from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel
from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.support.held_counts import count_behind
from baton.encoding.amounts import Time
from baton.holds.models import CountHeld, HeldCounts, OrdersReleased, ReleaseOrders
from baton.holds.names import COUNT_HELD, RELEASE_ORDERS, RELEASED
from baton.ledger.ledger import Ledger
from baton.ledger.order_search import PageEnd

AT_ONCE = 50
"""How many orders are signalled at the same time where no rate is set."""

_BURST = 0.1
"""Seconds whose orders are signalled together at a rate, so that a high rate can be reached."""


class ReleaseProgress(BaseModel):
    """How far a release is, as its heartbeats carry it from one attempt to the next."""

    released: int = 0
    last_opened_at: Time | None = None
    last_workflow_id: str | None = None

    @classmethod
    def of(cls, call: ReleaseOrders) -> Self:
        """Return where to begin: after the last heartbeat, else where the part before ended."""
        details = activity.info().heartbeat_details
        if details:
            return cls.model_validate(details[0])
        return cls(last_opened_at=call.last_opened_at, last_workflow_id=call.last_workflow_id)

    @property
    def after(self) -> PageEnd | None:
        """The order that was signalled last."""
        if self.last_opened_at is None or self.last_workflow_id is None:
            return None
        return PageEnd(self.last_opened_at, self.last_workflow_id)

    def note(self, signalled: Sequence[PageEnd]) -> None:
        """Note that these orders were signalled."""
        self.released += len(signalled)
        self.last_opened_at, self.last_workflow_id = signalled[-1]
        activity.heartbeat(self)


class HoldActivities:
    """The activities of holds.

    Args:
        client: A Temporal client.
        ledger: Where the orders that wait are listed.
    """

    def __init__(self, client: Client, ledger: Ledger) -> None:
        self._client = client
        self._ledger = ledger

    @activity.defn(name=RELEASE_ORDERS)
    async def release_held_orders(self, call: ReleaseOrders) -> OrdersReleased:
        """Signal the next orders, the oldest first and never faster than the rate, until the planned time is over.

        A worker that dies repeats the orders since its last heartbeat at most; an order that was signalled before takes
        no notice.
        """
        progress, ends = ReleaseProgress.of(call), time.monotonic() + call.seconds
        number = AT_ONCE if call.rate is None else max(1, int(call.rate * _BURST))
        while time.monotonic() < ends:
            begun = time.monotonic()
            orders = await self._ledger.held_orders.page(call.hold_id, number, progress.after, call.held_since)
            if not orders:
                return OrdersReleased(done=True, **progress.model_dump())
            await asyncio.gather(*(self._signal(order.workflow_id, call.hold_id) for order in orders))
            progress.note(orders)
            if call.rate is not None:
                await _pause(begun + len(orders) / call.rate, progress)
        return OrdersReleased(done=False, **progress.model_dump())

    async def _signal(self, workflow_id: str, hold_id: str) -> None:
        """Signal an order that its turn has come; one that has ended meanwhile needs nothing."""
        try:
            await self._client.get_workflow_handle(workflow_id).signal(RELEASED, hold_id)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    @activity.defn(name=COUNT_HELD)
    async def count_held_orders(self, call: CountHeld) -> HeldCounts:
        """Return what waits behind each hold, by the orders' rows in the ledger."""
        holds = [*call.holds, *call.releasing]
        return HeldCounts(counts=[await count_behind(self._ledger, hold, call) for hold in holds])


async def _pause(until: float, progress: ReleaseProgress) -> None:
    """Wait until the next orders may be signalled; what took too long is never made up for."""
    while (left := until - time.monotonic()) > 0:
        await asyncio.sleep(min(left, 1.0))
        activity.heartbeat(progress)
