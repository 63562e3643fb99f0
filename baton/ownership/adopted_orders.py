"""Starts the workflows of orders that were not placed here: deposits to reusable addresses, pay links, other apps.

An order that comes of an address or a link of ours carries its reference, metadata and policy. A deposit to an address
has one order, whichever of a webhook, the chain and a read reports it first: they all start it under the same id.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError

from baton.ledger.ledger import Ledger
from baton.ledger.rows import SourceRow
from baton.orchestra.address_deposit_models import StandingDeposit
from baton.orchestra.models import OrderRecord, QuoteRequest
from baton.orders.models import Attention, OrderPolicy, Phase
from baton.orders.names import ORDER_WORKFLOW, adopted_reference, order_workflow_id
from baton.orders.observation import Observation
from baton.orders.place_order import ADOPTED, PlaceOrder
from baton.orders.rules.address_deposits import lacks_output
from baton.orders.rules.attention import raise_attention
from baton.orders.seen_deposits import DepositNotice
from baton.orders.signal_names import deposit_signal, order_signal
from baton.orders.start import as_started, start_options
from baton.orders.state import OrderState
from baton.ownership.address_orders import order_of_listed, order_of_recorded, order_of_shown, policy_of, source_of
from baton.ownership.claims import Claims
from baton.ownership.order_workflows import OrderWorkflows

ReadOrderRecord = Callable[[str, str], Awaitable[OrderRecord]]
"""Reads an order of an account by its id."""


class AdoptedOrders:
    """Starts the workflows of orders that were not placed here. Every call may be repeated.

    Args:
        client: A Temporal client; it may be lazy.
        ledger: The ledger with the addresses, the links, and the index that will name the orders' workflows.
        read_order: Reads an order at Orchestra where a webhook does not name the whole deposit; None where the caller
            has read it.
    """

    def __init__(self, client: Client, ledger: Ledger, read_order: ReadOrderRecord | None = None) -> None:
        self._client = client
        self._ledger = ledger
        self._claims = Claims(client, ledger)
        self._workflows = OrderWorkflows(client)
        self._read_order = read_order

    async def source(self, account: str, record: OrderRecord) -> SourceRow | None:
        """Return the address or the link of ours that an order comes of, or None.

        Raises:
            LedgerError: The ledger did not answer.
        """
        if record.pay_link_id:
            return await self._ledger.sources.of_orchestra_id(account, record.pay_link_id)
        if record.quote_id or not record.deposit_address:
            return None
        return await self._ledger.sources.at_address(account, record.deposit_address, record.source_chain)

    async def track(self, account: str, observed: Observation, attention: Attention | None = None) -> str:
        """Start to track an order of Orchestra; return its workflow id.

        The order is claimed in the index before its workflow starts: if it is one of ours, whose submit was answered
        meanwhile, the claim fails.

        Args:
            account: The account of the order.
            observed: What reported it.
            attention: Why a person must look at it from the start.

        Raises:
            WorkflowAlreadyStartedError: Its workflow has closed already.
            LedgerConflict: Another open workflow has the order.
            LedgerError: The index could not be read or written.
            RPCError: Temporal did not answer.
        """
        row = await self.source(account, observed.record)
        order = _order(account, await self._whole(account, observed.record, row), row, attention)
        try:
            return await self._start(order, observed)
        except WorkflowAlreadyStartedError:
            workflow_id = order_workflow_id(order.account, order.reference)
            if order.state is None or order.state.address_deposit is None:
                raise
            holder = await self._workflows.inspect(workflow_id, observed.record.id)
            if holder.end.is_about(observed.record.id):
                raise
        # The deposit's own order has ended, and Orchestra made another one of it.
        return await self._start(adopted_order(account, observed.record, attention, row), observed)

    async def _whole(self, account: str, record: OrderRecord, row: SourceRow | None) -> OrderRecord:
        """Return the record, or the order as read: of a Bitcoin deposit, only a read names the output."""
        if row is None or self._read_order is None or not lacks_output(record):
            return record
        return await self._read_order(account, record.id)

    async def _start(self, order: PlaceOrder, observed: Observation) -> str:
        workflow_id = order_workflow_id(order.account, order.reference)
        await self._claims.claim(order.account, observed.record.id, workflow_id)
        envelope = observed.envelope()
        await self._start_with(order, order_signal([envelope]), envelope, start_options(order, observed))
        return workflow_id

    async def await_order(self, row: SourceRow, notice: DepositNotice) -> str:
        """Start the order of a deposit that the chain shows, or tell it what changed; return its workflow id.

        Raises:
            WorkflowAlreadyStartedError: Its workflow has closed already.
            RPCError: Temporal did not answer.
        """
        order = order_of_shown(row, notice.deposit, datetime.now(UTC))
        await self._start_with(order, deposit_signal(notice), notice.model_dump(mode="json"), start_options(order))
        return order_workflow_id(order.account, order.reference)

    async def await_listed(self, row: SourceRow, deposit: StandingDeposit) -> bool:
        """Start the order of a deposit that Orchestra lists without one, unless it is open; return whether it started.

        A deposit whose list does not name all of it starts none.

        Raises:
            WorkflowAlreadyStartedError: Its workflow has closed already.
            RPCError: Temporal did not answer.
        """
        order = order_of_listed(row, deposit, datetime.now(UTC))
        if order is None or await self._workflows.is_open(order_workflow_id(order.account, order.reference)):
            return False
        await self._client.start_workflow(ORDER_WORKFLOW, as_started(order), **start_options(order))
        return True

    async def _start_with(
        self, order: PlaceOrder, signal: str, content: dict[str, Any], options: dict[str, Any]
    ) -> None:
        await self._client.start_workflow(
            ORDER_WORKFLOW, as_started(order), start_signal=signal, start_signal_args=[[content]], **options
        )


def _order(account: str, record: OrderRecord, row: SourceRow | None, attention: Attention | None) -> PlaceOrder:
    order = order_of_recorded(row, record, datetime.now(UTC)) if row and not record.pay_link_id else None
    if order is None:
        return adopted_order(account, record, attention, row)
    if attention is not None and order.state is not None:
        raise_attention(order.state, attention.reason, attention.message, attention.since)
    return order


def adopted_order(
    account: str,
    record: OrderRecord,
    attention: Attention | None = None,
    row: SourceRow | None = None,
) -> PlaceOrder:
    """Return the order as if it had been placed here; what its record does not say is `unknown`.

    Args:
        account: The account of the order.
        record: The order at Orchestra.
        attention: Why a person must look at it from the start.
        row: The address or the link of ours that it comes of.
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
        policy=policy_of(row) if row else OrderPolicy(),
        source=source_of(row) if row else None,
        state=_state_with(attention) if attention else None,
    )


def _state_with(attention: Attention) -> OrderState:
    state = OrderState(phase=Phase.TRACKING, opened_at=attention.since, heard_at=attention.since)
    raise_attention(state, attention.reason, attention.message, attention.since)
    return state
