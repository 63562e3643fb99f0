"""The business's decisions about offers and repricings, and the reports of how each ended. Pure."""

from enum import StrEnum

from pydantic import BaseModel, Field

from baton.encoding.amounts import TolerantAmount, TolerantTime
from baton.orchestra.rules.reprice import Reprice, RepriceAction, RepriceVerdict
from baton.orchestra.rules.zeroconf import Verdict, ZeroConfAction, ZeroConfOffer


class BusinessDecision(BaseModel):
    """The business's answer to a ZeroConf offer."""

    accept: bool
    reason: str | None = None
    by: str | None = None
    """Who decides, by the name of the API token."""

    def verdict(self) -> Verdict:
        """Return the answer as a verdict."""
        action = ZeroConfAction.ACCEPT if self.accept else ZeroConfAction.DECLINE
        return Verdict(action=action, reasons=[self.reason or "decided by the business"])


class ApprovalEnd(StrEnum):
    """How an offer ended."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    """Left unanswered on purpose."""
    SETTLED = "settled"
    """Confirmed, expired or answered by somebody else before the decision."""
    TOO_LATE = "too_late"
    """Orchestra refused the answer, because the offer was no longer open."""


class ApprovalReport(BaseModel):
    """How an offer ended, who decided it and why."""

    offer_id: str | None = None
    end: ApprovalEnd
    by: str
    reasons: list[str] = []
    offer: ZeroConfOffer | None = None
    """The offer as it was judged, for trying another policy on it; older reports have none."""
    at: TolerantTime = None


class RepriceDecision(BaseModel):
    """The business's answer to a repricing. `minimum` (smallest destination units) belongs to an approval."""

    action: RepriceAction
    minimum: int | None = Field(default=None, ge=1)
    refund_address: str | None = None
    """Where a refund goes; None means the order's own refund address."""
    reason: str | None = None
    by: str | None = None
    """Who decides, by the name of the API token."""

    def verdict(self, question: Reprice) -> RepriceVerdict:
        """Return the answer as a verdict; an approval without a minimum takes the proposed one."""
        minimum = self.minimum or question.minimum_to_approve if self.action is RepriceAction.APPROVE else None
        reason = self.reason or "decided by the business"
        return RepriceVerdict(action=self.action, approved_min_amount_out=minimum, reasons=[reason])


class RepriceReport(BaseModel):
    """The answer to a repricing, who gave it and why. `minimum` is in smallest destination units."""

    requested_at: TolerantTime = None
    action: str
    by: str
    minimum: TolerantAmount = None
    reasons: list[str] = []
    refused: str | None = None
    """Why Orchestra refused the answer, in its words."""
    too_late: bool = False
    """Whether it was refused because the repricing was no longer open."""
