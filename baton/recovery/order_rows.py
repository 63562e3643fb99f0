"""All rows of an order in the ledger, made from the order as Temporal has it. Pure."""

from collections.abc import Container
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_CEILING, Decimal, InvalidOperation

from baton.ledger.restoration import RestoredOrder
from baton.ledger.rows import CreditRow, Document, EventRow, OrderRow, PaymentRow, WatchRow
from baton.orchestra.onramp_models import OnrampRequest
from baton.orchestra.rules.onramp import cents_of
from baton.orders.answers import Snapshot
from baton.orders.events import events_of, stopped_event
from baton.orders.models import Phase
from baton.orders.order_keys import order_keys
from baton.orders.record import fee_payout_rows, index_entries, order_row, transition_rows
from baton.orders.reports import ApprovalEnd, ApprovalReport
from baton.orders.rules.wait_plans import LATE_MONEY_WINDOW, LONGEST_QUOTE
from baton.recovery.order_reader import OrderReading

_SATS_IN_BTC = 100_000_000


def restored_order(reading: OrderReading, chains: Container[str]) -> RestoredOrder:
    """Return the rows of an order.

    Args:
        reading: The order as Temporal has it.
        chains: Names of the chains whose addresses are watched.
    """
    snapshot = reading.snapshot
    row = _order_row(reading)
    return RestoredOrder(
        order=row,
        timeline=transition_rows(snapshot),
        index=index_entries(snapshot),
        watches=_watches(snapshot, chains, reading.closed_at, reading.asked_at),
        credits=_credits(snapshot, reading.asked_at),
        payments=_payments(snapshot),
        fees=fee_payout_rows(snapshot),
        events=_events(reading, row.snapshot),
        keys=order_keys(snapshot),
    )


def outranking(restored: RestoredOrder, at: datetime) -> RestoredOrder:
    """Return the rows as published at a time, so that they replace those of a run that a reset took back."""
    published = max(at, restored.order.published_at or at)
    order = restored.order.model_copy(update={"published_at": published})
    return replace(restored, order=order)


def _events(reading: OrderReading, document: Document) -> list[EventRow]:
    events = events_of(reading.snapshot, document)
    if reading.stopped is None:
        return events
    at = reading.closed_at or reading.asked_at
    return [*events, stopped_event(reading.snapshot, document, reading.stopped, at)]


def _order_row(reading: OrderReading) -> OrderRow:
    """Return the order's row; if its workflow was stopped, the row says how, because the order itself cannot."""
    row = order_row(reading.snapshot)
    if reading.stopped is None:
        return row
    stopped = {
        "phase": Phase.CLOSED.value,
        "outcome": reading.stopped,
        "closed_at": reading.closed_at,
        "waiting_for": None,
        "next_deadline": None,
    }
    return row.model_copy(update=stopped)


def _watches(snapshot: Snapshot, chains: Container[str], closed_at: datetime | None, now: datetime) -> list[WatchRow]:
    """Return the watches of the order's quotes, as long as money may still come to their addresses."""
    is_over = closed_at is not None and closed_at < now - LATE_MONEY_WINDOW
    if is_over or snapshot.source_chain not in chains:
        return []
    return [
        WatchRow(
            account=snapshot.account,
            quote_id=quote.quote_id,
            workflow_id=snapshot.workflow_id,
            chain=snapshot.source_chain,
            address=quote.deposit_address,
            since=taken_at,
        )
        for quote in snapshot.quotes
        if (taken_at := quote.taken_at or snapshot.opened_at) > now - LONGEST_QUOTE
    ]


def _credits(snapshot: Snapshot, now: datetime) -> list[CreditRow]:
    """Return the credits of accepted ZeroConf offers; one of an unknown time counts from now on."""
    return [
        CreditRow(
            account=snapshot.account,
            offer_id=report.offer_id or "",
            workflow_id=snapshot.workflow_id,
            order_id=snapshot.order_id or "",
            sats=report.offer.exposure_sats or 0 if report.offer else 0,
            credited_at=report.at or _offered_at(snapshot) or now,
        )
        for report in snapshot.approvals
        if _is_credit(report)
    ]


def _is_credit(report: ApprovalReport) -> bool:
    return report.end is ApprovalEnd.ACCEPTED


def _offered_at(snapshot: Snapshot) -> datetime | None:
    times = [step.at for step in snapshot.transitions if step.status == "awaiting_approval" and step.at]
    return max(times, default=None)


def _payments(snapshot: Snapshot) -> list[PaymentRow]:
    """Return the payment that an onramp's payer was asked for."""
    payer, page = snapshot.payer, snapshot.page
    cents = _asked_cents(snapshot)
    if payer is None or payer.id is None or page is None or cents is None:
        return []
    asked_at = snapshot.quotes[-1].taken_at if snapshot.quotes else None
    return [
        PaymentRow(
            account=snapshot.account,
            payer=payer.id,
            workflow_id=snapshot.workflow_id,
            cents=cents,
            asked_at=asked_at or snapshot.opened_at,
        )
    ]


def _asked_cents(snapshot: Snapshot) -> int | None:
    """Return what the payer was asked for in US cents: from the request, or from the invoice and its price."""
    request, page = snapshot.request, snapshot.page
    if not isinstance(request, OnrampRequest):
        return None
    cents = cents_of(request)
    if cents is not None or page is None or page.spot_usd_per_btc is None or snapshot.amount_in is None:
        return cents
    try:
        dollars = Decimal(page.spot_usd_per_btc) * snapshot.amount_in / _SATS_IN_BTC
        return int((dollars * 100).to_integral_value(ROUND_CEILING))
    except (InvalidOperation, ValueError):
        return None
