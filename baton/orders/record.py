"""The read model's rows of an order, made from its snapshot. Pure."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from baton.ledger.rows import EventRow, FeePayoutRow, OrderEntry, OrderKeyRow, OrderRow, QuoteEntry, TransitionRow
from baton.orchestra.lifecycle import Status
from baton.orchestra.models import OrderRecord
from baton.orchestra.rules.accrued_fees import AccruedFee, accrued_fees
from baton.orders.answers import Snapshot
from baton.orders.events import events_of
from baton.orders.models import FOLLOWED_ELSEWHERE
from baton.orders.order_keys import order_keys


class OrderRows(NamedTuple):
    """Everything that the ledger has of an order, in the order of `Ledger.write_order`."""

    order: OrderRow
    timeline: list[TransitionRow]
    entries: list[QuoteEntry | OrderEntry]
    fees: list[FeePayoutRow]
    events: list[EventRow]
    keys: list[OrderKeyRow]


def rows_of(snapshot: Snapshot, trace: str | None = None) -> OrderRows:
    """Return all rows of an order.

    Args:
        snapshot: The order.
        trace: The trace of the order, which its events keep.
    """
    row = order_row(snapshot)
    return OrderRows(
        row,
        transition_rows(snapshot),
        index_entries(snapshot),
        fee_payout_rows(snapshot),
        _traced(events_of(snapshot, row.snapshot), trace),
        order_keys(snapshot),
    )


def _traced(events: list[EventRow], trace: str | None) -> list[EventRow]:
    return events if trace is None else [event.model_copy(update={"trace": trace}) for event in events]


def order_row(snapshot: Snapshot) -> OrderRow:
    """Return the order's row."""
    waiting = snapshot.waiting_for
    row = OrderRow(
        **{name: getattr(snapshot, name) for name in _SHARED},
        attention=snapshot.attention.reason if snapshot.attention else None,
        next_deadline=waiting.until if waiting else None,
        created_at=snapshot.opened_at,
        updated_at=snapshot.updated_at or snapshot.opened_at,
        source=snapshot.source.name if snapshot.source else None,
        delivery_ms=delivery_ms(snapshot),
        hold=snapshot.held.hold_id if snapshot.held else None,
    )
    # Added to the row that was checked: going through a document of JSON again takes longer than all the rest.
    document = snapshot.model_dump(mode="json")
    return row.model_copy(update={"snapshot": document, "waiting_for": document["waiting_for"]})


def delivery_ms(snapshot: Snapshot) -> int | None:
    """Return the milliseconds from the payment to the delivery; None if there was none, or it is not known when."""
    if snapshot.paid_at is None or snapshot.status != Status.COMPLETED:
        return None
    reports = (transition.at for transition in reversed(snapshot.transitions) if transition.status == Status.COMPLETED)
    delivered_at = next(reports, None) or snapshot.closed_at
    if delivered_at is None:
        return None
    # Two clocks: the chain's watch may see a payment by a later clock than Orchestra's.
    return max(round((delivered_at - snapshot.paid_at).total_seconds() * 1000), 0)


def transition_rows(snapshot: Snapshot) -> list[TransitionRow]:
    """Return one row for each status the order was in."""
    return [
        TransitionRow(
            workflow_id=snapshot.workflow_id,
            order_id=snapshot.order_id,
            position=position,
            status=transition.status,
            at=transition.at,
            source=transition.source,
        )
        for position, transition in enumerate(snapshot.transitions)
    ]


def index_entries(snapshot: Snapshot) -> list[QuoteEntry | OrderEntry]:
    """Return the entries by which the order's quotes, addresses and Orchestra orders lead to its workflow."""
    own = {"account": snapshot.account, "workflow_id": snapshot.workflow_id}
    quotes = [
        QuoteEntry(
            **own,
            quote_id=quote.quote_id,
            deposit_address=quote.deposit_address,
            deposit_memo=quote.deposit_memo,
            source_chain=snapshot.source_chain,
            created_at=quote.taken_at or snapshot.opened_at,
        )
        for quote in snapshot.quotes
    ]
    return [*quotes, *(OrderEntry(**own, order_id=order_id) for order_id in _order_ids(snapshot))]


def fee_payout_rows(snapshot: Snapshot) -> list[FeePayoutRow]:
    """Return one row for each app fee that the order has paid so far."""
    if snapshot.order_id is None:
        return []
    fees = accrued_fees(snapshot.records.get("feePayouts"), snapshot.records.get("feePlan"))
    return _fee_rows(snapshot.account, snapshot.workflow_id, snapshot.order_id, fees)


def late_fee_rows(account: str, workflow_id: str, record: OrderRecord) -> list[FeePayoutRow]:
    """Return the rows of app fees that Orchestra reports after the order's workflow has closed."""
    return _fee_rows(account, workflow_id, record.id, accrued_fees(record.fee_payouts, record.fee_plan))


def _fee_rows(account: str, workflow_id: str, order_id: str, fees: Iterable[AccruedFee]) -> list[FeePayoutRow]:
    own = {"account": account, "order_id": order_id, "workflow_id": workflow_id}
    return [FeePayoutRow(**own, payout=fee.key, **_shared_with_row(fee)) for fee in fees]


def _shared_with_row(fee: AccruedFee) -> dict[str, Any]:
    return {name: value for name, value in fee._asdict().items() if name != "key"}


def _order_ids(snapshot: Snapshot) -> list[str]:
    """Return the Orchestra orders of an order, an unpaid onramp's too; none if another workflow took them over."""
    if snapshot.reason and snapshot.reason.code == FOLLOWED_ELSEWHERE:
        return []
    current = snapshot.order_id or (snapshot.page.order_id if snapshot.page else None)
    return [*snapshot.superseded, *([current] if current else [])]


_SHARED = set(OrderRow.model_fields) & set(Snapshot.model_fields) - {
    "attention",
    "waiting_for",
    "updated_at",
    "source",
}
