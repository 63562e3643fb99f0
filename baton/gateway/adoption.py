"""The workflows of orders that were not placed here, and of orders that continue after Baton closed them.

Deposits to reusable addresses have no quote, pay links and other apps make orders under the same account, and money may
arrive after an order of ours closed unpaid. Each of these orders gets a workflow that tracks it, so that none is lost
(docs/decisions/0006).
"""

from temporalio.client import Client

from baton.gateway.signals import NotHandedOver, hand_over_errors
from baton.ledger.ledger import Ledger
from baton.ledger.rows import SourceRow
from baton.orchestra.models import OrderRecord, QuoteRequest, WebhookEvent
from baton.orders.answers import Snapshot
from baton.orders.models import OrderPolicy, Phase
from baton.orders.names import (
    OBSERVE,
    ORDER_WORKFLOW,
    adopted_reference,
    adopted_workflow_id,
    follow_up_reference,
    order_workflow_id,
)
from baton.orders.observation import Observation
from baton.orders.order_source import OrderSource, SourceKind
from baton.orders.place_order import ADOPTED, PlaceOrder
from baton.orders.rules.attention import raise_attention
from baton.orders.start import as_started, start_options
from baton.orders.state import OrderState
from baton.ownership.claims import Claims
from baton.ownership.follow_ups import FollowUps, attention_for
from baton.ownership.order_workflows import Holder
from baton.ownership.owners import Owners


class Adopter:
    """Starts the workflows that track orders which were not placed here, or whose workflows have closed.

    Args:
        client: A Temporal client.
        ledger: The ledger whose index will name the workflow of the order.
        owners: Tells what closed orders were.
    """

    def __init__(self, client: Client, ledger: Ledger, owners: Owners) -> None:
        self._client = client
        self._ledger = ledger
        self._claims = Claims(client, ledger)
        self._owners = owners
        self._follow_ups = FollowUps(client)

    async def adopt(self, account: str, event: WebhookEvent, lost: Holder | None = None) -> str:
        """Start to track an order under its Orchestra id; return its workflow id. Repeating it is harmless.

        The order is claimed in the index before its workflow starts: if it is one of ours, whose submit was answered
        meanwhile, the claim fails.

        Args:
            account: The account of the order.
            event: The webhook that reports it.
            lost: The workflow that tracked it before, if that did not end by itself.

        Raises:
            HandOverError: Temporal did not accept the workflow, or it has closed already.
            LedgerConflict: Another open workflow has the order.
            LedgerError: The index could not be read or written.
        """
        workflow_id = adopted_workflow_id(account, event.data.id)
        order = adopted_order(account, event.data, lost, await self._source_row(account, event.data))
        observed = Observation.of_webhook(event)
        async with hand_over_errors(workflow_id):
            await self._claims.claim(account, event.data.id, workflow_id)
            await self._client.start_workflow(
                ORDER_WORKFLOW,
                as_started(order),
                start_signal=OBSERVE,
                start_signal_args=[[observed.envelope()]],
                **start_options(order, observed),
            )
        return workflow_id

    async def has_source(self, account: str, record: OrderRecord) -> bool:
        """Whether an order came of a pay link that Baton created.

        Raises:
            LedgerError: The ledger did not answer.
        """
        return await self._source_row(account, record) is not None

    async def _source_row(self, account: str, record: OrderRecord) -> SourceRow | None:
        """Return the pay link that an order came of, if Baton created that link."""
        if record.pay_link_id is None:
            return None
        return await self._ledger.sources.of_orchestra_id(account, record.pay_link_id)

    async def follow_up(self, holder: Holder, account: str, event: WebhookEvent) -> str:
        """Start to track what happens after an order of ours closed; return the follow-up's workflow id.

        Raises:
            HandOverError: Temporal or the workers did not answer, or the follow-up has closed too.
            LedgerConflict: Another open workflow has the order.
            LedgerError: The index could not be read or written.
        """
        closed = await self._closed(holder)
        async with hand_over_errors(order_workflow_id(closed.account, follow_up_reference(closed.reference))):
            workflow_id = await self._follow_ups.track(closed, event, attention_for(holder))
            await self._claims.claim(account, event.data.id, workflow_id)
        await self._ledger.watching.reassign(holder.workflow_id, workflow_id)
        return workflow_id

    async def _closed(self, holder: Holder) -> Snapshot:
        async with hand_over_errors(holder.workflow_id):
            closed = await self._owners.closed(holder)
        if closed is None:
            raise NotHandedOver(f"workflow {holder.workflow_id} closed, and nobody can tell what its order was")
        return closed


def adopted_order(
    account: str, record: OrderRecord, lost: Holder | None = None, source: SourceRow | None = None
) -> PlaceOrder:
    """Return the order as if it had been placed here; what its record does not say is `unknown`.

    Args:
        account: The account of the order.
        record: The order at Orchestra.
        lost: The workflow that tracked it before, if that did not end by itself.
        source: The address or the link that it came of, whose policy and metadata it carries.
    """
    request = QuoteRequest(
        source_chain=record.source_chain or "unknown",
        source_asset=record.source_asset or "unknown",
        destination_chain=record.destination_chain or "unknown",
        destination_asset=record.destination_asset or "unknown",
        amount=record.amount_in or 0,
        recipient_address=record.recipient_address or record.destination_address or "unknown",
    )
    return PlaceOrder(
        account=account,
        reference=adopted_reference(record.id),
        kind=ADOPTED,
        request=request,
        source=order_source(source) if source else None,
        policy=OrderPolicy.model_validate(source.policy) if source else OrderPolicy(),
        state=_state_with_attention(lost) if lost else None,
    )


def order_source(row: SourceRow) -> OrderSource:
    """Return an address or a link as its orders name it."""
    return OrderSource(kind=SourceKind(row.kind), reference=row.reference, label=row.label, metadata=row.metadata)


def _state_with_attention(lost: Holder) -> OrderState | None:
    attention = attention_for(lost)
    if attention is None:
        return None
    state = OrderState(phase=Phase.TRACKING, opened_at=attention.since, heard_at=attention.since)
    raise_attention(state, attention.reason, attention.message, attention.since)
    return state
