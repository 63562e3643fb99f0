"""What a person hears of an order whose workflow was stopped from outside, for instance in the Temporal UI. Pure."""

from datetime import datetime

from baton.orders.answers import Snapshot
from baton.orders.models import Attention
from baton.orders.rules.attention import AttentionReason, attention_of


def stopped_attention(order: Snapshot, how: str, at: datetime) -> Attention:
    """Return the attention of an order that nobody follows since its workflow was stopped.

    Args:
        order: The order as its workflow had it.
        how: How it was stopped, such as `terminated`.
        at: When.
    """
    message = f"the order's workflow was stopped ({how}) at {at:%Y-%m-%d %H:%M:%S} UTC, {_at_stake(order)}"
    return attention_of(AttentionReason.ORDER_TERMINATED, message, at)


def _at_stake(order: Snapshot) -> str:
    if order.order_id:
        return f"while Orchestra worked on {order.order_id} ({order.status or 'no status yet'})"
    if order.proof or order.deposits:
        return "while a deposit was known that is not submitted"
    if order.deposit_address:
        return f"while the payer could still pay to {order.deposit_address}"
    return "before there was anything to pay"
