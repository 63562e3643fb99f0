"""The cancel step: what an order does when Temporal is asked to cancel its workflow."""

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from baton.orders.models import STAY, NextStep, Outcome, Reason, close
from baton.orders.rules.attention import AttentionReason, raise_attention
from baton.orders.rules.updates import check_cancel
from baton.orders.state import OrderState
from workflows.support.monitor import OrderMonitor


def cancel_or_refuse(state: OrderState, monitor: OrderMonitor) -> NextStep:
    """Treat a cancellation through Temporal like the `cancel` update: refuse it once money may be under way."""
    try:
        check_cancel(state)
    except ApplicationError as refusal:
        message = f"Temporal was asked to cancel the order: {refusal.message}"
        raise_attention(state, AttentionReason.CANCEL_REFUSED, message, workflow.now())
        monitor.reset_silence()
        return STAY
    return close(Outcome.CANCELLED, Reason(code="cancelled", message="cancelled through Temporal"))
