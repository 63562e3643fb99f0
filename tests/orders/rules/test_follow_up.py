"""What follows an order's end: which news continues the order, which needs a person, and the order that continues."""

from datetime import timedelta
from typing import Any

import pytest

from baton.chains.deposits import Deposit
from baton.orchestra.models import OrderRecord
from baton.orders.answers import OrderResult, Snapshot
from baton.orders.known_deposits import DepositStage
from baton.orders.models import OnQuoteExpiry, Outcome, Payer, Phase
from baton.orders.observation import OrderView
from baton.orders.place_order import ADOPTED, ONRAMP
from baton.orders.rules.follow_up import AfterEnd, OrderEnd, after_notice, follow_up_of
from baton.orders.seen_deposits import DepositNotice
from baton.orders.snapshot import snapshot_of
from tests.chains.deposits import deposit
from tests.orders.states import NOON, attention, known_deposit, order, quote, state

LATER = NOON + timedelta(days=2)
POLICY = {"on_quote_expiry": OnQuoteExpiry.REQUOTE, "max_requotes": 5}
STOPPED: dict[str, Any] = {"outcome": None}


def closed(outcome: Outcome | None = Outcome.EXPIRED, **changes: Any) -> Snapshot:
    phase = Phase.CLOSED if outcome else Phase.AWAITING_DEPOSIT
    ended = state(phase, outcome=outcome, quotes=[quote(1), quote(2)], closed_at=NOON if outcome else None)
    return snapshot_of(order(**POLICY), ended).model_copy(update=changes)


def tracked_and_stopped() -> Snapshot:
    """Return an order whose workflow was stopped while Orchestra processed its deposit."""
    view = OrderView(record=OrderRecord(id="ord_1", status="bridging", quote_id="q_1"), present="bridging")
    accepted = known_deposit("0xdeposit", stage=DepositStage.ACCEPTED)
    tracking = state(
        Phase.TRACKING, quotes=[quote(1)], view=view, deposits=[accepted], attentions=attention("second_deposit")
    )
    return snapshot_of(order(), tracking)


def notice(**changes: Any) -> DepositNotice:
    return DepositNotice(deposit=deposit(**{"address": "0xaddress1", **changes}))


def after(order: Snapshot, late: DepositNotice) -> AfterEnd:
    return after_notice(order, OrderEnd.of(order), late)


def test_a_late_deposit_is_awaited_under_the_quotes_of_the_closed_order() -> None:
    follow_up = follow_up_of(closed(), LATER)

    assert follow_up.reference == "invoice-42~late"
    assert follow_up.request == order().request
    assert follow_up.state is not None
    assert follow_up.state.phase is Phase.AWAITING_DEPOSIT
    assert [taken.quote.quote_id for taken in follow_up.state.quotes] == ["q_1", "q_2"]
    assert follow_up.state.opened_at == LATER


def test_an_order_of_orchestra_is_tracked_with_quotes_policy_and_payer() -> None:
    payer = Payer(id="payer-1", region="US-CA")
    follow_up = follow_up_of(closed(Outcome.CANCELLED, payer=payer), LATER, order_id="ord_9")

    assert follow_up.state is not None
    assert follow_up.state.phase is Phase.TRACKING
    assert follow_up.state.view == OrderView()
    assert [taken.quote.quote_id for taken in follow_up.state.quotes] == ["q_1", "q_2"]
    assert (follow_up.policy.max_requotes, follow_up.payer) == (5, payer)


def test_the_expired_quotes_do_not_close_the_follow_up() -> None:
    follow_up = follow_up_of(closed(), LATER)

    assert follow_up.policy.on_quote_expiry is OnQuoteExpiry.WAIT
    assert follow_up.state is not None
    assert all(taken.expiry_handled for taken in follow_up.state.quotes)


