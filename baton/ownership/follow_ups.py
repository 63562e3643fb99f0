"""Starts the order that continues after another has ended: for a webhook, a deposit on the chain, or a report.

All three start the same workflow, under the same reference, so the first of them starts it and the others
signal it.
"""

from datetime import UTC, datetime
from typing import Any

from temporalio.client import Client

from baton.orchestra.models import WebhookEvent
from baton.orders.answers import Snapshot, Standing
from baton.orders.models import Attention
from baton.orders.names import ORDER_WORKFLOW, REPORT_DEPOSIT, order_workflow_id
from baton.orders.observation import Observation
from baton.orders.place_order import PlaceOrder
from baton.orders.rules.attention import AttentionReason, attention_of, raise_attention
from baton.orders.rules.follow_up import follow_up_of
from baton.orders.rules.updates import check_report
from baton.orders.seen_deposits import DepositNotice
from baton.orders.signal_names import deposit_signal, order_signal
from baton.orders.start import as_started, start_options
from baton.orders.state import DepositReport
from baton.ownership.order_start import start_with_update
from baton.ownership.order_workflows import Fate, Holder

MAX_GENERATIONS = 8
"""How many follow-ups of follow-ups are tried: each that has closed may have one of its own."""


class FollowUps:
    """Starts follow-up orders. Every call may be repeated.

    Args:
        client: A Temporal client; it may be lazy.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    async def track(self, closed: Snapshot, event: WebhookEvent, attention: Attention | None = None) -> str:
        """Track the Orchestra order of a webhook after its order has ended; return the follow-up's workflow id.

        Raises:
            WorkflowAlreadyStartedError: The follow-up has closed, too.
            RPCError: Temporal did not answer.
        """
        observed = Observation.of_webhook(event)
        order = _follow_up(closed, attention, order_id=event.data.id)
        envelope = observed.envelope()
        return await self._start(order, order_signal([envelope]), envelope, start_options(order, observed))

    async def await_deposit(self, closed: Snapshot, notice: DepositNotice, attention: Attention | None = None) -> str:
        """Continue with a deposit that the chain shows after its order has ended; return the follow-up's workflow id.

        Raises:
            WorkflowAlreadyStartedError: The follow-up has closed, too.
            RPCError: Temporal did not answer.
        """
        order = _follow_up(closed, attention)
        return await self._start(order, deposit_signal(notice), notice.model_dump(mode="json"), start_options(order))

    async def report(self, closed: Snapshot, report: DepositReport, attention: Attention | None = None) -> Standing:
        """Continue with a deposit that the business reports after its order has ended; return where it then stands.

        Raises:
            ApplicationError: The report names no possible deposit of the order.
            WorkflowAlreadyStartedError: The follow-up has closed, too.
            WorkflowUpdateFailedError: The follow-up does not take the report.
            RPCError: Temporal did not answer.
        """
        order = _follow_up(closed, attention)
        assert order.state is not None
        # Temporal starts the workflow even if the update is rejected, so the report is checked before.
        check_report(order, order.state, report)
        return await start_with_update(self._client, order, REPORT_DEPOSIT, report, Standing)

    async def _start(self, order: PlaceOrder, signal: str, content: dict[str, Any], options: dict[str, Any]) -> str:
        """Start the order's workflow with its first signal, or send the signal if it is open already."""
        await self._client.start_workflow(
            ORDER_WORKFLOW, as_started(order), start_signal=signal, start_signal_args=[[content]], **options
        )
        return order_workflow_id(order.account, order.reference)


def _follow_up(closed: Snapshot, attention: Attention | None, *, order_id: str | None = None) -> PlaceOrder:
    now = datetime.now(UTC)
    order = follow_up_of(closed, now, order_id=order_id)
    assert order.state is not None
    if attention:
        raise_attention(order.state, attention.reason, attention.message, now)
    return order


def attention_for(holder: Holder) -> Attention | None:
    """Return the attention of the order that continues another, if that one's workflow did not end by itself."""
    match holder.fate:
        case Fate.STOPPED:
            reason = AttentionReason.ORDER_TERMINATED
            message = f"the workflow {holder.workflow_id} was stopped ({holder.how}) while its order was open"
        case Fate.UNKNOWN:
            reason = AttentionReason.ORDER_LOST
            message = f"Temporal no longer has the workflow {holder.workflow_id} that tracked this order before"
        case _:
            return None
    return attention_of(reason, f"{message}; this order continues it", datetime.now(UTC))
