"""The inbox as a list: filtered, sorted and cut into pages. Pure."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from pydantic import ValidationError

from baton.ledger.order_queues import AttendedOrder
from baton.orders.amounts import AssetAmount

PAGE = 50
"""Orders on a page."""

LATER = "after_the_end"
"""The reason that is shown until the attention of an ended order was read: its row does not have it."""


class InboxFilter(NamedTuple):
    """Which orders of the inbox are shown; None means any.

    Attributes:
        reason: Only those with attention for this reason.
        route: Only those of this route, such as `base:USDC>spark:BTC`.
        by_amount: Whether the largest amount of each asset is first, instead of the oldest attention.
    """

    reason: str | None = None
    route: str | None = None
    by_amount: bool = False


class InboxPage(NamedTuple):
    """A page of the inbox.

    Attributes:
        orders: The orders on it.
        number: The page's number, from 1.
        pages: How many there are.
        total: How many orders the filter leaves.
        reasons: How many orders each reason has, the most frequent first; without the filter by reason.
        routes: The routes of all orders, sorted.
    """

    orders: list[AttendedOrder]
    number: int
    pages: int
    total: int
    reasons: list[tuple[str, int]]
    routes: list[str]


def inbox_page(found: Sequence[AttendedOrder], wanted: InboxFilter, number: int) -> InboxPage:
    """Return a page of the inbox; a number beyond the last page is the last page.

    Args:
        found: Every order that needs a person.
        wanted: Which of them are shown, and in which order.
        number: The page's number, from 1.
    """
    on_route = [order for order in found if wanted.route in (None, route_of(order))]
    shown = chosen_orders(found, wanted)
    pages = max(1, -(-len(shown) // PAGE))
    number = min(max(number, 1), pages)
    counts = Counter(reason for order in on_route for reason in reasons_of(order))
    return InboxPage(
        shown[(number - 1) * PAGE : number * PAGE],
        number,
        pages,
        len(shown),
        counts.most_common(),
        sorted({route_of(order) for order in found}),
    )


def chosen_orders(found: Sequence[AttendedOrder], wanted: InboxFilter) -> list[AttendedOrder]:
    """Return the orders that a filter leaves, in its order."""
    shown = [
        order
        for order in found
        if wanted.route in (None, route_of(order)) and (wanted.reason is None or wanted.reason in reasons_of(order))
    ]
    return sorted(shown, key=_by_amount if wanted.by_amount else since)


def reasons_of(order: AttendedOrder) -> list[str]:
    """Return the reasons for which an order needs a person, as its row has them."""
    named = [str(attention.get("reason", "")) for attention in order.attentions]
    return [reason for reason in named if reason] or [order.reason or LATER]


def after_end(order: AttendedOrder, reasons: Sequence[str]) -> AttendedOrder:
    """Return an ended order with the reasons that are open now; its row has those at its end."""
    known = {str(attention.get("reason")): attention for attention in order.attentions}
    return order._replace(attentions=[known.get(reason, {"reason": reason}) for reason in reasons])


def route_of(order: AttendedOrder) -> str:
    """Return an order's route as filters write it."""
    source = f"{order.source_chain or ''}:{order.source_asset or ''}"
    return f"{source}>{order.destination_chain or ''}:{order.destination_asset or ''}"


def since(order: AttendedOrder) -> datetime:
    """Return since when an order needs a person."""
    times = [_time(attention) for attention in order.attentions]
    return min((at for at in times if at), default=order.closed_at or order.created_at)


def version_of(found: Sequence[AttendedOrder]) -> str:
    """Return a name for an inbox, the same until other orders are in it, or for other reasons."""
    text = "\n".join(sorted(f"{order.workflow_id} {' '.join(sorted(reasons_of(order)))}" for order in found))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def amount_of(document: Mapping[str, object] | None) -> AssetAmount | None:
    """Return the amount of a row; None if it has none, or that of another version."""
    try:
        return AssetAmount.model_validate(document) if document else None
    except ValidationError:
        return None


def amount_asked(snapshot: Mapping[str, Any]) -> AssetAmount | None:
    """Return what the payer of an order was asked for, from its snapshot as JSON."""
    amounts = snapshot.get("amounts")
    return amount_of(amounts.get("in")) if isinstance(amounts, Mapping) else None


def _time(attention: Mapping[str, object]) -> datetime | None:
    try:
        return datetime.fromisoformat(str(attention.get("since", "")))
    except ValueError:
        return None


def _by_amount(order: AttendedOrder) -> tuple[bool, str, Decimal, datetime]:
    """Sort by asset, then by amount: amounts of two assets cannot be compared without a price."""
    amount = amount_of(order.amount)
    units = amount.units if amount else None
    return units is None, (amount.asset if amount else ""), -(units or Decimal(0)), since(order)
