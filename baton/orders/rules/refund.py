"""A refund: the input and the report of its workflow, and how long it may take. Pure."""

from datetime import timedelta

from pydantic import BaseModel

from baton.encoding.amounts import TolerantAmount
from baton.orchestra.lifecycle import is_hard_end
from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.money import deposited_amount, refund_is_short
from baton.orders.models import Reason

_PATIENCE = {
    "bitcoin": timedelta(hours=24),
    "lightning": timedelta(hours=2),
    "spark": timedelta(hours=2),
    "solana": timedelta(hours=6),
}
_DEFAULT_PATIENCE = timedelta(hours=12)


class RefundOrder(BaseModel):
    """Input of the refund workflow."""

    order_workflow_id: str
    source_chain: str
    record: OrderRecord


class RefundReport(BaseModel):
    """A refund as it stands or ended. Amounts in smallest units of their asset."""

    status: str
    asset: str | None = None
    amount: TolerantAmount = None
    deposited: TolerantAmount = None
    tx_hash: str | None = None
    cause: Reason | None = None
    short: bool = False
    """Less came back than was deposited: information for the business, not an error."""


def refund_patience(source_chain: str) -> timedelta:
    """Return how long a refund on that chain may take before it raises attention."""
    return _PATIENCE.get(source_chain, _DEFAULT_PATIENCE)


def report_of(record: OrderRecord) -> RefundReport:
    """Return the refund as the order's record shows it."""
    return RefundReport(
        status=record.status,
        asset=record.refund_asset,
        amount=record.refund_amount,
        deposited=deposited_amount(record),
        tx_hash=record.refund_tx_hash,
        cause=Reason.of_error(record),
        short=refund_is_short(record),
    )


def ended(record: OrderRecord) -> bool:
    """Whether the refund is over, with or without success."""
    return is_hard_end(record.status)
