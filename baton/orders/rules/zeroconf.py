"""A ZeroConf approval: the input of its workflow, the account's terms, and whether an offer is open. Pure."""

from datetime import timedelta

from pydantic import BaseModel

from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.reprice import read_reprice
from baton.orchestra.rules.zeroconf import ZeroConfOffer, ZeroConfPolicy, read_offer

EXPOSURE_WINDOW = timedelta(hours=24)
"""Credits of this period count toward the account's cap."""


class ApprovalRequest(BaseModel):
    """Input of the approval workflow. `ordinal` counts the order's offers and is part of the answer's key."""

    order_workflow_id: str
    account: str
    order_id: str
    ordinal: int
    offer: ZeroConfOffer
    policy: ZeroConfPolicy | None = None
    """The order's own policy; None means the account's."""
    route: str | None = None
    """The order's route, such as `bitcoin:BTC>base:USDC`; None in requests of an older version."""


class ZeroConfTerms(BaseModel):
    """The account's policy for offers, and what it credited without a confirmation in the last 24 hours, in sats."""

    policy: ZeroConfPolicy = ZeroConfPolicy()
    open_exposure_sats: int = 0


def still_open(record: OrderRecord, offer_id: str | None) -> bool:
    """Whether the order still waits for an answer to this offer."""
    offer = read_offer(record)
    return record.status == "awaiting_approval" and offer is not None and offer.pending and offer.quote_id == offer_id


def needs_operator(record: OrderRecord) -> bool:
    """Whether the order waits for an approval that only Orchestra's operators can give."""
    questions = (read_offer(record), read_reprice(record))
    return record.status == "awaiting_approval" and not any(question and question.pending for question in questions)
