"""What the payer must send, where and until when. Pure."""

from datetime import datetime
from typing import TYPE_CHECKING

from rich.text import Text

from baton.cli.views.layout import Row, section
from baton.cli.views.units import shown
from baton.cli.views.values import amount, due, named
from baton.encoding.units import whole

if TYPE_CHECKING:
    from baton.orders.answers import Placement, Snapshot
    from baton.orders.state import PaymentPage

_MEMO_WARNING = "(required: a deposit without it is not credited)"
_BTC_DECIMALS = 8
_PROOF_OPTIONS = {
    "spark": " --spark-tx-hash TRANSFER",
    "bitcoin": " --bitcoin-txid TXID --bitcoin-vout OUTPUT",
    "lightning": "",
}


def awaits_payer(order: "Snapshot") -> bool:
    """Whether to show how to pay; an onramp can wait for its payer while Orchestra already tracks it."""
    if order.interrupted:
        return False
    if order.page is None or order.outcome is not None:
        return order.phase == "awaiting_deposit"
    # An invoice held back by a review arrives with the order's record, so no quote is waited for.
    held_back = not order.quotes and order.status in (None, "processing")
    return held_back or (order.waiting_for is not None and order.waiting_for.who == "payer")


def payment_section(order: "Placement | Snapshot", now: datetime) -> list[Text]:
    """Return the section that says what to send, where and until when."""
    return section("Deposit" if order.page is None else "Payment", payment_rows(order, now))


def payment_rows(order: "Placement | Snapshot", now: datetime) -> list[Row]:
    """Return the rows that say what to send, where and until when."""
    if order.page is not None:
        until = due(order.expires_at, now)
        return [*_page_rows(order.page, _sats(order.amount_in), until), ("payer page", order.payer_page)]
    send = shown(order.amounts.in_) or amount(order.amount_in, order.source_asset)
    return [
        ("send", f"{send} on {order.source_chain}" if send else None),
        ("pay invoice" if order.source_chain == "lightning" else "to", order.deposit_address),
        ("with memo", f"{order.deposit_memo} {_MEMO_WARNING}" if order.deposit_memo else None),
        ("until", due(order.expires_at, now)),
        ("payer page", order.payer_page),
    ]


def _page_rows(page: "PaymentPage", asked: str | None, until: str | None) -> list[Row]:
    if page.deeplink is None:
        return [("invoice", "none yet: Orchestra holds the order for a review")]
    return [
        ("share", page.short_url),
        ("open", page.deeplink),
        ("amount", asked),
        ("spot price", f"{page.spot_usd_per_btc} US dollars per BTC" if page.spot_usd_per_btc else None),
        ("rounding", amount(page.rounding_fee_amount or None)),
        ("until", until),
    ]


def _sats(amount: int | None) -> str | None:
    return None if amount is None else f"{whole(amount, _BTC_DECIMALS)} BTC ({amount} sats)"


def proof_command(reference: str, account: str, chain: str) -> str:
    """Return the command that reports a deposit on a chain."""
    return f"baton deposit {named(reference, account)}{_PROOF_OPTIONS.get(chain, ' --tx-hash HASH')}"
