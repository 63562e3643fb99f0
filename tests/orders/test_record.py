"""The read model's rows say what the snapshot says."""

from baton.ledger.rows import OrderEntry, QuoteEntry
from baton.orders.record import index_entries, order_row, rows_of, transition_rows
from baton.orders.snapshot import snapshot_of
from tests.orders.states import NOON, attention, order, state, tracked


def test_a_row_has_the_wait_and_its_deadline() -> None:
    row = order_row(snapshot_of(order(), state()))

    assert (row.reference, row.phase) == ("invoice-42", "awaiting_deposit")
    assert row.waiting_for["who"] == "payer"
    assert row.next_deadline > NOON


def test_a_row_names_the_reason_of_the_attention_and_keeps_the_snapshot() -> None:
    late = state(attentions=attention("overdue", "late"))
    row = order_row(snapshot_of(order(), late))

    assert row.attention == "overdue"
    assert row.snapshot["attention"]["message"] == "late"


def test_each_status_has_a_row_in_its_place() -> None:
    rows = transition_rows(snapshot_of(order(), tracked("swapping")))

    assert [(row.position, row.status, row.at, row.source) for row in rows] == [(0, "swapping", NOON, "webhook")]


def test_a_row_says_when_its_order_was_opened_and_published() -> None:
    row = order_row(snapshot_of(order(), state(published_at=NOON)))

    assert (row.created_at, row.published_at) == (NOON, NOON)


def test_the_index_leads_from_quote_address_and_order_ids_to_the_workflow() -> None:
    followed = tracked("swapping", superseded=["ord_old"])
    quotes, orders = [], []
    for entry in index_entries(snapshot_of(order(), followed)):
        (quotes if isinstance(entry, QuoteEntry) else orders).append(entry)

    taken = followed.quotes[0].quote
    assert [(entry.quote_id, entry.deposit_address, entry.source_chain) for entry in quotes] == [
        (taken.quote_id, taken.deposit_address, "base")
    ]
    assert orders == [
        OrderEntry(account="default", order_id=order_id, workflow_id="order/default/invoice-42")
        for order_id in ("ord_old", followed.view.order_id)
    ]


def test_the_fees_of_an_order_belong_to_its_orchestra_order_and_workflow() -> None:
    payouts = {"entries": [{"idempotencyKey": "fee", "role": "app_fee", "affiliateId": "a", "recipientAmount": "800"}]}
    followed = tracked("completed")
    assert followed.view.record is not None
    followed.view.record = followed.view.record.model_copy(update={"fee_payouts": payouts})

    (fee,) = rows_of(snapshot_of(order(), followed)).fees

    assert (fee.order_id, fee.workflow_id, fee.payout) == ("ord_1", "order/default/invoice-42", "fee")
    assert (fee.affiliate_id, fee.recipient_amount) == ("a", 800)
