"""The payments that payers were asked for: counted once, for one payer only, and not if the order stays unpaid."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from baton.ledger.errors import LedgerIncomplete
from baton.ledger.ledger import Ledger
from baton.ledger.rows import PaymentRow
from tests.ledger.examples import NOON, minute, order, payment

OTHER_ORDER = "order/default/another"


async def counted_orders(ledger: Ledger, **given: str) -> list[str]:
    """Return the orders whose payments count."""
    rows = await ledger.payers.payments("default", "customer-7", NOON, besides=given.get("besides", OTHER_ORDER))
    return [row.workflow_id.rpartition("/")[2] for row in rows]


async def test_a_payment_recorded_twice_reads_back_once_as_first_written(ledger: Ledger) -> None:
    for _ in range(2):
        await ledger.payers.record(payment(cents=2**62))
    await ledger.payers.record(payment(cents=5))

    rows = await ledger.payers.payments("default", "customer-7", NOON, besides=OTHER_ORDER)

    assert rows == [payment(cents=2**62)]


async def test_payments_within_the_window_are_returned_oldest_first(ledger: Ledger) -> None:
    for number in (3, 1, 2):
        await ledger.payers.record(payment(number))
    await ledger.payers.record(payment(4, asked_at=minute(-1)))

    assert await counted_orders(ledger) == ["1", "2", "3"]
    rows = await ledger.payers.payments("default", "customer-7", minute(2), besides="")
    assert [row.cents for row in rows] == [200, 300]


async def test_payments_of_other_payers_and_accounts_do_not_count(ledger: Ledger) -> None:
    await ledger.payers.record(payment(1, payer="customer-8"))
    await ledger.payers.record(payment(2, account="acme"))

    assert await counted_orders(ledger) == []


async def test_the_payment_of_the_asking_order_does_not_count(ledger: Ledger) -> None:
    await ledger.payers.record(payment(1))
    await ledger.payers.record(payment(2))

    assert await counted_orders(ledger, besides="order/default/1") == ["2"]


@pytest.mark.parametrize(
    ("outcome", "counts"),
    [
        ("expired", False),
        ("unfulfilled", False),
        ("cancelled", False),
        ("completed", True),
        ("failed", True),
        ("refunded", True),
        ("superseded", True),
        (None, True),
    ],
)
async def test_payments_of_orders_that_ended_unpaid_do_not_count(
    ledger: Ledger, outcome: str | None, counts: bool
) -> None:
    await ledger.payers.record(payment(1))
    await ledger.write_order(order("order/default/1", outcome=outcome, quote_id="q_1"), [])

    assert await counted_orders(ledger) == (["1"] if counts else [])


async def test_an_order_that_failed_without_an_invoice_does_not_count(ledger: Ledger) -> None:
    await ledger.payers.record(payment(1))
    await ledger.write_order(order("order/default/1", outcome="failed"), [])

    assert await counted_orders(ledger) == []


def limit_of(cents: int, amount: int) -> Callable[[Sequence[PaymentRow]], None]:
    def check(others: Sequence[PaymentRow]) -> None:
        if sum(row.cents for row in others) + amount > cents:
            raise ValueError("above the limit")

    return check


async def test_of_reservations_at_once_only_those_within_the_limit_pass(
    ledger_url: str, complete_ledger: Ledger
) -> None:
    async with await Ledger.open(ledger_url) as other:
        reservations = (
            (complete_ledger, other)[n % 2].payers.reserve(payment(n, cents=60), NOON, limit_of(199, 60))
            for n in range(8)
        )
        results = await asyncio.gather(*reservations, return_exceptions=True)
    assert sorted(str(result) for result in results) == ["None"] * 3 + ["above the limit"] * 5
    assert len(await counted_orders(complete_ledger)) == 3


async def test_a_repeated_reservation_replaces_that_of_its_order(complete_ledger: Ledger) -> None:
    for cents in (60, 90):
        await complete_ledger.payers.reserve(payment(1, cents=cents), NOON, limit_of(100, cents))
    assert await complete_ledger.payers.payments("default", "customer-7", NOON, besides="") == [payment(1, cents=90)]


async def test_a_released_reservation_leaves_room(complete_ledger: Ledger) -> None:
    await complete_ledger.payers.reserve(payment(1, cents=60), NOON, limit_of(100, 60))
    await complete_ledger.payers.release("default", "order/default/1")
    await complete_ledger.payers.reserve(payment(2, cents=60), NOON, limit_of(100, 60))
    assert await counted_orders(complete_ledger) == ["2"]


async def test_payments_recorded_at_once_are_all_kept(ledger_url: str, ledger: Ledger) -> None:
    async with await Ledger.open(ledger_url) as other:
        await asyncio.gather(*((ledger, other)[n % 2].payers.record(payment(n)) for n in range(12)))
    assert len(await counted_orders(ledger)) == 12


async def test_a_ledger_without_all_payments_reserves_nothing(ledger: Ledger) -> None:
    with pytest.raises(LedgerIncomplete):
        await ledger.payers.reserve(payment(1), NOON, limit_of(100, 60))
