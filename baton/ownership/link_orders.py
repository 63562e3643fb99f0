"""The pay link that an order over Lightning comes of, where Orchestra does not name it. Pure.

Only a webhook names the link of an order. A list and a status read show the order's recipient, destination and amount,
which are the link's own terms.
"""

from collections.abc import Iterable
from datetime import timedelta

from baton.ledger.rows import SourceRow
from baton.orchestra.models import OrderRecord

LIGHTNING = "lightning"

CLOCKS = timedelta(hours=1)
"""How far Orchestra's clock may be behind; an order that is older than the link by more does not come of it."""


def is_paid_over_lightning(record: OrderRecord) -> bool:
    """Whether an order may come of a pay link."""
    return record.source_chain == LIGHTNING


def links_of(rows: Iterable[SourceRow], record: OrderRecord) -> list[SourceRow]:
    """Return the pay links that an order may come of: all but those whose terms are others than the order's."""
    if record.pay_link_id:
        return [row for row in rows if row.orchestra_id == record.pay_link_id]
    return [row for row in rows if _has_terms(row, record)]


def _has_terms(row: SourceRow, record: OrderRecord) -> bool:
    wanted = row.request
    recipient = record.recipient_address or record.destination_address
    terms = [
        (recipient, wanted.get("recipientAddress")),
        (record.destination_chain, wanted.get("destinationChain")),
        (record.destination_asset, wanted.get("destinationAsset")),
    ]
    if record.created_at is not None and record.created_at < row.created_at - CLOCKS:
        return False
    return all(shown in (None, term) for shown, term in terms) and _has_amount(row, record)


def _has_amount(row: SourceRow, record: OrderRecord) -> bool:
    fiat, delivered = row.request.get("amountFiatUsd"), row.request.get("amountOut")
    if fiat is not None:
        return record.amount_fiat_usd == fiat
    target = (record.payment_intent or {}).get("targetAmountOut")
    return record.amount_fiat_usd is None and str(target) in ("None", str(delivered))
