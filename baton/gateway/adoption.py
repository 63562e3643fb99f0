"""Orders that nobody here placed, and orders that go on after we closed them: each gets a workflow that tracks it.

Deposits to reusable addresses have no quote, pay links and other apps make orders under the same account, and money may
arrive after an order of ours had closed for lack of it. None of these may be lost (design decision 6).
"""

from enum import StrEnum

from temporalio.client import Client

from baton.gateway.signals import translated
from baton.ledger.ledger import Ledger
from baton.ledger.rows import OrderRow
from baton.orchestra.models import OrderRecord, QuoteRequest, WebhookEvent
from baton.orders.models import Outcome
from baton.orders.names import OBSERVE, ORDER_WORKFLOW, adopted_reference, follow_up_reference, order_workflow_id
from baton.orders.observation import Observation
from baton.orders.place_order import ADOPTED, PlaceOrder
from baton.orders.start import start_options

_OURS = frozenset({Outcome.EXPIRED, Outcome.CANCELLED, Outcome.UNFULFILLED, Outcome.FAILED})
"""Outcomes that we may have decided without Orchestra; news after those is money on its way."""


class UnknownOrders(StrEnum):
    """What an account does with orders that nobody here placed."""

    ADOPT = "adopt"
    IGNORE = "ignore"


class Adopter:
    """Starts the workflows that track what was not placed here.

    Args:
        client: A Temporal client.
        ledger: Where the order is made to lead to its workflow.
    """

    def __init__(self, client: Client, ledger: Ledger) -> None:
        self._client = client
        self._ledger = ledger

    async def adopt(self, account: str, event: WebhookEvent) -> str:
        """Start tracking an order that no index knows; return its workflow id. Doing it again changes nothing.

        The order is claimed before its workflow starts: it may be one of ours whose call is just being answered.

        Raises:
            HandOverError: Temporal did not take it, or the workflow has closed already.
            LedgerConflict: The order has become another workflow's meanwhile.
            LedgerError: The index could not be written.
        """
        await self._ledger.index_order(account, event.data.id, adopted_workflow_id(account, event.data))
        return await self._track(account, adopted_reference(event.data.id), event)

    async def follow_up(self, closed: OrderRow, event: WebhookEvent) -> str:
        """Start tracking what goes on after an order of ours closed; return the follow-up's workflow id.

        Raises:
            HandOverError: Temporal did not take it, or the follow-up has closed too.
            LedgerError: The index could not be written.
        """
        workflow_id = await self._track(closed.account, follow_up_reference(closed.reference), event)
        await self._ledger.lead_order(closed.account, event.data.id, workflow_id)
        return workflow_id

    async def _track(self, account: str, reference: str, event: WebhookEvent) -> str:
        order = adopted_order(account, reference, event.data)
        workflow_id = order_workflow_id(account, reference)
        async with translated(workflow_id):
            await self._client.start_workflow(
                ORDER_WORKFLOW,
                order,
                start_signal=OBSERVE,
                start_signal_args=[[Observation.of_webhook(event).envelope()]],
                **start_options(order),
            )
        return workflow_id


def carries_news(closed: OrderRow, event: WebhookEvent) -> bool:
    """Tell whether a webhook for a closed order says that the order goes on.

    After an end of Orchestra's own, nothing follows: what comes is late, not new. After an end that we decided, because
    no deposit came in time or the business cancelled, any order at all is news.
    """
    decided_by_us = closed.outcome in _OURS and closed.status != closed.outcome
    return decided_by_us or (closed.outcome == Outcome.UNFULFILLED and event.data.status != closed.status)


def is_another_order(closed: OrderRow, event: WebhookEvent) -> bool:
    """Tell whether a webhook is of a second order under a closed one's quote: its address was paid again."""
    superseded = closed.snapshot.get("superseded")
    replaced = superseded if isinstance(superseded, list) else []
    return closed.order_id is not None and event.data.id not in (closed.order_id, *replaced)


def adopted_workflow_id(account: str, record: OrderRecord) -> str:
    """Return the id of the workflow that adopts an order."""
    return order_workflow_id(account, adopted_reference(record.id))


def adopted_order(account: str, reference: str, record: OrderRecord) -> PlaceOrder:
    """Return the order as if it had been placed here, as far as its record tells."""
    request = QuoteRequest(
        source_chain=record.source_chain or "unknown",
        source_asset=record.source_asset or "unknown",
        destination_chain=record.destination_chain or "unknown",
        destination_asset=record.destination_asset or "unknown",
        amount=record.amount_in or 0,
        recipient_address=record.recipient_address or record.destination_address or "unknown",
    )
    return PlaceOrder(account=account, reference=reference, kind=ADOPTED, request=request)
