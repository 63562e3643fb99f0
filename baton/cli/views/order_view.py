"""One order as `baton show` tells it: where it stands, what it waits for, its money and its story. Pure."""

from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from baton.cli.views.order_records import record_of, record_sections
from baton.cli.views.rendering import (
    LOUD,
    Row,
    awaits_payer,
    deposit_section,
    heading,
    labelled,
    proof_command,
    section,
    style_of,
    words,
)
from baton.cli.views.wording import amount, due, moment, named, owner
from baton.orchestra.rules.reprice import read_reprice

if TYPE_CHECKING:
    from baton.orders.answers import Snapshot
    from baton.orders.observation import Transition
    from baton.orders.state import Resolved


def order_view(order: "Snapshot", now: datetime, *, caution: str | None = None) -> RenderableType:
    """Return an order in sections.

    Args:
        order: Its snapshot.
        now: The present, for how far away deadlines are.
        caution: Why this is not the present truth, where it is not.
    """
    outcome = order.outcome.value if order.outcome else None
    return Group(
        heading(f"Order {order.reference}", words(outcome or order.status or order.phase), style_of(outcome)),
        *([labelled("caution", caution)] if caution else []),
        *[labelled(label, value) for label, value in _facts(order) if value],
        *section("Attention", _attention(order, now), LOUD),
        *section("Waiting", _waiting(order, now)),
        *(deposit_section(order, now) if awaits_payer(order) else []),
        *section("Money", _money(order)),
        *record_sections(order),
        *section("Earlier quotes", _earlier_quotes(order, now)),
        *_timeline(order.transitions),
        *section("Odd observations", [(words(one.kind), one.message) for one in order.anomalies]),
        *section("Settled by hand", [(words(one.reason or "settled"), _resolved(one)) for one in order.resolutions]),
        *section("Next", _next(order)),
    )


def route(order: "Snapshot") -> str:
    """Return from what to what an order leads."""
    source = f"{order.source_asset} on {order.source_chain}"
    return f"{source} → {order.destination_asset} on {order.destination_chain}"


def _facts(order: "Snapshot") -> list[Row]:
    reason = order.reason
    return [
        ("route", route(order)),
        ("to", order.recipient_address),
        ("phase", words(order.phase)),
        ("status", order.status),
        ("reason", f"{reason.code}: {reason.message}" if reason else None),
        ("review", order.records.get("reviewStatus")),
        ("account", order.account),
        ("payer", _payer(order)),
        ("quote", order.quote_id),
        ("order", order.order_id),
        ("workflow", order.workflow_id),
        ("opened", moment(order.opened_at)),
        ("closed", moment(order.closed_at) if order.closed_at else None),
    ]


def _payer(order: "Snapshot") -> str | None:
    if order.payer is None:
        return None
    return ", ".join(told for told in (order.payer.id, order.payer.region) if told) or None


def _attention(order: "Snapshot", now: datetime) -> list[Row]:
    if order.attention is None:
        return []
    return [
        ("reason", order.attention.reason),
        ("message", order.attention.message),
        ("since", due(order.attention.since, now)),
    ]


def _waiting(order: "Snapshot", now: datetime) -> list[Row]:
    waiting = order.waiting_for
    if waiting is None:
        return []
    return [
        ("for", waiting.what),
        ("from", owner(waiting.who)),
        ("until", due(waiting.until, now)),
        ("then", waiting.then),
    ]


def _money(order: "Snapshot") -> list[Row]:
    about = amount(order.estimated_out, order.destination_asset) if order.amount_out is None else None
    return [
        ("in", amount(order.amount_in, order.source_asset)),
        ("out", amount(order.amount_out, order.destination_asset)),
        ("out, about", about),
        ("proof", _pairs(order.proof)),
        ("payout tx", order.destination_tx_hash),
        ("spark tx", order.spark_tx_hash),
        ("refund", _pairs(order.refund)),
        ("error", f"{order.error.code}: {order.error.message}" if order.error else None),
    ]


def _pairs(document: dict[str, object] | None) -> str | None:
    return ", ".join(f"{name} {value}" for name, value in document.items()) if document else None


def _earlier_quotes(order: "Snapshot", now: datetime) -> list[Row]:
    earlier = [quote for quote in order.quotes if quote.quote_id != order.quote_id]
    return [(quote.quote_id, f"{quote.deposit_address}, until {due(quote.expires_at, now)}") for quote in earlier]


def _timeline(transitions: "list[Transition]") -> list[Text]:
    return section("Timeline", [(words(one.status), _told(one)) for one in transitions])


def _told(one: "Transition") -> str:
    source = "told after the end" if one.source == "late" else words(one.source)
    return f"{moment(one.at)}  {source}"


def _resolved(one: "Resolved") -> str:
    return f"{moment(one.at)}  {one.note}"


def _answers(order: "Snapshot") -> str:
    return "--approve, --reject or --refund" if order.source_chain == "bitcoin" else "--approve or --reject"


def _next(order: "Snapshot") -> list[Row]:
    if order.outcome is not None:
        return []
    name = named(order.reference, order.account)
    report = proof_command(order.reference, order.account, order.source_chain)
    question = read_reprice(record_of(order))
    asked = question is not None and question.pending
    return [
        ("once paid", report if order.phase == "awaiting_deposit" and order.page is None else None),
        ("answer it", f"baton reprice {name} {_answers(order)}" if asked else None),
        ("settle it", f"baton resolve {name} --note TEXT" if order.attention else None),
        ("follow it", f"baton watch {name}"),
    ]
