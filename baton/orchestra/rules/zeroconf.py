"""ZeroConf offers, and what a policy decides about them. Pure.

Orchestra offers to credit a Bitcoin deposit before it confirms, for a fee; the offer is open for some minutes. A policy
compares the offer with its bounds and decides, with a reason for each bound. The same rule serves live decisions,
questions to the business and dry runs over past offers. Source: the partner API reference, ZeroConf details and
sub-objects.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple, Self

from pydantic import BaseModel, Field, ValidationError, model_validator

from baton.encoding.amounts import Amount, TolerantAmount, TolerantTime
from baton.orchestra.models import OrderRecord, Text, Wire
from baton.orchestra.tolerant_fields import Probability, TolerantCount

PENDING = "pending"
BPS = 10_000
OFFER_LIFE = timedelta(minutes=5)
"""How long an offer is open from `offeredAt`, for offers without an expiry."""


class ZeroConfAction(StrEnum):
    """What to do about an offer."""

    ACCEPT = "accept"
    DECLINE = "decline"
    ASK = "ask"
    """Ask the business, and wait for its answer."""
    LAPSE = "lapse"
    """Do nothing: the offer expires and the deposit waits for one confirmation."""


class ZeroConfMode(StrEnum):
    """How a policy decides."""

    DECIDE = "decide"
    """Accept an offer within the bounds; `beyond` says what to do about all others."""
    ASK = "ask"
    DECLINE = "decline"
    LAPSE = "lapse"


class ZeroConfOffer(Wire):
    """The offer in the order's record. Amounts in sats.

    A refused offer may have the status `denied` and nothing else; missing fields are None.
    """

    status: str = Field(min_length=1)
    quote_id: Text = None
    spark_address: Text = None
    txid: Text = None
    vout: TolerantCount = None
    deposit_sats: TolerantAmount = None
    instant_sats: TolerantAmount = None
    holdback_sats: TolerantAmount = None
    fee_sats: TolerantAmount = None
    confirmation_probability: Probability = None
    offered_at: TolerantTime = None
    expires_at: TolerantTime = None
    resolved_at: TolerantTime = None
    denied_at: TolerantTime = None

    @property
    def pending(self) -> bool:
        """Whether the offer waits for a decision. It may have expired all the same, see `expires_at`."""
        return self.status == PENDING

    @property
    def cost_sats(self) -> int | None:
        """The cost of accepting: the stated fee, or what the credit leaves out, whichever is more."""
        if self.deposit_sats is None or self.instant_sats is None:
            return self.fee_sats
        not_credited = self.deposit_sats - self.instant_sats - (self.holdback_sats or 0)
        return max(not_credited, self.fee_sats or 0)

    @property
    def fee_bps(self) -> int | None:
        """The cost in basis points of the deposit, rounded up; None where the offer does not say."""
        if self.cost_sats is None or not self.deposit_sats:
            return None
        return -(-self.cost_sats * BPS // self.deposit_sats)

    @property
    def exposure_sats(self) -> int | None:
        """The amount that would be credited without a confirmation."""
        return self.deposit_sats if self.instant_sats is None else self.instant_sats


def read_offer(record: OrderRecord) -> ZeroConfOffer | None:
    """Return the order's offer, pending or not; None where there is none or it cannot be read."""
    if record.zeroconf_offer is None:
        return None
    try:
        return ZeroConfOffer.model_validate(record.zeroconf_offer)
    except ValidationError:
        return None


class ZeroConfPolicy(Wire):
    """How to answer offers without asking the business. Bounds are inclusive; None sets no bound.

    Attributes:
        mode: Whether to decide by the bounds, to ask, to decline every offer, or to let every offer lapse.
        beyond: What to do about an offer outside the bounds, in the mode `decide`.
        on_silence: What to do about an offer when the business was asked and did not answer in time.
        min_confirmation_probability: Least probability of a confirmation, 0 to 1; 0 sets no bound.
        accept_without_probability: Whether an offer without a probability is within that bound: newer offers have none.
        max_fee_sats: Most that accepting may cost, in sats.
        max_fee_bps: Most that accepting may cost, in basis points of the deposit.
        min_deposit_sats: Smallest deposit to accept.
        max_deposit_sats: Largest deposit to accept.
        max_holdback_sats: Most that may be held back until the confirmation.
        daily_cap_sats: Most that may be credited without a confirmation for the whole account, this offer included.
        margin_seconds: How long before the offer's deadline an answer must be sent.
    """

    mode: ZeroConfMode = ZeroConfMode.ASK
    beyond: Literal[ZeroConfAction.DECLINE, ZeroConfAction.ASK, ZeroConfAction.LAPSE] = ZeroConfAction.DECLINE
    on_silence: Literal[ZeroConfAction.DECLINE, ZeroConfAction.LAPSE] = ZeroConfAction.DECLINE
    min_confirmation_probability: float = Field(default=0.95, ge=0, le=1)
    accept_without_probability: bool = False
    max_fee_sats: Amount | None = None
    max_fee_bps: int = Field(default=100, ge=0, le=BPS)
    min_deposit_sats: Amount | None = None
    max_deposit_sats: Amount | None = None
    max_holdback_sats: Amount | None = None
    daily_cap_sats: Amount | None = None
    margin_seconds: int = Field(default=30, ge=0, le=240)

    @model_validator(mode="after")
    def _bounds_leave_room(self) -> Self:
        least, most = self.min_deposit_sats, self.max_deposit_sats
        if least is not None and most is not None and least > most:
            raise ValueError(f"minDepositSats {least} is above maxDepositSats {most}; no deposit is within both")
        return self


