"""One order as a reconciliation reports it, for people, programs and spreadsheets. Pure."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from baton.encoding.amounts import TolerantAmount
from baton.orchestra.models import OrderRecord
from baton.orders.answers import Snapshot
from baton.reconciliation.verdicts import BookVerdict, Judgement


class ReconciledOrder(BaseModel):
    """An order in both books; what one of them does not have is None. Amounts in smallest units."""

    model_config = ConfigDict(frozen=True)

    verdict: BookVerdict
    differences: list[str] = []
    account: str
    reference: str | None = None
    order_id: str | None = None
    quote_id: str | None = None
    source_chain: str | None = None
    source_asset: str | None = None
    destination_chain: str | None = None
    destination_asset: str | None = None
    outcome: str | None = None
    status: str | None = None
    status_there: str | None = None
    amount_in: TolerantAmount = None
    amount_in_there: TolerantAmount = None
    amount_out: TolerantAmount = None
    amount_out_there: TolerantAmount = None
    fee_amount: TolerantAmount = None
    fee_amount_there: TolerantAmount = None
    fee_asset: str | None = None
    placed_at: datetime | None = None
    closed_at: datetime | None = None


_SAME_NAMES = (
    "account",
    "reference",
    "order_id",
    "quote_id",
    "source_chain",
    "source_asset",
    "destination_chain",
    "destination_asset",
    "outcome",
    "status",
    "amount_in",
    "amount_out",
    "fee_amount",
    "fee_asset",
    "closed_at",
)


def reconciled(ours: Snapshot, theirs: OrderRecord | None, judgement: Judgement) -> ReconciledOrder:
    """Return the report of an order that Baton has."""
    values = {name: getattr(ours, name) for name in _SAME_NAMES}
    return ReconciledOrder(
        **values,
        placed_at=ours.opened_at,
        verdict=judgement.verdict,
        differences=judgement.differences,
        **_there(theirs),
    )


def foreign(account: str, theirs: OrderRecord, judgement: Judgement) -> ReconciledOrder:
    """Return the report of an order that only Orchestra has."""
    return ReconciledOrder(
        verdict=judgement.verdict,
        differences=judgement.differences,
        account=account,
        order_id=theirs.id,
        quote_id=theirs.quote_id,
        source_chain=theirs.source_chain,
        source_asset=theirs.source_asset,
        destination_chain=theirs.destination_chain,
        destination_asset=theirs.destination_asset,
        **_there(theirs),
    )


def _there(theirs: OrderRecord | None) -> dict[str, object]:
    if theirs is None:
        return {}
    return {
        "status_there": theirs.status,
        "amount_in_there": theirs.amount_in,
        "amount_out_there": theirs.amount_out,
        "fee_amount_there": theirs.fee_amount,
    }
