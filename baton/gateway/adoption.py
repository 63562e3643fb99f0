"""The workflows of orders that were not placed here, and of orders that continue after Baton closed them.

Deposits to reusable addresses have no quote, pay links and other apps make orders under the same account, and money may
arrive after an order of ours closed unpaid. Each of these orders gets a workflow that tracks it, so that none is lost
(docs/decisions/0006).
"""

from temporalio.client import Client

from baton.gateway.router import adopted_workflow_id
from baton.gateway.signals import hand_over_errors
from baton.ledger.ledger import Ledger
from baton.ledger.rows import OrderRow
from baton.orchestra.models import OrderRecord, QuoteRequest, WebhookEvent
from baton.orders.names import OBSERVE, ORDER_WORKFLOW, adopted_reference, follow_up_reference, order_workflow_id
from baton.orders.observation import Observation
from baton.orders.place_order import ADOPTED, PlaceOrder
from baton.orders.start import as_started, start_options


class Adopter:
    """Starts the workflows that track orders which were not placed here.

    Args:
        client: A Temporal client.
        ledger: The ledger whose index will name the workflow of the order.
    """

    def __init__(self, client: Client, ledger: Ledger) -> None:
        self._client = client
        self._ledger = ledger

    async def adopt(self, account: str, event: WebhookEvent) -> str:
        """Start to track an order that the index does not know; return its workflow id. Repeating it is harmless.

        The order is claimed in the index before its workflow starts: if it is one of ours, whose submit was answered
        meanwhile, the claim fails.

        Raises:
            HandOverError: Temporal did not accept the workflow, or it has closed already.
            LedgerConflict: Another workflow has claimed the order meanwhile.
            LedgerError: The index could not be written.
        """
        await self._ledger.index_order(account, event.data.id, adopted_workflow_id(account, event.data.id))
        return await self._start(account, adopted_reference(event.data.id), event)

    async def follow_up(self, closed: OrderRow, event: WebhookEvent) -> str:
        """Start to track what happens after an order of ours closed; return the follow-up's workflow id.

        Raises:
            HandOverError: Temporal did not accept the workflow, or the follow-up has closed too.
            LedgerError: The index could not be written.
        """
        workflow_id = await self._start(closed.account, follow_up_reference(closed.reference), event)
        await self._ledger.reassign_order(closed.account, event.data.id, workflow_id)
        return workflow_id

    async def _start(self, account: str, reference: str, event: WebhookEvent) -> str:
        order, observed = adopted_order(account, reference, event.data), Observation.of_webhook(event)
        workflow_id = order_workflow_id(account, reference)
        async with hand_over_errors(workflow_id):
            await self._client.start_workflow(
                ORDER_WORKFLOW,
                as_started(order),
                start_signal=OBSERVE,
                start_signal_args=[[observed.envelope()]],
                **start_options(order, observed),
            )
        return workflow_id


def adopted_order(account: str, reference: str, record: OrderRecord) -> PlaceOrder:
    """Return the order as if it had been placed here; what its record does not say is `unknown`."""
    request = QuoteRequest(
        source_chain=record.source_chain or "unknown",
        source_asset=record.source_asset or "unknown",
        destination_chain=record.destination_chain or "unknown",
        destination_asset=record.destination_asset or "unknown",
        amount=record.amount_in or 0,
        recipient_address=record.recipient_address or record.destination_address or "unknown",
    )
    return PlaceOrder(account=account, reference=reference, kind=ADOPTED, request=request)
