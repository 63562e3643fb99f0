"""The repricing question of older accounts: what it says, and what a policy makes of it. Pure.

Where newer accounts are refunded when the market moved too far, older ones are asked: go on at a worse price, fail, or,
for a Bitcoin source, refund. Source: the partner API reference, reprice decisions and sub-objects.
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
    """Refuse, and have the deposit sent back."""


class Reprice(Wire):
    """The question as the order's record tells it. Amounts in smallest destination units."""

    status: str = Field(min_length=1)
    previous_locked_min_amount_out: TolerantAmount = None
    proposed_min_amount_out: TolerantAmount = None
    latest_expected_amount_out: TolerantAmount = None
    requested_at: TolerantTime = None
    resolved_at: TolerantTime = None
    reason: Text = None

    @property
    def pending(self) -> bool:
        """Tell whether the question waits for an answer."""
        return self.status in _OPEN and self.resolved_at is None

    @property
    def loss_bps(self) -> int | None:
        """Return how far the proposed minimum lies below the one locked before, rounded up; None when not told."""
        before, after = self.previous_locked_min_amount_out, self.proposed_min_amount_out
        if not before or after is None:
            return None
        return max(0, -(-(before - after) * BPS // before))

    @property
    def minimum_to_approve(self) -> int | None:
        """Return the minimum to name when approving: the one proposed, never above the one locked before.

        None when the proposal is not told, or is nothing at all.
        """
        before, after = self.previous_locked_min_amount_out, self.proposed_min_amount_out
        return min(after, after if before is None else before) if after else None


def read_reprice(record: OrderRecord) -> Reprice | None:
    """Return the order's repricing, pending or not; None where there is none or it cannot be read."""
    if record.reprice is None:
        return None
    try:
        return Reprice.model_validate(record.reprice)
    except ValidationError:
        return None


def can_be_refunded(record: OrderRecord) -> bool:
    """Tell whether the refund decision exists for this order: it does for a Bitcoin source only."""
    return record.source_chain in _REFUNDABLE


class RepricePolicy(Wire):
    """What the business wants done about a repricing without being asked.

    Attributes:
        mode: What to do; `approve` holds only within `max_loss_bps`.
        max_loss_bps: Most that the minimum may fall, in basis points of the one locked before.
        beyond: What becomes of a repricing that costs more than that, or does not tell what it costs.
    """

    mode: RepriceAction = RepriceAction.ASK
    max_loss_bps: int = Field(default=100, ge=0, le=BPS)
    beyond: Literal[RepriceAction.ASK, RepriceAction.REJECT, RepriceAction.REFUND] = RepriceAction.ASK


class RepriceVerdict(BaseModel):
    """What to do about a repricing, and why.

    Attributes:
        action: What to do; None when nothing is left to decide.
        approved_min_amount_out: The minimum to approve, in smallest destination units; None for other actions.
        reasons: In words, with the figures.
    """

    action: RepriceAction | None
    approved_min_amount_out: int | None = None
    reasons: list[str]


def judge(reprice: Reprice, policy: RepricePolicy, *, refundable: bool) -> RepriceVerdict:
    """Hold a repricing against a policy.

    Args:
        reprice: The question.
        policy: What the business wants.
        refundable: Whether a refund can be asked for, see `can_be_refunded`; where it cannot, the business is asked.
    """
    if not reprice.pending:
        return RepriceVerdict(action=None, reasons=[f"the repricing is {reprice.status}: nothing is left to decide"])
    if policy.mode is not RepriceAction.APPROVE:
        return _possible(policy.mode, [f"mode is {policy.mode}"], refundable)
    loss, minimum = reprice.loss_bps, reprice.minimum_to_approve
    if loss is None or minimum is None:
        return _possible(policy.beyond, ["maxLossBps: the repricing does not tell what it costs"], refundable)
    words = f"{_amounts(reprice)} is a loss of {loss} bps"
    if loss > policy.max_loss_bps:
        return _possible(policy.beyond, [f"maxLossBps: {words}, above {policy.max_loss_bps} bps"], refundable)
    kept = f"maxLossBps: {words}, within {policy.max_loss_bps} bps"
    return RepriceVerdict(action=RepriceAction.APPROVE, approved_min_amount_out=minimum, reasons=[kept])


def _amounts(reprice: Reprice) -> str:
    return f"{reprice.proposed_min_amount_out} instead of {reprice.previous_locked_min_amount_out}"


def _possible(action: RepriceAction, reasons: list[str], refundable: bool) -> RepriceVerdict:
    if action is RepriceAction.REFUND and not refundable:
        reasons = [*reasons, "a refund can be asked for only where the source is Bitcoin"]
        return RepriceVerdict(action=RepriceAction.ASK, reasons=reasons)
    return RepriceVerdict(action=action, reasons=reasons)
