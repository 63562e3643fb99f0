"""ZeroConf: the offer to credit a Bitcoin deposit before it confirms, and how the offer is resolved. Pure.

Source: the partner API reference, ZeroConf details. If the offer is accepted, the order is swapped at once and credited
with the deposit minus the offer's fee. If the offer is declined, expires or the deposit confirms first, the order waits
for its confirmation and is credited with the whole deposit.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from baton.local.sandbox.engine.addresses import new_address
from baton.local.sandbox.engine.assets import SandboxFamily
from baton.local.sandbox.engine.clock import iso
from baton.local.sandbox.engine.pricing import BPS
from baton.local.sandbox.engine.script import after_confirmation
from baton.local.sandbox.engine.store import SandboxOrder, SandboxQuote
from baton.local.sandbox.scenarios.scenario import MoveStep, ZeroConf
from baton.orchestra.lifecycle import Status

LEAST_CREDIT = 1_000
"""Smallest credit of an offer in sats."""

Offer = Mapping[str, Any]

_RESOLVED_BY: Mapping[Status, str] = {
    Status.PROCESSING: "accepted",
    Status.CONFIRMING: "confirmed",
    Status.SWAPPING: "confirmed",
}
_GRACE = 0.005
"""Seconds from an offer's deadline until its order moves, so that rounded times never show it open after that."""

_STAGES: Mapping[str, tuple[str, ...]] = {
    "pending": ("zeroconf_offer_pending",),
    "accepted": ("zeroconf_offer_accepted", "zeroconf_accepted"),
    "declined": ("zeroconf_offer_declined",),
}


def may_be_offered(quote: SandboxQuote, amount: int) -> bool:
    """Whether a deposit of that many sats can get an offer: the quote allows it, and the credit is large enough."""
    terms = quote.scenario.zeroconf
    return terms is not None and quote.request.zeroconf_enabled is True and _credit(terms, amount) >= LEAST_CREDIT


def offer_moves(terms: ZeroConf, path: Sequence[Status]) -> list[MoveStep]:
    """Return the moves of an order that gets an offer which the partner does not answer."""
    if terms.denied:
        return [MoveStep(status=Status.CONFIRMING), *after_confirmation(path)]
    return [MoveStep(status=Status.AWAITING_APPROVAL), _unanswered(terms), *after_confirmation(path)]


def new_offer(order: SandboxOrder, now: datetime) -> dict[str, Any] | None:
    """Return the offer for an order that begins to wait for approval; None if it gets no offer."""
    terms, deposit = order.quote.scenario.zeroconf, order.deposit
    if terms is None or deposit is None or not may_be_offered(order.quote, deposit.amount):
        return None
    credit = _credit(terms, deposit.amount)
    offer = {
        "version": 1,
        "status": "pending",
        "quoteId": f"zc_{uuid.uuid4()}",
        "sparkAddress": new_address(SandboxFamily.SPARK),
        "txid": deposit.transaction,
        "vout": deposit.vout,
        "depositSats": str(deposit.amount),
        "instantSats": str(credit),
        "holdbackSats": "0",
        "feeSats": str(deposit.amount - credit),
        "confirmationProbability": terms.probability,
        "offeredAt": iso(now),
        "expiresAt": iso(now + timedelta(seconds=terms.life)),
        "resolvedAt": None,
    }
    return {name: value for name, value in offer.items() if (name, value) != ("confirmationProbability", None)}


def pending(order: SandboxOrder) -> Offer | None:
    """Return the order's offer if it still waits for a decision."""
    offer: Offer | None = order.facts.get("zeroconfOffer")
    return offer if offer is not None and offer["status"] == "pending" else None


def is_expired(offer: Offer, now: datetime) -> bool:
    """Whether the deadline of an offer has passed."""
    return now >= datetime.fromisoformat(offer["expiresAt"])


def resolved(offer: Offer, status: str, now: datetime) -> dict[str, Any]:
    """Return the offer with its final status: accepted, declined, expired or confirmed."""
    return {**offer, "status": status, "resolvedAt": iso(now)}


def resolution(order: SandboxOrder, status: Status, now: datetime) -> dict[str, Any] | None:
    """Return the order's offer after the move to `status`; None if the move does not change it."""
    terms, offer = order.quote.scenario.zeroconf, pending(order)
    if terms is not None and terms.denied and status is Status.CONFIRMING:
        return {"status": "denied", "deniedAt": iso(now)}
    if offer is None or order.status is not Status.AWAITING_APPROVAL or status is Status.PAUSED:
        return None
    outcome = _RESOLVED_BY.get(status, "expired")
    expired = outcome == "confirmed" and is_expired(offer, now)
    return resolved(offer, "expired" if expired else outcome, now)


def offer_stages(order: SandboxOrder) -> tuple[str, ...]:
    """Return the stages that show the state of the order's offer."""
    offer: Offer | None = order.facts.get("zeroconfOffer")
    return () if offer is None else _STAGES.get(offer["status"], ())


def is_credited_unconfirmed(order: SandboxOrder) -> bool:
    """Whether the order was credited before its deposit confirmed."""
    offer: Offer | None = order.facts.get("zeroconfOffer")
    return offer is not None and offer["status"] == "accepted"


def _credit(terms: ZeroConf, amount: int) -> int:
    return amount - amount * terms.fee_bps // BPS


def _unanswered(terms: ZeroConf) -> MoveStep:
    if terms.accepted_after is not None:
        return MoveStep(status=Status.PROCESSING, after=terms.accepted_after)
    if terms.confirmed_after is not None:
        return MoveStep(status=Status.CONFIRMING, after=terms.confirmed_after)
    return MoveStep(status=Status.CONFIRMING, after=terms.life + _GRACE, scaled=False)
