"""Does the act of a bulk to one order. The update has the bulk's id, so that a repeat of it is answered, not done."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from temporalio.client import Client

from baton.bulk.request import BulkAct, BulkRequest, update_of
from baton.errors import OrderRefused
from baton.ledger.bulk_rows import BulkOrderRow
from baton.ledger.ledger import Ledger
from baton.orders.names import CANCEL, CLOSE_BY_HAND
from baton.temporal_orders import TemporalOrders

PATIENCE = timedelta(seconds=25)
"""How long one order may take to answer."""


class RunningBulk(NamedTuple):
    """A bulk as it was requested, and by whom."""

    id: str
    request: BulkRequest
    by: str


class OrderActs:
    """Does the acts of bulks.

    Args:
        temporal: A Temporal client with the pydantic data converter.
        ledger: An open ledger.
    """

    def __init__(self, temporal: Client, ledger: Ledger) -> None:
        self._orders = TemporalOrders(temporal, PATIENCE)
        self._ledger = ledger

    async def act(self, bulk: RunningBulk, row: BulkOrderRow) -> None:
        """Do the act to one order.

        Raises:
            BatonError: It was refused, or nobody answered.
            LedgerError: The ledger did not answer.
        """
        if bulk.request.act is BulkAct.REDELIVER:
            await self._redeliver(bulk.request, row)
            return
        name, argument = update_of(bulk.request, bulk.by)
        standing = await self._orders.update(row.reference, row.account, name, argument, update_id=f"bulk/{bulk.id}")
        wanted = {CANCEL: "cancelled", CLOSE_BY_HAND: bulk.request.outcome}.get(name)
        if wanted is not None and standing.outcome != wanted:
            raise OrderRefused("order_closed", f"the order is closed: {standing.outcome}", "see how it ended", standing)

    async def _redeliver(self, request: BulkRequest, row: BulkOrderRow) -> None:
        endpoint = str(request.endpoint)
        if not await self._ledger.notifications.repeat_order(endpoint, row.workflow_id, datetime.now(UTC)):
            message = f"the endpoint {endpoint} was notified of nothing about this order"
            raise OrderRefused("nothing_to_redeliver", message, "check the endpoint's name and what it wants")
