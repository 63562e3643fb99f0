"""What a payer page shows of an order: made from its snapshot and the present time. Pure.

The page tells the payer what is known, and nothing that only the business may know: no reasons, no errors of others, no
ids but the reference and the transactions.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from baton.chains.spec import ChainSpec
from baton.gateway.pay.names import chain_name
from baton.gateway.pay.payment import PaymentBox, payment_of
from baton.gateway.pay.received import received_notes
from baton.gateway.pay.steps import Step, is_paid_on_chain, steps_of
from baton.gateway.pay.texts import Texts
from baton.orders.amounts import AssetAmount
from baton.orders.answers import Snapshot
from baton.orders.models import Outcome, Phase

_WORKING_ON_REFUND = "refunding"


class Tone(StrEnum):
    """How the page feels: what the mark at its top says."""

    PAY = "pay"
    BUSY = "busy"
    GOOD = "good"
    BACK = "back"
    OVER = "over"


class PageDetail(NamedTuple):
    """One line of the details: a label, a value, and a link if there is a public page about it."""

    label: str
    value: str
    link: str | None = None
    is_code: bool = False


class PayerPage(NamedTuple):
    """Everything that the page shows.

    Attributes:
        state: A stable name of what the page says, such as `pay` or `completed`.
        tone: How it feels.
        headline: One line.
        message: One or two sentences.
        payment: How to pay; None if there is nothing to pay now.
        notes: Sentences about what came in.
        steps: The progress; empty before anything came in.
        details: Reference, amounts and transactions.
        is_final: Whether nothing will change any more.
        updated_at: When what is shown was known.
        is_stale: Whether newer facts could not be read.
    """

    state: str
    tone: Tone
    headline: str
    message: str
    payment: PaymentBox | None
    notes: list[str]
    steps: list[Step]
    details: list[PageDetail]
    is_final: bool
    updated_at: datetime
    is_stale: bool


def page_of(
    order: Snapshot,
    now: datetime,
    texts: Texts,
    chains: Mapping[str, ChainSpec],
    *,
    stale_since: datetime | None = None,
) -> PayerPage:
    """Return the page of an order.

    Args:
        order: The order's snapshot.
        now: The present.
        texts: What is said.
        chains: The chain catalogue.
        stale_since: When the snapshot was taken, if a newer one could not be read.
    """
    state = state_of(order)
    payment = payment_of(order, now, texts, chains) if state in ("pay", "pay_any", "pay_invoice") else None
    headline, message = _said(order, state, texts)
    return PayerPage(
        state=state,
        tone=_TONES.get(state, Tone.BUSY),
        headline=headline,
        message=message,
        payment=payment,
        notes=received_notes(order, texts),
        steps=steps_of(order, texts),
        details=_details(order, texts, chains),
        is_final=order.outcome is not None and order.outcome is not Outcome.UNFULFILLED,
        updated_at=stale_since or now,
        is_stale=stale_since is not None,
    )


def state_of(order: Snapshot) -> str:
    """Return the name of what the page says."""
    if order.interrupted is not None:
        return "stopped"
    if order.outcome is not None:
        return _ENDS[order.outcome]
    if order.phase is Phase.QUOTING:
        return "preparing"
    if order.page is not None and order.page.deeplink is None and not _is_paid(order):
        return "review"
    if not _is_paid(order):
        return _asking(order)
    if order.status == _WORKING_ON_REFUND:
        return "refunding"
    if order.held is not None:
        return "working"  # it may be confirmed, and waits for Baton's operators
    return "working" if order.status in _MOVING else "seen"


def _asking(order: Snapshot) -> str:
    if order.page is not None or order.source_chain == "lightning":
        return "pay_invoice"
    return "pay" if order.amounts.in_ or order.amount_in else "pay_any"


def _is_paid(order: Snapshot) -> bool:
    """Whether any source reported a payment that may belong to the order."""
    if order.phase is Phase.AWAITING_DEPOSIT:
        return is_paid_on_chain(order)
    if order.page is not None:
        return order.waiting_for is None or order.waiting_for.who != "payer"
    return True


def _said(order: Snapshot, state: str, texts: Texts) -> tuple[str, str]:
    asked, back, out = order.amounts.in_, order.amounts.refund, order.amounts.out
    words = {
        "amount": shown(asked) or order.source_asset,
        "asset": order.source_asset,
        "chain": chain_name(order.source_chain),
    }
    headline = texts("headline", _HEADLINES.get(state, state), **words)
    if state == "completed":
        text = texts("message", "completed", amount=shown(out)) if shown(out) else texts("message", "completed_plain")
    elif state == "refunded":
        name = "refunded" if shown(back) else "refunded_plain"
        text = texts("message", name, **{**words, "amount": shown(back)})
    else:
        text = texts("message", state, **words)
    return headline, text


def shown(amount: AssetAmount | None) -> str:
    """Return an amount for people, such as `100 USDC`; empty where its decimals are not known."""
    return f"{amount.display} {amount.asset}" if amount is not None and amount.display is not None else ""


def _details(order: Snapshot, texts: Texts, chains: Mapping[str, ChainSpec]) -> list[PageDetail]:
    amounts = order.amounts
    lines = [
        PageDetail(texts("detail", "reference"), order.reference, is_code=True),
        PageDetail(texts("detail", "receives"), _receives(order, texts)),
        PageDetail(texts("detail", "recipient"), order.recipient_address, is_code=True),
        PageDetail(texts("detail", "received"), shown(amounts.received)),
        PageDetail(texts("detail", "refund"), shown(amounts.refund)),
        *_transactions(order, texts, chains),
    ]
    return [line for line in lines if line.value]


def _receives(order: Snapshot, texts: Texts) -> str:
    """Return what the recipient gets; empty for an order that ended without a delivery."""
    if order.outcome is not None:
        return shown(order.amounts.out) if order.outcome is Outcome.COMPLETED else ""
    estimate = shown(order.amounts.estimated_out)
    return texts("detail", "about", amount=estimate) if estimate else ""


def _transactions(order: Snapshot, texts: Texts, chains: Mapping[str, ChainSpec]) -> list[PageDetail]:
    refund = (order.refund or {}).get("tx_hash")
    found = [
        ("deposit_tx", order.source_chain, _paying_transaction(order)),
        ("delivery_tx", order.destination_chain, order.delivery_tx if order.outcome is Outcome.COMPLETED else None),
        ("refund_tx", order.source_chain, refund),
    ]
    return [
        PageDetail(texts("detail", name), str(tx), _link(chains.get(chain), str(tx)), is_code=True)
        for name, chain, tx in found
        if tx
    ]


def _paying_transaction(order: Snapshot) -> str | None:
    return order.proof_tx or next((deposit.tx_id for deposit in order.deposits if deposit.state != "gone"), None)


def _link(chain: ChainSpec | None, transaction: str) -> str | None:
    if chain is None or chain.explorer is None or not transaction.isalnum():
        return None
    return chain.explorer.replace("{tx}", transaction)


_MOVING = frozenset({"swapping", "bridging", "delivering", "awaiting_approval", "completed"})
_ENDS = {
    Outcome.COMPLETED: "completed",
    Outcome.REFUNDED: "refunded",
    Outcome.FAILED: "failed",
    Outcome.EXPIRED: "expired",
    Outcome.UNFULFILLED: "unfulfilled",
    Outcome.CANCELLED: "cancelled",
    Outcome.SUPERSEDED: "replaced",
}
_HEADLINES = {"unfulfilled": "expired"}
_TONES = {
    "pay": Tone.PAY,
    "pay_any": Tone.PAY,
    "pay_invoice": Tone.PAY,
    "completed": Tone.GOOD,
    "refunding": Tone.BACK,
    "refunded": Tone.BACK,
    "failed": Tone.OVER,
    "expired": Tone.OVER,
    "unfulfilled": Tone.OVER,
    "cancelled": Tone.OVER,
    "replaced": Tone.OVER,
    "stopped": Tone.OVER,
}
