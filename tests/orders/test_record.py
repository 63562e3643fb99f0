"""The read model's rows say what the snapshot says."""

from baton.orders.record import order_row, transition_rows
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
