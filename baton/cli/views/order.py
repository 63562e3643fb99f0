"""An order for `baton show`: where it stands, what it waits for, its money and its timeline. Pure."""

from datetime import datetime
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from baton.cli.views.layout import LOUD, Row, heading, labelled, section, style_of
from baton.cli.views.payment import awaits_payer, payment_section, proof_command
from baton.cli.views.record_sections import record_of, record_sections
from baton.cli.views.units import in_destination, in_source, shown
from baton.cli.views.values import due, moment, named, owner, words
from baton.orchestra.rules.reprice import read_reprice

if TYPE_CHECKING:
    from baton.orders.answers import Snapshot
    from baton.orders.observation import Transition
    from baton.orders.state import Act, Resolved


def order_view(order: "Snapshot", now: datetime, *, caution: str | None = None) -> RenderableType:
    """Return an order in sections.

    Args:
        order: Its snapshot.
        now: The present; deadlines are shown relative to it.
        caution: Why the snapshot may be outdated, if it may.
    """
    end = end_of(order)
    return Group(
        heading(f"Order {order.reference}", words(end or order.status or order.phase), style_of(end)),
        *([labelled("caution", caution)] if caution else []),
        *[labelled(label, value) for label, value in _facts(order) if value],
        *section("Attention", _attention(order, now), LOUD),
        *section("Waiting", _waiting(order, now)),
        *(payment_section(order, now) if awaits_payer(order) else []),
        *section("Money", _money(order)),
        *record_sections(order),
        *section("Earlier quotes", _earlier_quotes(order, now)),
        *_timeline(order.transitions),
        *section("Anomalies", [(words(anomaly.kind), anomaly.message) for anomaly in order.anomalies]),
        *section("Left out", _left_out(order)),
        *section("Resolved by hand", [_resolved(resolution) for resolution in order.resolutions]),
        *section("Acts", [_act(act) for act in order.acts]),
        *section("Next", _next(order)),
    )


def end_of(order: "Snapshot") -> str | None:
    """Return how an order ended: its outcome, or how its workflow was interrupted; None for an open order."""
    if order.outcome:
        return order.outcome.value
    return order.interrupted.how if order.interrupted else None


def route(order: "Snapshot") -> str:
    """Return the source and destination of an order."""
    source = f"{order.source_asset} on {order.source_chain}"
    return f"{source} → {order.destination_asset} on {order.destination_chain}"


def _left_out(order: "Snapshot") -> list[Row]:
    """Return how much the sections above leave out, because an order keeps only so much."""
    rows: list[Row] = []
    if order.transitions_left_out:
        rows.append(("older statuses", str(order.transitions_left_out)))
    if order.anomalies_left_out:
        rows.append(("more anomalies", f"{order.anomalies_left_out}, repeats included"))
    return rows


def _facts(order: "Snapshot") -> list[Row]:
    reason = order.reason
    return [
        ("route", route(order)),
        ("to", order.recipient_address),
        ("phase", words(order.phase)),
        ("status", order.status),
        ("reason", f"{reason.code}: {reason.message}" if reason else None),
        ("interrupted", order.interrupted.message if order.interrupted else None),
        ("review", order.records.get("reviewStatus")),
        ("account", order.account),
        ("payer", _payer(order)),
        ("source", _source(order)),
        ("metadata", _metadata(order)),
        ("quote", order.quote_id),
        ("order", order.order_id),
        ("workflow", order.workflow_id),
        ("opened", moment(order.opened_at)),
        ("closed", moment(order.closed_at) if order.closed_at else None),
    ]


def _payer(order: "Snapshot") -> str | None:
    if order.payer is None:
        return None
    return ", ".join(part for part in (order.payer.id, order.payer.region) if part) or None


def _source(order: "Snapshot") -> str | None:
    if order.source is None:
        return None
    return ", ".join(part for part in (order.source.name, order.source.label) if part)


def _metadata(order: "Snapshot") -> str | None:
    return ", ".join(f"{key} {value}" for key, value in order.metadata.items()) or None


def _attention(order: "Snapshot", now: datetime) -> list[Row]:
    rows: list[Row] = []
    for attention in order.attentions:
        rows += [
            ("reason", attention.reason),
            ("message", attention.message),
            ("since", due(attention.since, now)),
            ("remedy", attention.remedy),
        ]
    return rows


def _waiting(order: "Snapshot", now: datetime) -> list[Row]:
    wait = order.waiting_for
    if wait is None:
        return []
    return [
        ("for", wait.what),
        ("from", owner(wait.who)),
        ("until", due(wait.until, now)),
        ("then", wait.then),
    ]


def _money(order: "Snapshot") -> list[Row]:
    about = in_destination(order, order.estimated_out) if order.amount_out is None else None
    return [
        ("in", in_source(order, order.amount_in)),
        ("out", in_destination(order, order.amount_out)),
        ("out, about", about),
        ("proof", _pairs(order.proof)),
        ("sweep tx", order.sweep_tx_hash),
        ("payout tx", order.destination_tx_hash),
        ("spark tx", order.spark_tx_hash),
        ("refunded", shown(order.amounts.refund)),
        ("refund", _pairs(order.refund)),
        ("error", f"{order.error.code}: {order.error.message}" if order.error else None),
    ]


def _pairs(document: dict[str, object] | None) -> str | None:
    return ", ".join(f"{name} {value}" for name, value in document.items()) if document else None


def _earlier_quotes(order: "Snapshot", now: datetime) -> list[Row]:
    earlier = [quote for quote in order.quotes if quote.quote_id != order.quote_id]
    return [(quote.quote_id, f"{quote.deposit_address}, until {due(quote.expires_at, now)}") for quote in earlier]


def _timeline(transitions: "list[Transition]") -> list[Text]:
    return section("Timeline", [(words(transition.status), _reported(transition)) for transition in transitions])


def _reported(transition: "Transition") -> str:
    source = "reported after the end" if transition.source == "late" else words(transition.source)
    return f"{moment(transition.at)}  {source}"


def _resolved(resolution: "Resolved") -> Row:
    return words(resolution.reason or "resolved"), f"{moment(resolution.at)}  {resolution.note}"


def _act(act: "Act") -> Row:
    why = f", {act.note}" if act.note else ""
    return words(act.act), f"{moment(act.at)}  by {act.by}{why}"


def _reprice_options(order: "Snapshot") -> str:
    return "--approve, --reject or --refund" if order.source_chain == "bitcoin" else "--approve or --reject"


def _next(order: "Snapshot") -> list[Row]:
    name = named(order.reference, order.account)
    which = " --reason REASON" if len(order.attentions) > 1 else ""
    resolve: Row = ("resolve it", f"baton resolve {name}{which} --note TEXT" if order.attention else None)
    if end_of(order) is not None:
        return [resolve]
    report = proof_command(order.reference, order.account, order.source_chain)
    question = read_reprice(record_of(order))
    pending = question is not None and question.pending
    return [
        ("once paid", report if order.phase == "awaiting_deposit" and order.page is None else None),
        ("answer it", f"baton reprice {name} {_reprice_options(order)}" if pending else None),
        resolve,
        ("follow it", f"baton watch {name}"),
    ]
