"""The repricing question of older accounts, and what a policy decides about it. Pure.

When the market moves too far, newer accounts are refunded. Older accounts are asked: continue at a worse price, fail,
or, for a Bitcoin source, refund. Source: the partner API reference, reprice decisions and sub-objects.
"""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from baton.encoding.amounts import TolerantAmount, TolerantTime
from baton.orchestra.models import OrderRecord, Text, Wire

BPS = 10_000
_OPEN = frozenset({"awaiting_approval", "pending"})
_REFUNDABLE = frozenset({"bitcoin"})


class RepriceAction(StrEnum):
    """What to do about a repricing."""

    ASK = "ask"
    APPROVE = "approve"
    REJECT = "reject"
    """Refuse: the order fails."""
    REFUND = "refund"
    """Refuse, and ask for the deposit back."""


class Reprice(Wire):
    """The question in the order's record. Amounts in smallest destination units."""

    status: str = Field(min_length=1)
    previous_locked_min_amount_out: TolerantAmount = None
    proposed_min_amount_out: TolerantAmount = None
    latest_expected_amount_out: TolerantAmount = None
    requested_at: TolerantTime = None
    resolved_at: TolerantTime = None
    reason: Text = None

    @property
    def pending(self) -> bool:
        """Whether the question waits for an answer."""
        return self.status in _OPEN and self.resolved_at is None

    @property
    def loss_bps(self) -> int | None:
        """How far the proposed minimum is below the one locked before, in basis points, rounded up; None if unknown."""
        locked, proposed = self.previous_locked_min_amount_out, self.proposed_min_amount_out
        if not locked or proposed is None:
            return None
        return max(0, -(-(locked - proposed) * BPS // locked))

    @property
    def minimum_to_approve(self) -> int | None:
        """The minimum to send with an approval: the proposed one, but never above the one locked before.

        None when there is no proposal, or the proposal is 0.
        """
        locked, proposed = self.previous_locked_min_amount_out, self.proposed_min_amount_out
        return min(proposed, proposed if locked is None else locked) if proposed else None


def read_reprice(record: OrderRecord) -> Reprice | None:
    """Return the order's repricing, pending or not; None where there is none or it cannot be read."""
    if record.reprice is None:
        return None
    try:
        return Reprice.model_validate(record.reprice)
    except ValidationError:
        return None


def can_be_refunded(record: OrderRecord) -> bool:
    """Whether the order can be refunded by decision: only where its source is Bitcoin."""
    return record.source_chain in _REFUNDABLE


class RepricePolicy(Wire):
    """How to answer a repricing without asking the business.

    Attributes:
        mode: What to do; `approve` applies only within `max_loss_bps`.
        max_loss_bps: Most that the minimum may fall, in basis points of the one locked before.
        beyond: What to do about a repricing that costs more, or whose cost is unknown.
    """

    mode: RepriceAction = RepriceAction.ASK
    max_loss_bps: int = Field(default=100, ge=0, le=BPS)
    beyond: Literal[RepriceAction.ASK, RepriceAction.REJECT, RepriceAction.REFUND] = RepriceAction.ASK


class RepriceVerdict(BaseModel):
    """What to do about a repricing, and why.

    Attributes:
        action: What to do; None when nothing is left to decide.
        approved_min_amount_out: The minimum to approve, in smallest destination units; None for other actions.
        reasons: The reasons in words, with the figures.
    """

    action: RepriceAction | None
    approved_min_amount_out: int | None = None
    reasons: list[str]


def judge(reprice: Reprice, policy: RepricePolicy, *, refundable: bool) -> RepriceVerdict:
    """Return what a policy decides about a repricing.

    Args:
        reprice: The question.
        policy: The business's policy.
        refundable: Whether a refund can be asked for, see `can_be_refunded`; where it cannot, the business is asked.
    """
    if not reprice.pending:
        return RepriceVerdict(action=None, reasons=[f"the repricing is {reprice.status}: nothing is left to decide"])
    if policy.mode is not RepriceAction.APPROVE:
        return _possible(policy.mode, [f"mode is {policy.mode}"], refundable)
    loss, minimum = reprice.loss_bps, reprice.minimum_to_approve
    if loss is None or minimum is None:
        return _possible(policy.beyond, ["maxLossBps: the repricing does not say what it costs"], refundable)
    words = f"{_amounts(reprice)} is a loss of {loss} bps"
    if loss > policy.max_loss_bps:
        return _possible(policy.beyond, [f"maxLossBps: {words}, above {policy.max_loss_bps} bps"], refundable)
    reason = f"maxLossBps: {words}, within {policy.max_loss_bps} bps"
    return RepriceVerdict(action=RepriceAction.APPROVE, approved_min_amount_out=minimum, reasons=[reason])


def _amounts(reprice: Reprice) -> str:
    return f"{reprice.proposed_min_amount_out} instead of {reprice.previous_locked_min_amount_out}"


def _possible(action: RepriceAction, reasons: list[str], refundable: bool) -> RepriceVerdict:
    if action is RepriceAction.REFUND and not refundable:
        reasons = [*reasons, "a refund can be asked for only where the source is Bitcoin"]
        return RepriceVerdict(action=RepriceAction.ASK, reasons=reasons)
    return RepriceVerdict(action=action, reasons=reasons)
