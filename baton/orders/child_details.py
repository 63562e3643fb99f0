"""What people read in the Temporal UI about an order's children: a refund, and the approval of a ZeroConf offer. Pure.

None of it costs an event.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from baton.chains.decimals import decimals_of
from baton.chains.names import chain_name, transaction_page
from baton.encoding.times import date_and_time
from baton.encoding.units import units_in_words, whole
from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.zeroconf import ZeroConfOffer
from baton.orders.ended_order import HANDLED_BY, AttentionStanding
from baton.orders.markdown import details_table, link, links, short_id
from baton.orders.names import is_order
from baton.orders.rules.refund import report_of
from baton.orders.summaries import summary_line

_BTC_DECIMALS = 8


def refund_details(record: OrderRecord, since: datetime, due: datetime, pages: Mapping[str, str] | None = None) -> str:
    """Return a refund's current state as a Markdown table.

    Args:
        record: The order's newest record.
        since: When the refund began.
        due: When an operator is asked to look, or is reminded.
        pages: Addresses of pages about the order, by their names.
    """
    report = report_of(record)
    asset = report.asset or "the deposited asset"
    deposited, chain = record.source_asset or asset, record.source_chain or ""
    amount = units_in_words(report.amount, asset, decimals_of(chain, asset)) if report.amount else None
    paid = units_in_words(report.deposited, deposited, decimals_of(chain, deposited)) if report.deposited else None
    return details_table(
        ("what", f"the refund of order {record.id}"),
        ("status", report.status),
        ("deposited", paid),
        ("comes back", amount),
        ("transaction", _transaction(chain, report.tx_hash)),
        ("why", f"{report.cause.code}: {report.cause.message}" if report.cause else None),
        ("since", date_and_time(since)),
        ("who decides", "Orchestra"),
        ("until", f"{date_and_time(due)}, then an operator is asked to look"),
        ("pages", links(dict(pages or {}))),
    )


def approval_details(
    order_id: str,
    offer: ZeroConfOffer,
    who: str,
    due: datetime | None,
    then: str,
    pages: Mapping[str, str] | None = None,
) -> str:
    """Return the current state of an offer's approval as a Markdown table.

    Args:
        order_id: Orchestra's id of the order.
        offer: The offer.
        who: Who decides, or has decided.
        due: When the decision must be there; None where no time is set.
        then: What happens at that time, or what was decided.
        pages: Addresses of pages about the order, by their names.
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
        ("pages", links(dict(pages or {}))),
    )


def attention_details(standing: AttentionStanding, pages: Mapping[str, str] | None = None) -> str:
    """Return what a person must look at after an order's end as a Markdown table, with what to do about it.

    Args:
        standing: The open reasons, and the resolved ones.
        pages: Addresses of pages about the order, by their names.
    """
    rows: list[tuple[str, str | None]] = [
        row
        for raised in standing.attentions
        for row in (
            ("needs a person", f"{raised.reason}: {raised.message}"),
            ("since", date_and_time(raised.since)),
            ("what to do", raised.remedy),
        )
    ]
    return details_table(*rows, ("then", HANDLED_BY), ("pages", links(dict(pages or {}))))


def attention_summary(workflow_id: str, reasons: Iterable[str]) -> str:
    """Return the line that names the attention of an ended order, or of what else has this id, in lists."""
    why = ", ".join(reasons)
    if not is_order(workflow_id):
        return summary_line(f"{workflow_id}: needs a person, {why}")
    return summary_line(f"{workflow_id.split('/', 2)[2]}: has ended and needs a person, {why}")


def refund_summary(reference: str, record: OrderRecord) -> str:
    """Return the line that names a refund in lists."""
    amount, asset, chain = record.amount_in, record.source_asset, record.source_chain
    if amount is None or not asset or not chain:
        return summary_line(f"{reference}: refund")
    deposited = units_in_words(amount, asset, decimals_of(chain, asset))
    return summary_line(f"{reference}: refund of {deposited} on {chain_name(chain)}")


def approval_summary(reference: str, offer: ZeroConfOffer) -> str:
    """Return the line that names an offer's approval in lists."""
    amount = f" for a deposit of {whole(offer.deposit_sats, _BTC_DECIMALS)} BTC" if offer.deposit_sats else ""
    return summary_line(f"{reference}: ZeroConf offer{amount}")


def _transaction(chain: str, transaction: str | None) -> str | None:
    return link(short_id(transaction), transaction_page(chain, transaction)) if transaction else None


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