class Verdict(BaseModel):
    """What to do about an offer, and why: each reason names a bound, with the figures."""

    action: ZeroConfAction
    reasons: list[str]


class Finding(NamedTuple):
    """One bound compared with the offer."""

    kept: bool
    words: str


def judge(offer: ZeroConfOffer, policy: ZeroConfPolicy, open_exposure_sats: int) -> Verdict:
    """Return what a policy decides about an offer. The offer's deadline is not checked: see `decide_by`.

    Args:
        offer: The offer.
        policy: The bounds, and what to do outside them.
        open_exposure_sats: What the account has accepted and is not confirmed yet, without this offer.
    """
    if not offer.pending:
        return Verdict(action=ZeroConfAction.LAPSE, reasons=[f"the offer is {offer.status}: nothing is left to decide"])
    findings = list(_findings(offer, policy, open_exposure_sats))
    broken = [finding.words for finding in findings if not finding.kept]
    if policy.mode is not ZeroConfMode.DECIDE:
        return Verdict(action=ZeroConfAction(policy.mode.value), reasons=[f"mode is {policy.mode}", *broken])
    if broken:
        return Verdict(action=policy.beyond, reasons=broken)
    return Verdict(action=ZeroConfAction.ACCEPT, reasons=[finding.words for finding in findings] or ["no bound is set"])


class DailyCapError(ValueError):
    """The account's other offers leave no room for this one."""


def check_daily_cap(open_exposure_sats: int, credit_sats: int, cap_sats: int) -> None:
    """Make sure that one more credit stays within the account's daily cap.

    Raises:
        DailyCapError: It does not; the text has the figures.
    """
    finding = _cap_finding(open_exposure_sats, credit_sats, cap_sats)
    if not finding.kept:
        raise DailyCapError(finding.words)


def without_room(policy: ZeroConfPolicy, reason: str) -> Verdict:
    """Return the verdict for an offer that was within all bounds until other offers took the cap's room."""
    return Verdict(action=policy.beyond, reasons=[reason])


def on_silence(policy: ZeroConfPolicy) -> Verdict:
    """Return the verdict for an offer when nobody answered in time."""
    return Verdict(action=policy.on_silence, reasons=[f"nobody answered in time; onSilence is {policy.on_silence}"])


def decide_by(offer: ZeroConfOffer, policy: ZeroConfPolicy) -> datetime | None:
    """Return when an answer must be sent at the latest: the offer's deadline minus the policy's margin.

    Never before the offer was made; None when the offer has no time at all.
    """
    deadline = offer.expires_at or (offer.offered_at + OFFER_LIFE if offer.offered_at else None)
    if deadline is None:
        return None
    due = deadline - timedelta(seconds=policy.margin_seconds)
    return max(due, offer.offered_at) if offer.offered_at else due


def _findings(offer: ZeroConfOffer, policy: ZeroConfPolicy, exposure: int) -> Iterator[Finding]:
    findings = [
        _probability(offer, policy),
        _at_most("maxFeeSats", "fee", offer.cost_sats, policy.max_fee_sats, "sats"),
        _at_most("maxFeeBps", "fee", offer.fee_bps, policy.max_fee_bps, "bps"),
        _at_least("minDepositSats", "deposit", offer.deposit_sats, policy.min_deposit_sats, "sats"),
        _at_most("maxDepositSats", "deposit", offer.deposit_sats, policy.max_deposit_sats, "sats"),
        _at_most("maxHoldbackSats", "holdback", offer.holdback_sats, policy.max_holdback_sats, "sats"),
        _under_cap(offer, policy, exposure),
    ]
    return (finding for finding in findings if finding is not None)


def _unknown(field: str, what: str) -> Finding:
    return Finding(False, f"{field}: the offer states no {what}")


def _at_most(field: str, what: str, amount: int | None, most: int | None, unit: str) -> Finding | None:
    if most is None:
        return None
    if amount is None:
        return _unknown(field, what)
    relation = "within" if amount <= most else "above"
    return Finding(amount <= most, f"{field}: the {what} of {amount} {unit} is {relation} {most} {unit}")


def _at_least(field: str, what: str, amount: int | None, least: int | None, unit: str) -> Finding | None:
    if least is None:
        return None
    if amount is None:
        return _unknown(field, what)
    relation = "not below" if amount >= least else "below"
    return Finding(amount >= least, f"{field}: the {what} of {amount} {unit} is {relation} {least} {unit}")


def _probability(offer: ZeroConfOffer, policy: ZeroConfPolicy) -> Finding | None:
    field, least = "minConfirmationProbability", policy.min_confirmation_probability
    probability = offer.confirmation_probability
    if least == 0:
        return None
    if probability is None:
        allowed = policy.accept_without_probability
        remedy = "acceptWithoutProbability allows that" if allowed else "acceptWithoutProbability would allow that"
        return Finding(allowed, f"{field}: the offer states no confirmation probability; {remedy}")
    relation = "not below" if probability >= least else "below"
    words = f"{field}: the confirmation probability of {probability:g} is {relation} {least:g}"
    return Finding(probability >= least, words)


def _under_cap(offer: ZeroConfOffer, policy: ZeroConfPolicy, exposure: int) -> Finding | None:
    cap, credit = policy.daily_cap_sats, offer.exposure_sats
    if cap is None:
        return None
    if credit is None:
        return _unknown("dailyCapSats", "credit")
    return _cap_finding(exposure, credit, cap)


def _cap_finding(exposure: int, credit: int, cap: int) -> Finding:
    total = exposure + credit
    relation = "within" if total <= cap else "above"
    words = f"{exposure} sats open and {credit} more make {total}, {relation} {cap} sats"
    return Finding(total <= cap, f"dailyCapSats: {words}")
