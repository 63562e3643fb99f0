"""What a snapshot says about money that came in, or did not."""

import pytest

from baton.orchestra.models import OrderRecord
from baton.orders.observation import Observation, OrderView
from baton.orders.rules.present import merge
from baton.orders.snapshot import snapshot_of
from baton.orders.state import OrderState
from tests.orders.states import order, tracked


def ended(status: str, **fields: str) -> OrderState:
    record = OrderRecord.model_validate({"id": "ord_1", "status": status, "amountIn": "100000000", **fields})
    known = tracked("processing")
    known.view = merge(OrderView(), Observation(source="status_read", record=record)).view
    return known


@pytest.mark.parametrize("status", ["expired", "unfulfilled"])
def test_an_order_that_ended_without_a_deposit_is_unpaid(status: str) -> None:
    received = snapshot_of(order(), ended(status)).received

    assert (received.name, received.received, received.least) == ("unpaid", 0, 100_000_000)
    assert "nothing was received" in received.message


@pytest.mark.parametrize("status", ["expired", "unfulfilled", "completed"])
def test_an_order_with_a_deposit_compares_it_with_the_agreed_amount(status: str) -> None:
    received = snapshot_of(order(), ended(status, sourceTxHash="0xdeposit")).received

    assert (received.name, received.received) == ("exact", 100_000_000)
