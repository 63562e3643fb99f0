"""What a ZeroConf approval is to Baton: its input, the business's answer, its report. Pure."""

from datetime import timedelta

from pydantic import BaseModel

from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.reprice import read_reprice
from baton.orchestra.rules.zeroconf import ZeroConfOffer, ZeroConfPolicy, read_offer

OPERATOR_HOLD = "operator_hold"

EXPOSURE_WINDOW = timedelta(hours=24)


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


def still_open(record: OrderRecord, offer_id: str | None) -> bool:
    """Tell whether the order still waits for an answer to that offer."""
    offer = read_offer(record)
    return record.status == "awaiting_approval" and offer is not None and offer.pending and offer.quote_id == offer_id


def needs_operator(record: OrderRecord) -> bool:
    """Tell whether the order waits for an approval that is not ours to give: an operator's hold at Orchestra."""
    questions = (read_offer(record), read_reprice(record))
    return record.status == "awaiting_approval" and not any(one and one.pending for one in questions)
