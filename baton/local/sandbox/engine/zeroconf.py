"""ZeroConf: the offer to credit a Bitcoin deposit before it confirms, and how the offer is resolved. Pure.

Source: the partner API reference, ZeroConf details. Accepted, the order is swapped at once and gets what the offer's
fee leaves; declined, lapsed or overtaken by a confirmation, it waits for that confirmation and gets everything.
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
"""Sats that an offer must credit to be made."""

Offer = Mapping[str, Any]

_RESOLVED_BY: Mapping[Status, str] = {
    Status.PROCESSING: "accepted",
    Status.CONFIRMING: "confirmed",
    Status.SWAPPING: "confirmed",
}
_GRACE = 0.005
"""Seconds from an offer's deadline until its order moves on, so that no clock's rounding finds it open too long."""

_STAGES: Mapping[str, tuple[str, ...]] = {
    "pending": ("zeroconf_offer_pending",),
    "accepted": ("zeroconf_offer_accepted", "zeroconf_accepted"),
    "declined": ("zeroconf_offer_declined",),
}


def may_be_offered(quote: SandboxQuote, amount: int) -> bool:
    """Tell whether a deposit of that many sats can get an offer: wanted, and large enough after the fee."""
    terms = quote.scenario.zeroconf
    return terms is not None and quote.request.zeroconf_enabled is True and _credit(terms, amount) >= LEAST_CREDIT


def offered(terms: ZeroConf, path: Sequence[Status]) -> list[MoveStep]:
    """Return the moves of an order that gets an offer and no answer to it."""
    if terms.denied:
        return [MoveStep(status=Status.CONFIRMING), *after_confirmation(path)]
    return [MoveStep(status=Status.AWAITING_APPROVAL), _unanswered(terms), *after_confirmation(path)]


def new_offer(order: SandboxOrder, now: datetime) -> dict[str, Any] | None:
    """Return the offer that the order gets when it comes to wait for approval, if it gets one."""
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


def is_over(offer: Offer, now: datetime) -> bool:
    """Tell whether the deadline of an offer has passed."""
    return now >= datetime.fromisoformat(offer["expiresAt"])


def resolved(offer: Offer, status: str, now: datetime) -> dict[str, Any]:
    """Return the offer as it reads once it is accepted, declined, expired or confirmed."""
    return {**offer, "status": status, "resolvedAt": iso(now)}


def resolution(order: SandboxOrder, status: Status, now: datetime) -> dict[str, Any] | None:
    """Return the order's offer as the move to `status` leaves it; None when the move does not touch it."""
    terms, offer = order.quote.scenario.zeroconf, pending(order)
    if terms is not None and terms.denied and status is Status.CONFIRMING:
        return {"status": "denied", "deniedAt": iso(now)}
    if offer is None or order.status is not Status.AWAITING_APPROVAL or status is Status.PAUSED:
        return None
    outcome = _RESOLVED_BY.get(status, "expired")
    ran_out = outcome == "confirmed" and is_over(offer, now)
    return resolved(offer, "expired" if ran_out else outcome, now)


def offer_stages(order: SandboxOrder) -> tuple[str, ...]:
    """Return the stages that tell how the order's offer stands."""
    offer: Offer | None = order.facts.get("zeroconfOffer")
    return () if offer is None else _STAGES.get(offer["status"], ())


def is_credited_unconfirmed(order: SandboxOrder) -> bool:
    """Tell whether the order goes on with a deposit that has not confirmed."""
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
