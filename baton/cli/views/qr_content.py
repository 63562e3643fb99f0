"""When an order has a QR code on the command line, and why not. Pure."""

from datetime import datetime
from typing import TYPE_CHECKING

from baton.cli.views.payment import awaits_payer
from baton.cli.views.values import moment
from baton.orders.payment_content import LIGHTNING, SourceAsset, payment_content

if TYPE_CHECKING:
    from baton.orders.answers import Snapshot


class NoCode(ValueError):
    """The order has nothing to pay by a code; the text says why, and what to do instead."""


def qr_content(order: "Snapshot", asset: SourceAsset | None, now: datetime) -> str:
    """Return the content of the order's code.

    Args:
        order: Its snapshot.
        asset: The facts about the asset to pay in, see `find_asset`; None leaves the bare address.
        now: The present.

    Raises:
        NoCode: There is nothing to pay, or a code cannot be used for it.
    """
    if objection := _objection(order, now):
        raise NoCode(objection)
    return payment_content(order, asset)


def _objection(order: "Snapshot", now: datetime) -> str | None:
    if order.outcome is not None:
        return f"no code: the order is closed as {order.outcome}; there is nothing left to pay"
    if order.page is not None and order.page.deeplink is None:
        return "no code: there is no invoice yet, Orchestra holds the order for a review; try again later"
    if order.phase == "quoting":
        return "no code: the order has no quote yet; try again in a moment"
    if not awaits_payer(order) or (order.page is None and _paid(order)):
        return "no code: a deposit is known already, and a second one would not belong to the order"
    if order.source_chain == LIGHTNING and order.expires_at is not None and order.expires_at <= now:
        return f"no code: the invoice expired at {moment(order.expires_at)}"
    if order.deposit_memo:
        return "no code: the deposit needs a memo, which wallets do not read from a code; copy address and memo"
    return None


def _paid(order: "Snapshot") -> bool:
    """Whether any source reported a payment; if one did, the order no longer waits for the payer."""
    return order.proof is not None or order.waiting_for is None or order.waiting_for.who != "payer"
