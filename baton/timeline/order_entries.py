"""What an order itself knows of its past: quotes, attentions, decisions, what people did, its end. Pure."""

from collections.abc import Iterator

from baton.orders.answers import QuoteLine, Snapshot
from baton.timeline.entries import EntryKind, TimelineEntry, amount_text, spoken

BATON = "baton"
BUSINESS = "business"


def order_entries(order: Snapshot) -> list[TimelineEntry]:
    """Return the entries of an order's snapshot, in no particular order."""
    return [
        *_beginning(order),
        *_attentions(order),
        *_decisions(order),
        *_acts(order),
        *_end(order),
    ]


def _beginning(order: Snapshot) -> Iterator[TimelineEntry]:
    origin = f" by {order.source.name}" if order.source else ""
    by = order.placed_by or BUSINESS
    detail = f"reference {order.reference}"
    yield TimelineEntry(at=order.opened_at, kind=EntryKind.PLACED, what=f"placed{origin}", detail=detail, source=by)
    for number, quote in enumerate(order.quotes, 1):
        yield TimelineEntry(
            at=quote.taken_at or order.opened_at,
            kind=EntryKind.QUOTE,
            what="quoted" if number == 1 else f"quoted again, the {number}. time",
            detail=_quote(order, quote),
            source="orchestra",
        )


def _quote(order: Snapshot, quote: QuoteLine) -> str:
    asked = amount_text(quote.amount_in, order.source_asset, order.source_decimals)
    gets = amount_text(quote.estimated_out, order.destination_asset, order.destination_decimals)
    about = f" for about {gets}" if gets else ""
    until = f"good until {quote.expires_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"{asked}{about}, to {quote.deposit_address}, {until}; {quote.quote_id}"


def _attentions(order: Snapshot) -> Iterator[TimelineEntry]:
    for attention in order.attentions:
        what = f"needs a person: {spoken(attention.reason)}"
        yield TimelineEntry(
            at=attention.since,
            kind=EntryKind.ATTENTION,
            what=what,
            detail=attention.message,
            source=BATON,
            is_bad=True,
        )
    for cleared in order.cleared:
        what = f"needed a person: {spoken(cleared.reason)}"
        yield TimelineEntry(at=cleared.since, kind=EntryKind.ATTENTION, what=what, source=BATON, is_bad=True)
        if cleared.at is not None:
            ended = f"no longer needs a person: {spoken(cleared.reason)}"
            yield TimelineEntry(at=cleared.at, kind=EntryKind.ATTENTION, what=ended, source=BATON)
    for resolved in order.resolutions:
        what = f"resolved: {spoken(resolved.reason)}" if resolved.reason else "resolved"
        by = resolved.by or "operator"
        yield TimelineEntry(at=resolved.at, kind=EntryKind.RESOLVED, what=what, detail=resolved.note, source=by)


def _decisions(order: Snapshot) -> Iterator[TimelineEntry]:
    for wanted in order.decisions:
        until = f"until {wanted.until:%Y-%m-%d %H:%M:%S} UTC"
        what = f"asked the business for {wanted.what}"
        yield TimelineEntry(at=wanted.since, kind=EntryKind.DECISION, what=what, detail=until, source=BATON)
    for report in order.approvals:
        if report.at is not None:
            what, reasons = f"ZeroConf offer {spoken(report.end)}", "; ".join(report.reasons)
            yield TimelineEntry(at=report.at, kind=EntryKind.DECISION, what=what, detail=reasons, source=report.by)


def _acts(order: Snapshot) -> Iterator[TimelineEntry]:
    for act in order.acts:
        if act.act != "resolve":  # its note says more
            yield TimelineEntry(
                at=act.at, kind=EntryKind.UPDATE, what=spoken(act.act), detail=act.note or "", source=act.by
            )


def _end(order: Snapshot) -> Iterator[TimelineEntry]:
    if order.closed_at is not None:
        reason = f"{order.reason.code}: {order.reason.message}" if order.reason else ""
        what = f"ended: {order.outcome}"
        yield TimelineEntry(at=order.closed_at, kind=EntryKind.END, what=what, detail=reason, source=BATON)
    if order.interrupted is not None:
        yield TimelineEntry(
            at=order.interrupted.at,
            kind=EntryKind.END,
            what=f"workflow {spoken(order.interrupted.how)}",
            detail=order.interrupted.message,
            source="temporal",
            is_bad=True,
        )
