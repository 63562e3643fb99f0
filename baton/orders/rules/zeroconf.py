"""What a ZeroConf approval is to Baton: its input, the business's answer, its report. Pure."""

from enum import StrEnum

from pydantic import BaseModel

from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.reprice import read_reprice
from baton.orchestra.rules.zeroconf import Action, Verdict, ZeroConfOffer, ZeroConfPolicy, read_offer

OPERATOR_HOLD = "operator_hold"


class ApprovalRequest(BaseModel):
    """Input of the approval workflow. `ordinal` counts the order's offers and is part of the answer's key."""

    order_workflow_id: str
    account: str
    order_id: str
    ordinal: int
    offer: ZeroConfOffer
    policy: ZeroConfPolicy | None = None
    """The order's own policy; the account's where there is none."""


class ZeroConfTerms(BaseModel):
    """What the account says of offers: its policy, and what it has credited without a confirmation in 24 hours."""

    policy: ZeroConfPolicy = ZeroConfPolicy()
    open_exposure_sats: int = 0


class BusinessDecision(BaseModel):
    """The business's answer to an offer."""

    accept: bool
    reason: str | None = None

    def verdict(self) -> Verdict:
        """Return the answer as a verdict."""
        words = self.reason or "decided by the business"
        return Verdict(action=Action.ACCEPT if self.accept else Action.DECLINE, reasons=[words])


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


def still_open(record: OrderRecord, offer_id: str | None) -> bool:
    """Tell whether the order still waits for an answer to that offer."""
    offer = read_offer(record)
    return record.status == "awaiting_approval" and offer is not None and offer.pending and offer.quote_id == offer_id


def needs_operator(record: OrderRecord) -> bool:
    """Tell whether the order waits for an approval that is not ours to give: an operator's hold at Orchestra."""
    questions = (read_offer(record), read_reprice(record))
    return record.status == "awaiting_approval" and not any(one and one.pending for one in questions)
