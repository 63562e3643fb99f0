"""How an order's row differs from its workflow's answer."""

from datetime import timedelta
from typing import Any

import pytest

from baton.ledger.rows import RowState
from baton.orders.models import Outcome, Phase
from baton.orders.snapshot import snapshot_of
from baton.orders.state import OrderState
from baton.recovery.differences import DifferenceKind, compare, is_reset
from baton.recovery.order_reader import OrderReading
from tests.orders.states import NOON, order, state, tracked

ORDER = "order/default/invoice-42"
LONG_AGO = {"revision": 5, "published_at": NOON}
JUST_NOW = {"revision": 5, "published_at": NOON + timedelta(minutes=10)}
AWAITING, BRIDGING = {"phase": "awaiting_deposit"}, {"phase": "tracking", "status": "bridging"}
CANCELLED = {"phase": "closed", "outcome": "cancelled"}
TERMINATED = {"phase": "closed", "status": "bridging", "outcome": "terminated"}


def answer(held: OrderState, stopped: str | None = None) -> OrderReading:
    return OrderReading(snapshot_of(order(), held), NOON, stopped)


def row(revision: int = 5, **shown: Any) -> RowState:
    return RowState(workflow_id=ORDER, revision=revision, **shown)


def kind(reading: OrderReading | None, shown: RowState | None) -> DifferenceKind | None:
    difference = compare(ORDER, reading, shown, NOON + timedelta(minutes=5))
    return difference.kind if difference else None


OPEN = answer(state(**LONG_AGO))
CLOSED = answer(state(Phase.CLOSED, outcome=Outcome.CANCELLED, **LONG_AGO))
STOPPED = answer(tracked("bridging", **LONG_AGO), "terminated")


@pytest.mark.parametrize(
    ("reading", "shown", "expected"),
    [
        (OPEN, row(**AWAITING), None),
        (OPEN, None, DifferenceKind.MISSING),
        (None, row(**AWAITING), DifferenceKind.UNKNOWN),
        (None, None, None),
        (answer(tracked("bridging", **LONG_AGO)), row(revision=4, **AWAITING), DifferenceKind.BEHIND),
        (answer(tracked("bridging", **JUST_NOW)), row(revision=4, **AWAITING), None),
        (answer(tracked("bridging", **LONG_AGO)), row(revision=5, **AWAITING), None),
        (CLOSED, row(revision=4, **AWAITING), DifferenceKind.BEHIND),
        (CLOSED, row(**CANCELLED), None),
        (STOPPED, row(**BRIDGING), DifferenceKind.STOPPED),
        (STOPPED, row(**TERMINATED), None),
        (OPEN, row(revision=9, **CANCELLED), DifferenceKind.RESET),
        (OPEN, row(revision=9, **BRIDGING), DifferenceKind.RESET),
    ],
)
def test_a_difference_has_a_kind(
    reading: OrderReading | None, shown: RowState | None, expected: DifferenceKind | None
) -> None:
    assert kind(reading, shown) == expected


def test_a_row_of_a_run_that_a_reset_took_back_gives_way() -> None:
    assert is_reset(OPEN, row(revision=3, **CANCELLED))
    assert is_reset(OPEN, row(revision=9, **BRIDGING))
    assert not is_reset(OPEN, row(revision=3, **AWAITING))
