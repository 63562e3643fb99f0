"""An order may be cancelled as long as no money of its own is known to be under way."""

import pytest
from temporalio.exceptions import ApplicationError

from baton.chains.deposits import Deposit
from baton.orders.rules.deposits import apply_notices
from baton.orders.rules.updates import DEPOSIT_KNOWN, check_cancel
from baton.orders.seen_deposits import DepositNotice
from baton.orders.state import OrderState
from tests.chains.deposits import CONFIRMED, GONE, deposit
from tests.orders.states import NOON, order, state


def shown(*deposits: Deposit) -> OrderState:
    held = state()
    apply_notices(order(), held, [DepositNotice(deposit=one, submit_at=CONFIRMED) for one in deposits], NOON)
    return held


@pytest.mark.parametrize("sight", [deposit(), deposit(amount=99_999_999), deposit(amount=100_000_001)])
def test_an_order_whose_deposit_the_chain_shows_is_not_cancelled_though_it_is_not_sure_yet(sight: Deposit) -> None:
    with pytest.raises(ApplicationError) as refused:
        check_cancel(shown(sight))

    assert refused.value.type == DEPOSIT_KNOWN


@pytest.mark.parametrize("sights", [[deposit(amount=1)], [deposit(symbol=None)], [deposit(), deposit(state=GONE)]])
def test_what_pays_nothing_keeps_nobody_from_cancelling(sights: list[Deposit]) -> None:
    check_cancel(shown(*sights))
