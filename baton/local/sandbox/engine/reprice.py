"""The decision of older accounts whether to continue at a worse price: its document and its resolution. Pure.

Source: the partner API reference, reprice decisions of the first generation. Newer accounts are refunded instead.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from baton.local.sandbox.engine.clock import iso
from baton.local.sandbox.engine.pricing import highest_accepted_input, lowest_accepted
from baton.local.sandbox.engine.store import SandboxOrder
from baton.orchestra.lifecycle import Status

_MARKET_MOVE_BPS = 30
"""How far below the locked minimum the market is in a scenario with `reprice`, in basis points."""

_RESOLVED_BY: Mapping[Status, str] = {
    Status.SWAPPING: "approved",
    Status.FAILED: "rejected",
    Status.REFUNDING: "refund_requested",
    Status.REFUNDED: "refund_requested",
}


def locked_minimum(order: SandboxOrder) -> int:
    """Return the smallest output that the order's quote promised, in smallest destination units."""
    quote = order.quote
    return lowest_accepted(quote.price.amount_out, quote.request.slippage_bps)


def price_lock(order: SandboxOrder) -> dict[str, Any]:
    """Return the price lock of the quote, as the records of older accounts show it."""
    quote = order.quote
    return {
        "version": 1,
        "mode": "approval_required",
        "amountIn": str(quote.price.amount_in),
        "quotedAmountOut": str(quote.price.amount_out),
        "lockedMinAmountOut": str(locked_minimum(order)),
        "slippageBps": quote.request.slippage_bps,
        "createdAt": iso(quote.created_at),
        "expiresAt": iso(quote.expires_at),
    }


def new_reprice(order: SandboxOrder, now: datetime) -> dict[str, Any]:
    """Return the record's fields when the order begins to wait: the new price, and the reason for the decision."""
    latest, reason = _latest(order)
    document = {
        "version": 1,
        "status": "awaiting_approval",
        "previousLockedMinAmountOut": str(locked_minimum(order)),
        "proposedMinAmountOut": str(lowest_accepted(latest, order.quote.request.slippage_bps)),
        "latestExpectedAmountOut": str(latest),
        "requestedAt": iso(now),
        "resolvedAt": None,
        "reason": reason,
    }
    return {"reprice": document, "errorCode": "reprice_approval_required", "errorMessage": _message(order, latest)}


def open_reprice(order: SandboxOrder) -> Mapping[str, Any] | None:
    """Return the order's reprice document if it still waits for a decision."""
    document: Mapping[str, Any] | None = order.facts.get("reprice")
    return document if document is not None and document["status"] == "awaiting_approval" else None


def resolved_reprice(order: SandboxOrder, status: Status, now: datetime) -> dict[str, Any] | None:
    """Return the order's reprice document after the move to `status`; None if the move does not resolve it."""
    document, outcome = open_reprice(order), _RESOLVED_BY.get(status)
    if document is None or outcome is None:
        return None
    return {**document, "status": outcome, "resolvedAt": iso(now)}


def _latest(order: SandboxOrder) -> tuple[int, str]:
    """Return the output expected now, and the reason that the API gives."""
    if order.quote.request.is_exact_out and _misses_its_input(order):
        amount = order.price.amount_in
        return order.quote.price.amount_out * amount // order.quote.price.amount_in, "insufficient_input"
    return lowest_accepted(locked_minimum(order), _MARKET_MOVE_BPS), "output_below_minimum"


def _misses_its_input(order: SandboxOrder) -> bool:
    required = order.quote.price.amount_in
    return not required <= order.price.amount_in <= highest_accepted_input(required)


def _message(order: SandboxOrder, latest: int) -> str:
    quote = order.quote
    if quote.request.is_exact_out and _misses_its_input(order):
        return f"Received {order.price.amount_in} sats, requires at least {quote.price.amount_in} sats"
    return f"Expected output {latest} is below the locked minimum {locked_minimum(order)}"
