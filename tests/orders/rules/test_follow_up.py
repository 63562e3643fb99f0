"""A deposit after its order expired unpaid starts a follow-up order; any other late money needs a person."""

from datetime import timedelta
from typing import Any

import pytest

from baton.chains.deposits import Deposit
from baton.orders.answers import Snapshot
from baton.orders.models import OnQuoteExpiry, Outcome, Phase
from baton.orders.place_order import ADOPTED, ONRAMP
from baton.orders.rules.follow_up import follow_up_of
from baton.orders.seen_deposits import DepositNotice
from baton.orders.snapshot import snapshot_of
from tests.chains.deposits import deposit
from tests.orders.states import NOON, order, quote, state

LATER = NOON + timedelta(days=2)
POLICY = {"on_quote_expiry": OnQuoteExpiry.REQUOTE, "max_requotes": 5}


def expired(**changes: Any) -> Snapshot:
    closed = state(Phase.CLOSED, outcome=Outcome.EXPIRED, quotes=[quote(1), quote(2)], closed_at=NOON)
    return snapshot_of(order(**POLICY), closed).model_copy(update=changes)


def notice(**changes: Any) -> DepositNotice:
    return DepositNotice(deposit=deposit(**{"address": "0xaddress1", **changes}))


def test_a_late_deposit_is_awaited_under_the_quotes_of_the_closed_order() -> None:
    follow_up = follow_up_of(expired(), notice(), LATER)

    assert follow_up.reference == "invoice-42.late"
    assert follow_up.request == order().request
    assert follow_up.state.phase is Phase.AWAITING_DEPOSIT
    assert [taken.quote.quote_id for taken in follow_up.state.quotes] == ["q_1", "q_2"]
    assert follow_up.state.opened_at == LATER


def test_the_expired_quotes_do_not_close_the_follow_up() -> None:
    follow_up = follow_up_of(expired(), notice(), LATER)

    assert follow_up.policy.on_quote_expiry is OnQuoteExpiry.WAIT
    assert all(taken.expiry_handled for taken in follow_up.state.quotes)


def test_the_follow_up_keeps_the_rest_of_the_policy() -> None:
    assert follow_up_of(expired(), notice(), LATER).policy.max_requotes == 5


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": Outcome.COMPLETED},
        {"outcome": Outcome.CANCELLED},
        {"kind": ONRAMP},
        {"kind": ADOPTED},
        {"order_id": "ord_1"},
        {"proof": {"txHash": "0xother"}},
    ],
    ids=lambda changes: "-".join(map(str, changes.values())),
)
def test_an_order_that_did_not_expire_unpaid_has_no_follow_up(changes: dict[str, Any]) -> None:
    assert follow_up_of(expired(**changes), notice(), LATER) is None


@pytest.mark.parametrize(
    "late",
    [notice(amount=1).deposit, notice(symbol=None).deposit, notice(address="0xforeign").deposit],
    ids=["dust", "another token", "another address"],
)
def test_a_deposit_that_does_not_pay_has_no_follow_up(late: Deposit) -> None:
    assert follow_up_of(expired(), DepositNotice(deposit=late), LATER) is None
