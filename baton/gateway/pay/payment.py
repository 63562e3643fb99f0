"""How to pay, for the payer page: what, where, until when, and what happens then. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from baton.chains.spec import ChainSpec
from baton.gateway.pay.names import chain_name
from baton.gateway.pay.texts import Texts
from baton.orders.answers import Snapshot
from baton.orders.models import OnQuoteExpiry
from baton.orders.payment_content import LIGHTNING, find_asset, payment_content

_OPENS_WALLETS = ("bitcoin:", "ethereum:", "lightning:", "solana:", "https://")


class PaymentBox(NamedTuple):
    """How to pay.

    Attributes:
        amount: In whole units, such as `100`; empty where it is not known.
        asset: What to pay in.
        chain: The chain's name for people.
        address: Where to pay to; an invoice for Lightning; None if only the deeplink counts.
        memo: The memo that the payment must carry.
        code: What the QR code holds; None where a code cannot carry everything, such as a memo.
        link: What opens a wallet or the payment app on this device; None if there is no such link.
        is_app: Whether the link opens a payment app, which needs no address.
        warning: What else must not be sent there.
        expires_at: When the price runs out; None if it does not.
        is_over: Whether it has run out.
        afterwards: What happens then, or what holds now that it has run out.
        smallest: The amount in smallest units, where whole units are not known.
    """

    amount: str
    asset: str
    chain: str
    address: str | None
    memo: str | None
    code: str | None
    link: str | None
    is_app: bool
    warning: str
    expires_at: datetime | None
    is_over: bool
    afterwards: str
    smallest: str


def payment_of(order: Snapshot, now: datetime, texts: Texts, chains: Mapping[str, ChainSpec]) -> PaymentBox | None:
    """Return how to pay an order that asks for a payment; None if its invoice has run out."""
    is_app = order.page is not None
    is_over = order.expires_at is not None and order.expires_at <= now
    amount = order.amounts.in_
    content = _content(order, chains)
    payable = not (is_over and _closes(order))
    return PaymentBox(
        amount=amount.display or "" if amount else "",
        asset=order.source_asset,
        chain=chain_name(order.source_chain),
        address=None if is_app or not payable else order.deposit_address,
        memo=order.deposit_memo if payable else None,
        code=content if payable and not order.deposit_memo else None,
        link=content if payable and content and content.lower().startswith(_OPENS_WALLETS) else None,
        is_app=is_app,
        warning="" if is_app or not payable else _warning(order, texts),
        expires_at=order.expires_at,
        is_over=is_over,
        afterwards=_afterwards(order, texts, is_over=is_over),
        smallest="" if amount and amount.display else str(order.amount_in or ""),
    )


def _content(order: Snapshot, chains: Mapping[str, ChainSpec]) -> str | None:
    if order.page is None and order.deposit_address is None:
        return None
    return payment_content(order, find_asset(order.source_chain, order.source_asset, chains, None))


def _closes(order: Snapshot) -> bool:
    """Whether nobody should pay once the price has run out."""
    is_invoice = order.page is not None or order.source_chain == LIGHTNING
    return is_invoice or order.policy.on_quote_expiry is OnQuoteExpiry.EXPIRE


def _warning(order: Snapshot, texts: Texts) -> str:
    if order.source_chain == LIGHTNING:
        return ""
    return texts("payment", "only", asset=order.source_asset, chain=chain_name(order.source_chain))


def _afterwards(order: Snapshot, texts: Texts, *, is_over: bool) -> str:
    if order.page is not None or order.source_chain == LIGHTNING:
        return texts("payment", "over_invoice") if is_over else ""
    name = f"{'over' if is_over else 'then'}_{order.policy.on_quote_expiry}"
    until = order.waiting_for.until if order.waiting_for else order.opened_at + order.policy.deposit_window
    return texts("payment", name, time=moment(until))


def moment(at: datetime) -> str:
    """Return a time for people who read it without a script; the page's script writes it in the payer's own zone."""
    return f"{at:%Y-%m-%d %H:%M} UTC"
