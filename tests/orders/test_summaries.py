"""What people read in the Temporal UI about an order."""

from baton.orders.models import Outcome, Phase, Reason
from baton.orders.snapshot import snapshot_of
from baton.orders.summaries import current_details, route_of, static_details, static_summary
from tests.orders.states import attention, known_deposit, order, state, tracked


def test_the_summary_names_reference_amount_and_route() -> None:
    assert static_summary(order()) == "invoice-42: 100 USDC on Base to BTC on Spark"


def test_a_long_summary_is_cut_to_what_temporal_takes() -> None:
    long = order().model_copy(update={"reference": "x" * 300})

    assert len(static_summary(long).encode()) == 200


def test_the_route_is_one_keyword() -> None:
    assert route_of(order()) == "base:USDC>spark:BTC"


def test_the_details_name_account_amount_and_policy() -> None:
    details = static_details(order())

    assert "account `default`" in details
    assert "**100 USDC on Base to BTC on Spark**" in details
    assert "the amount is what the payer sends" in details
    assert "when the quote expires, its address stays open" in details


def test_the_current_details_say_who_owes_what_until_when() -> None:
    details = current_details(snapshot_of(order(), state()))

    assert (
        "| **waits for** | a deposit |\n| **next to act** | the payer |\n| **until** | 2026-02-02 12:00:00 UTC |"
        in details
    )
    assert "| **then** | Baton checks for a deposit one last time" in details


def test_the_current_details_show_attention_and_statuses() -> None:
    late = tracked("swapping", attentions=attention("overdue", "too long"))
    details = current_details(snapshot_of(order(), late))

    assert "| **needs a person** | overdue: too long |" in details
    assert "| **statuses** | swapping |" in details


def test_the_current_details_show_the_last_of_many_statuses() -> None:
    snapshot = snapshot_of(order(), tracked("swapping"))
    many = snapshot.model_copy(update={"transitions": snapshot.transitions * 200, "transitions_left_out": 4_800})

    assert "| **statuses** | (4980 earlier) → swapping → swapping" in current_details(many)


def test_the_current_details_of_a_closed_order_give_outcome_and_reason() -> None:
    closed = state(Phase.CLOSED, outcome=Outcome.EXPIRED, reason=Reason(code="no_deposit", message="none came"))
    details = current_details(snapshot_of(order(), closed))

    assert "| **outcome** | expired |" in details
    assert "| **reason** | no_deposit: none came |" in details
    assert "waits for" not in details


def test_an_asset_that_nobody_knows_is_named_in_smallest_units() -> None:
    unknown = order().model_copy(update={"request": order().request.model_copy(update={"source_chain": "atlantis"})})

    assert "invoice-42: 100000000 smallest units of USDC on Atlantis to BTC on Spark" in static_summary(unknown)


def test_the_details_show_the_amounts_in_whole_units() -> None:
    details = current_details(snapshot_of(order(), state()))

    assert "| **to pay** | 100 USDC on Base |" in details
    assert "paid out" not in details


def test_an_exact_payout_is_named_at_its_end() -> None:
    request = order().request.model_copy(update={"amount_mode": "exact_out", "amount": 150_000})
    exact = order().model_copy(update={"request": request})

    assert static_summary(exact) == "invoice-42: USDC on Base to 0.0015 BTC on Spark"


def test_transactions_lead_to_a_public_explorer() -> None:
    paid = tracked("completed", deposits=[known_deposit("0x" + "ab" * 32)])
    snapshot = snapshot_of(order(), paid).model_copy(update={"destination_tx_hash": "cd" * 32})
    details = current_details(snapshot)

    assert f"| **deposit** | [0xababab…ababab](https://basescan.org/tx/0x{'ab' * 32}) |" in details
    assert f"| **delivery** | [cdcdcdcd…cdcdcd](https://www.sparkscan.io/tx/{'cd' * 32}) |" in details


def test_pages_about_the_order_are_linked_by_their_names() -> None:
    pages = {"operator page": "https://o/ops/orders/default/invoice-42", "payer page": "https://p"}

    details = current_details(snapshot_of(order(), state()), pages)

    links = "[operator page](https://o/ops/orders/default/invoice-42) · [payer page](https://p)"
    assert f"| **pages** | {links} |" in details


def test_text_of_others_ends_no_cell_and_becomes_no_link() -> None:
    trick = "x | y |\n| [refund](https://evil.example) <b>now</b>"
    closed = state(Phase.CLOSED, outcome=Outcome.FAILED, reason=Reason(code="c", message=trick))
    details = current_details(snapshot_of(order(), closed))

    assert r"| **reason** | c: x \| y \| \| \[refund\](https://evil.example) \<b>now\</b> |" in details


def test_a_long_id_in_a_message_is_shortened_and_an_address_to_pay_is_not() -> None:
    address = "spark1" + "q" * 70
    late = state(attentions=attention("late_deposit", f"100 USDC in 0x{'ab' * 32}"))
    details = current_details(snapshot_of(order(), late).model_copy(update={"deposit_address": address}))

    assert "100 USDC in 0xababab…ababab |" in details
    assert f"| **to address** | {address} |" in details