def test_a_stopped_order_goes_on_with_its_order_deposit_and_attention() -> None:
    follow_up = follow_up_of(tracked_and_stopped(), LATER, order_id="ord_1")

    assert follow_up.state is not None
    assert (follow_up.state.view.order_id, follow_up.state.view.status) == ("ord_1", "bridging")
    assert [(known.proof.tx_hash, known.stage) for known in follow_up.state.deposits] == [("0xdeposit", "accepted")]
    assert list(follow_up.state.attentions) == ["second_deposit"]


def test_a_deposit_whose_submit_was_under_way_is_submitted_again() -> None:
    submitting = state(Phase.SUBMITTING, quotes=[quote(1)], deposits=[known_deposit(stage=DepositStage.SUBMITTING)])
    follow_up = follow_up_of(snapshot_of(order(), submitting), LATER)

    assert follow_up.state is not None
    assert follow_up.state.phase is Phase.AWAITING_DEPOSIT
    assert [known.stage for known in follow_up.state.deposits] == [DepositStage.REPORTED]


def test_money_after_an_order_expired_or_was_stopped_is_followed() -> None:
    assert after(closed(), notice()) is AfterEnd.FOLLOW_UP
    assert after(closed(None), notice()) is AfterEnd.FOLLOW_UP
    assert after(closed(Outcome.UNFULFILLED, status="unfulfilled", order_id="ord_1"), notice()) is AfterEnd.FOLLOW_UP


@pytest.mark.parametrize("outcome", [Outcome.CANCELLED, Outcome.FAILED])
def test_money_after_a_cancel_or_a_close_by_hand_asks_a_person(outcome: Outcome) -> None:
    assert after(closed(outcome), notice()) is AfterEnd.ASK


def test_another_token_after_the_end_asks_a_person() -> None:
    assert after(closed(), notice(symbol="DAI")) is AfterEnd.ASK
    assert after(closed(), notice(symbol=None)) is AfterEnd.ASK


def test_a_deposit_that_an_unfulfilled_order_had_submitted_is_no_news() -> None:
    unfulfilled = tracked_and_stopped().model_copy(update={"outcome": Outcome.UNFULFILLED, "status": "unfulfilled"})
    assert after(unfulfilled, notice(tx_id="0xdeposit")) is AfterEnd.NOTHING


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": Outcome.COMPLETED, "status": "completed"},
        {"outcome": Outcome.EXPIRED, "status": "expired", "order_id": "ord_1"},
        {"kind": ONRAMP},
        {"kind": ADOPTED},
    ],
    ids=["completed", "expired at Orchestra", "onramp", "adopted"],
)
def test_where_orchestra_decides_a_deposit_changes_nothing(changes: dict[str, Any]) -> None:
    assert after(closed(**changes), notice()) is AfterEnd.NOTHING


@pytest.mark.parametrize(
    "late",
    [notice(amount=1).deposit, notice(address="0xforeign").deposit, notice(state="gone").deposit],
    ids=["dust", "another address", "gone"],
)
def test_a_deposit_that_does_not_pay_changes_nothing(late: Deposit) -> None:
    assert after(closed(), DepositNotice(deposit=late)) is AfterEnd.NOTHING


@pytest.mark.parametrize(
    ("changes", "takes"),
    [
        ({"outcome": Outcome.EXPIRED}, True),
        ({"outcome": Outcome.CANCELLED}, True),
        ({"outcome": Outcome.UNFULFILLED, "status": "unfulfilled"}, True),
        (STOPPED, True),
        ({"outcome": Outcome.FAILED}, False),
        ({"outcome": Outcome.EXPIRED, "status": "expired"}, False),
        ({"outcome": Outcome.COMPLETED, "status": "completed"}, False),
        ({"outcome": Outcome.SUPERSEDED, "status": "bridging"}, False),
    ],
)
def test_a_report_continues_what_orchestra_did_not_end(changes: dict[str, Any], *, takes: bool) -> None:
    assert OrderEnd(**changes).takes_report is takes


def test_a_result_of_an_older_version_names_no_replaced_orders() -> None:
    result = OrderResult(outcome=Outcome.COMPLETED, status="completed", order_id="ord_1")
    assert OrderEnd.of(result) == OrderEnd(Outcome.COMPLETED, "completed", "ord_1")
