"""What the business decides about an offer or a repricing, and what became of each. Pure."""

from enum import StrEnum

from pydantic import BaseModel, Field

from baton.encoding.amounts import TolerantAmount, TolerantTime
from baton.orchestra.rules.reprice import Reprice, RepriceAction, RepriceVerdict
from baton.orchestra.rules.zeroconf import Verdict, ZeroConfAction, ZeroConfOffer


class BusinessDecision(BaseModel):
    """The business's answer to an offer."""

    accept: bool
    reason: str | None = None

    def verdict(self) -> Verdict:
        """Return the answer as a verdict."""
        words = self.reason or "decided by the business"
        return Verdict(action=ZeroConfAction.ACCEPT if self.accept else ZeroConfAction.DECLINE, reasons=[words])


class ApprovalEnd(StrEnum):
    """How an offer ended for us."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    """Left unanswered, on purpose."""
    SETTLED = "settled"
    """Confirmed, expired or answered elsewhere while we were deciding."""
    TOO_LATE = "too_late"
    """Our answer was refused because the offer was no longer open."""


class ApprovalReport(BaseModel):
    """How an offer was dealt with, by whom and why."""

    offer_id: str | None = None
    end: ApprovalEnd
    by: str
    reasons: list[str] = []
    offer: ZeroConfOffer | None = None
    """The offer as it was judged, so that another policy can be tried on it; older reports have none."""


class RepriceDecision(BaseModel):
    """The business's answer to a repricing. `minimum` counts smallest destination units and belongs to an approval."""

    action: RepriceAction
    minimum: int | None = Field(default=None, ge=1)
    refund_address: str | None = None
    """Where a refund goes; the order's own refund address when left out."""
    reason: str | None = None

    def verdict(self, question: Reprice) -> RepriceVerdict:
        """Return the answer as a verdict; an approval without a minimum takes the one proposed."""
        minimum = self.minimum or question.minimum_to_approve if self.action is RepriceAction.APPROVE else None
        words = self.reason or "decided by the business"
        return RepriceVerdict(action=self.action, approved_min_amount_out=minimum, reasons=[words])


class RepriceReport(BaseModel):
    """What was answered to a repricing, by whom and why. The minimum counts smallest destination units."""

    requested_at: TolerantTime = None
    action: str
    by: str
    minimum: TolerantAmount = None
    reasons: list[str] = []
    refused: str | None = None
    """Why Orchestra did not take the answer, in its words."""
    too_late: bool = False
    """It was refused because the question was no longer open."""
