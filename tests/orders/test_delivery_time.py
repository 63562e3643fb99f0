"""How long an order took: from the first notice of its payment to the delivery."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from baton.chains.deposits import Deposit
from baton.orders.observation import OrderView, Transition
from baton.orders.record import order_row
from baton.orders.seen_deposits import SeenDeposit
from baton.orders.snapshot import snapshot_of
from baton.orders.state import OrderState, PaymentPage
from tests.orders.states import NOON, order, state


def second(number: float) -> datetime:
    return NOON + timedelta(seconds=number)


def followed(*statuses: tuple[str, float], **fields: Any) -> OrderState:
    """Return an order that was in these statuses since so many seconds after noon."""
    steps = [Transition(status=status, at=second(at), source="webhook") for status, at in statuses]
    status = statuses[-1][0] if statuses else None
    return state(view=OrderView(status=status, order_id="ord_1", transitions=steps), **fields)


def on_chain(at: float, verdict: str = "exact") -> SeenDeposit:
    """Return a deposit that the chain showed so many seconds after noon."""
    paid = Deposit(chain="base", address="0xaddress1", asset="USDC", tx_id="0xtx", index="0", amount=100_000_000)
    return SeenDeposit(deposit=paid, submit_at="seen", verdict=verdict, quote_id="q_1", first_seen_at=second(at))


def delivery_ms(followed: OrderState) -> int | None:
    return order_row(snapshot_of(order(), followed)).delivery_ms


DELIVERED = (("processing", 10), ("delivering", 40), ("completed", 52.5))


def test_it_begins_with_the_first_report_of_orchestra() -> None:
    assert delivery_ms(followed(*DELIVERED)) == 42_500


def test_it_begins_when_the_chain_showed_the_deposit_earlier() -> None:
    assert delivery_ms(followed(*DELIVERED, sightings=[on_chain(4)])) == 48_500


def test_dust_on_the_chain_is_no_payment() -> None:
    assert delivery_ms(followed(*DELIVERED, sightings=[on_chain(4, "dust")])) == 42_500


def test_it_begins_when_the_deposit_was_submitted_earlier() -> None:
    assert delivery_ms(followed(*DELIVERED, submit_started_at=second(8))) == 44_500


def test_the_time_that_a_payer_takes_for_an_invoice_does_not_count() -> None:
    page = PaymentPage(order_id="ord_1")

    assert delivery_ms(followed(("processing", 0), ("confirming", 300), ("completed", 320), page=page)) == 20_000


def test_an_unpaid_order_has_no_time_of_payment() -> None:
    assert snapshot_of(order(), state()).paid_at is None
    assert snapshot_of(order(), followed(("processing", 0), page=PaymentPage(order_id="ord_1"))).paid_at is None
    assert snapshot_of(order(), followed(("expired", 900))).paid_at is None


@pytest.mark.parametrize("status", ["failed", "refunded", "delivering"])
def test_an_order_that_was_not_delivered_has_no_time(status: str) -> None:
    assert delivery_ms(followed(("processing", 10), (status, 40))) is None


def test_a_clock_that_is_behind_makes_no_negative_time() -> None:
    assert delivery_ms(followed(("completed", 1), submit_started_at=second(3))) == 0
