"""What people read in the Temporal UI about an order's children: a refund, and the approval of a ZeroConf offer. Pure.

None of it costs an event.
"""

from collections.abc import Sequence
from datetime import datetime

from baton.chains.decimals import decimals_of
from baton.encoding.times import date_and_time
from baton.encoding.units import in_words, whole
from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.zeroconf import ZeroConfOffer
from baton.orders.rules.refund import report_of
from baton.orders.summaries import details_table

_BTC_DECIMALS = 8


def refund_details(record: OrderRecord, since: datetime, due: datetime) -> str:
    """Return a refund's current state as a Markdown table.

    Args:
        record: The order's newest record.
        since: When the refund began.
        due: When an operator is asked to look, or is reminded.
    """
    report = report_of(record)
    asset = report.asset or "the deposited asset"
    deposited, chain = record.source_asset or asset, record.source_chain or ""
    amount = in_words(report.amount, asset, decimals_of(chain, asset)) if report.amount else None
    paid = in_words(report.deposited, deposited, decimals_of(chain, deposited)) if report.deposited else None
    return details_table(
        ("what", f"the refund of order {record.id}"),
        ("status", report.status),
        ("deposited", paid),
        ("comes back", amount),
        ("transaction", report.tx_hash),
        ("why", f"{report.cause.code}: {report.cause.message}" if report.cause else None),
        ("since", date_and_time(since)),
        ("who decides", "Orchestra"),
        ("until", f"{date_and_time(due)}, then an operator is asked to look"),
    )


def approval_details(order_id: str, offer: ZeroConfOffer, who: str, due: datetime | None, then: str) -> str:
    """Return the current state of an offer's approval as a Markdown table.

    Args:
        order_id: Orchestra's id of the order.
        offer: The offer.
        who: Who decides, or has decided.
        due: When the decision must be there; None where no time is set.
        then: What happens at that time, or what was decided.
    """
    return details_table(
        ("what", f"the ZeroConf offer for order {order_id}"),
        ("offer", offer.quote_id),
        ("deposit", _sats(offer.deposit_sats)),
        ("credited at once", _sats(offer.instant_sats)),
        ("cost", _cost(offer)),
        ("since", date_and_time(offer.offered_at) if offer.offered_at else None),
        ("who decides", who),
        ("until", date_and_time(due) if due else None),
        ("then", then),
    )


def decided(action: str, by: str, reasons: Sequence[str]) -> str:
    """Return a decision, who made it and why, as one sentence."""
    return f"{action}, decided by {by}: {'; '.join(reasons)}"


def _sats(amount: int | None) -> str | None:
    return None if amount is None else f"{whole(amount, _BTC_DECIMALS)} BTC ({amount} sats)"


def _cost(offer: ZeroConfOffer) -> str | None:
    if offer.cost_sats is None:
        return None
    share = f", {offer.fee_bps} basis points of the deposit" if offer.fee_bps is not None else ""
    return f"{_sats(offer.cost_sats)}{share}"
