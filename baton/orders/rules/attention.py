"""Raising an attention on an order, and taking it away when what it was about is over. Pure."""

from datetime import datetime

from baton.orders.models import Attention
from baton.orders.state import OrderState


def raise_attention(state: OrderState, reason: str, message: str, now: datetime) -> None:
    """Ask a person to look; the same reason again changes neither words nor time."""
    if state.attention is None or state.attention.reason != reason:
        state.attention = Attention(reason=reason, message=message, since=now)


def clear_attention(state: OrderState, reason: str) -> None:
    """Take the attention away if it is for that reason."""
    if state.attention is not None and state.attention.reason == reason:
        state.attention = None
