"""What people read in the Temporal UI about an order."""

from baton.orders.models import Outcome, Phase, Reason
from baton.orders.snapshot import snapshot_of
from baton.orders.summaries import current_details, route_of, static_details, static_summary
from tests.orders.states import attention, order, state, tracked


def test_the_summary_names_reference_amount_and_route() -> None:
    assert static_summary(order()) == "invoice-42: 100 USDC (100000000 smallest units), USDC on base → BTC on spark"


def test_a_long_summary_is_cut_to_what_temporal_takes() -> None:
    long = order().model_copy(update={"reference": "x" * 300})

    assert len(static_summary(long).encode()) == 200


def test_the_route_is_one_keyword() -> None:
    assert route_of(order()) == "base:USDC>spark:BTC"


def test_the_details_name_account_amount_and_policy() -> None:
    details = static_details(order())

    assert "account `default`" in details
    assert "100 USDC (100000000 smallest units), exact_in" in details
    assert "when the quote expires: wait" in details


def test_the_current_details_say_who_owes_what_until_when() -> None:
    details = current_details(snapshot_of(order(), state()))

    assert "| waiting for | a deposit, from payer |" in details
    assert "| until | 2026-02-02 12:00:00 UTC, then " in details


def test_the_current_details_show_attention_and_statuses() -> None:
    late = tracked("swapping", attentions=attention("overdue", "too long"))
    details = current_details(snapshot_of(order(), late))

    assert "| attention | overdue: too long |" in details
    assert "| statuses | swapping |" in details


def test_the_current_details_show_the_last_of_many_statuses() -> None:
    snapshot = snapshot_of(order(), tracked("swapping"))
    many = snapshot.model_copy(update={"transitions": snapshot.transitions * 200, "transitions_left_out": 4_800})

    assert "| statuses | (4980 earlier) → swapping → swapping" in current_details(many)


def test_the_current_details_of_a_closed_order_give_outcome_and_reason() -> None:
    closed = state(Phase.CLOSED, outcome=Outcome.EXPIRED, reason=Reason(code="no_deposit", message="none came"))
    details = current_details(snapshot_of(order(), closed))

    assert "| outcome | expired |" in details
    assert "| reason | no_deposit: none came |" in details
    assert "| waiting for | - |" in details


def test_an_asset_that_nobody_knows_is_named_in_smallest_units() -> None:
    unknown = order().model_copy(update={"request": order().request.model_copy(update={"source_chain": "atlantis"})})

    assert "invoice-42: 100000000 smallest units of USDC, " in static_summary(unknown)


def test_the_details_show_the_amounts_in_whole_units() -> None:
    details = current_details(snapshot_of(order(), state()))

    assert "| to pay | 100 USDC (100000000 smallest units) |" in details
    assert "| paid out | - |" in details
