"""What a refund is to Baton: its input, its report, how long it may take, and what about it needs a person. Pure."""

from datetime import datetime, timedelta

from pydantic import BaseModel

from baton.encoding.amounts import TolerantAmount
from baton.orchestra.lifecycle import Status, is_hard_end
from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.money import deposited_amount, refund_is_short
from baton.orders.models import Attention, Reason

REFUND_OVERDUE = "refund_overdue"
REFUND_WITHOUT_TX = "refund_without_transaction"

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
    """Less comes back than was deposited: news to the business, not an error."""


def refund_patience(source_chain: str) -> timedelta:
    """Return how long a refund on that chain may take before an operator is told."""
    return _PATIENCE.get(source_chain, _DEFAULT_PATIENCE)


def report_of(record: OrderRecord) -> RefundReport:
    """Return what the order's record tells of its refund."""
    cause = None
    if record.error_code or record.error_message:
        cause = Reason(code=record.error_code or "unknown", message=record.error_message or "")
    return RefundReport(
        status=record.status,
        asset=record.refund_asset,
        amount=record.refund_amount,
        deposited=deposited_amount(record),
        tx_hash=record.refund_tx_hash,
        cause=cause,
        short=refund_is_short(record),
    )


def ended(record: OrderRecord) -> bool:
    """Tell whether the refund is over, one way or the other."""
    return is_hard_end(record.status)


def missing_transaction(record: OrderRecord, now: datetime) -> Attention | None:
    """Return the attention that a refund without a transaction raises: nobody could prove it."""
    if record.status != Status.REFUNDED or record.refund_tx_hash:
        return None
    return Attention(
        reason=REFUND_WITHOUT_TX, message="the order is refunded but no transaction hash was told", since=now
    )


def overdue_refund(since: datetime, now: datetime) -> Attention:
    """Return the attention that a refund raises when it takes too long."""
    message = f"the refund is under way since {since:%Y-%m-%d %H:%M} UTC, longer than planned"
    return Attention(reason=REFUND_OVERDUE, message=message, since=now)
