"""Figures of many orders: what is counted where, on both engines."""

from datetime import UTC, datetime, timedelta

import pytest

from baton.ledger.figure_rows import DeliveryTimes, HourCount, OpenOrders, OrderRoute, percentile
from baton.ledger.ledger import Ledger
from baton.ledger.rows import Document, EventRow
from tests.ledger.examples import NOON, minute, order

HOUR = timedelta(hours=1)
DAY = (NOON - timedelta(hours=12), NOON + timedelta(hours=12))
ROUTE = OrderRoute("base", "USDC", "spark", "BTC")


async def place(ledger: Ledger, number: int, **given: object) -> None:
    """Write an order on the usual route."""
    account = given.get("account", "default")
    row = order(f"order/{account}/{number}", **{**ROUTE._asdict(), **given})
    await ledger.write_order(row, [])


def reasons(*names: str) -> Document:
    """Return a snapshot with these attentions."""
    return {"attentions": [{"reason": name, "message": "someone must look"} for name in names]}


async def test_orders_are_counted_in_the_hour_in_which_they_started(ledger: Ledger) -> None:
    for number, at in enumerate((NOON, minute(59), minute(60), minute(60 * 24))):
        await place(ledger, number, created_at=at)

    assert await ledger.figures.started(*DAY, None) == [HourCount(NOON, None, 2), HourCount(NOON + HOUR, None, 1)]


async def test_hours_are_those_of_utc(ledger: Ledger) -> None:
    await place(ledger, 1, created_at=datetime.fromisoformat("2026-03-01T18:30:00+05:30"))

    assert await ledger.figures.started(*DAY, None) == [HourCount(datetime(2026, 3, 1, 13, tzinfo=UTC), None, 1)]


async def test_ended_orders_are_counted_by_outcome(ledger: Ledger) -> None:
    for number, outcome in enumerate(("completed", "completed", "failed")):
        await place(ledger, number, phase="closed", outcome=outcome, closed_at=minute(number))
    await place(ledger, 9)

    assert await ledger.figures.ended(*DAY, None) == [HourCount(NOON, "completed", 2), HourCount(NOON, "failed", 1)]


async def test_an_order_of_another_account_does_not_count(ledger: Ledger) -> None:
    for account in ("default", "eu"):
        ended = {"closed_at": NOON, "outcome": "completed", "delivery_ms": 100}
        await place(ledger, 1, account=account, **ended)
        await place(ledger, 2, account=account, attention="overdue", snapshot=reasons("overdue"))

    for account, number in (("eu", 1), ("none", 0)):
        figures, only = ledger.figures, [account]
        assert sum(hour.number for hour in await figures.started(*DAY, only)) == number * 2
        assert sum(hour.number for hour in await figures.ended(*DAY, only)) == number
        assert sum(times.orders for times in await figures.delivery_times(*DAY, only)) == number
        assert sum(group.orders for group in await figures.open_now(only)) == number
        assert sum((await figures.attention(only)).values()) == number


async def test_delivery_times_are_those_of_each_route(ledger: Ledger) -> None:
    for number in range(1, 101):
        await place(ledger, number, closed_at=NOON, outcome="completed", delivery_ms=number * 1000)
    await place(ledger, 0, closed_at=NOON, outcome="refunded")
    other = {"source_chain": "bitcoin", "source_asset": "BTC"}
    await place(ledger, 200, closed_at=NOON, outcome="completed", delivery_ms=7_200_000, **other)

    assert await ledger.figures.delivery_times(*DAY, None) == [
        DeliveryTimes(ROUTE, 100, 50_000, 95_000),
        DeliveryTimes(ROUTE._replace(**other), 1, 7_200_000, 7_200_000),
    ]


async def test_delivery_times_are_exact_within_one_percent(ledger: Ledger) -> None:
    for number, taken in enumerate((10_050, 199_999, 1_234_567, 7_654_321, 123_456_789)):
        chain = f"chain-{number}"
        await place(ledger, number, closed_at=NOON, outcome="completed", delivery_ms=taken, source_chain=chain)

        times = {str(times.route): times.p50 for times in await ledger.figures.delivery_times(*DAY, None)}
        assert times[f"{chain}:USDC → spark:BTC"] == pytest.approx(taken, rel=0.011)


async def test_open_orders_show_the_one_that_changed_longest_ago(ledger: Ledger) -> None:
    for number, status in enumerate(("processing", "swapping", "swapping")):
        await place(ledger, number, status=status, updated_at=minute(-number))
    await place(ledger, 8, phase="awaiting_deposit", status=None)
    await place(ledger, 9, status="swapping", updated_at=minute(-99), closed_at=NOON)

    assert await ledger.figures.open_now(None) == [
        OpenOrders("awaiting_deposit", None, 1, "order/default/8", NOON),
        OpenOrders("tracking", "processing", 1, "order/default/0", NOON),
        OpenOrders("tracking", "swapping", 2, "order/default/2", minute(-2)),
    ]


async def test_an_order_counts_for_each_of_its_reasons(ledger: Ledger) -> None:
    await place(ledger, 1, attention="deposit_missing", snapshot=reasons("overdue", "deposit_missing"))
    await place(ledger, 2, attention="overdue", snapshot=reasons("overdue"))
    await place(ledger, 3, attention="overdue", snapshot={})
    await place(ledger, 4, attention="overdue", snapshot=reasons("overdue"), closed_at=NOON)

    assert await ledger.figures.attention(None) == {"deposit_missing": 1, "overdue": 3}


async def test_raised_attention_is_counted_by_reason_and_hour(ledger: Ledger) -> None:
    asked = [("order.attention_raised", "overdue"), ("order.attention_cleared", "overdue")]
    events = [
        EventRow(
            id=f"evt_{kind}_{reason}",
            workflow_id="order/default/1",
            account="default",
            reference="1",
            type=kind,
            occurred_at=minute(30),
            data={"attention": {"reason": reason}},
        )
        for kind, reason in asked
    ]
    await ledger.write_order(order("order/default/1"), [], events=events)

    assert await ledger.figures.raised(*DAY, None) == [HourCount(NOON, "overdue", 1)]
    assert await ledger.figures.raised(*DAY, ["eu"]) == []


async def test_a_period_is_at_most_a_month_long(ledger: Ledger) -> None:
    await place(ledger, 1, created_at=NOON - timedelta(days=40))

    assert await ledger.figures.started(NOON - timedelta(days=365), NOON, None) == []


@pytest.mark.parametrize(
    ("counted", "part", "value"),
    [([(5, 1)], 0.5, 5), ([(5, 1)], 0.95, 5), ([(9, 1), (1, 99)], 0.95, 1), ([(1, 50), (2, 50)], 0.51, 2)],
)
def test_a_percentile_is_the_first_value_that_enough_do_not_exceed(
    counted: list[tuple[int, int]], part: float, value: int
) -> None:
    assert percentile(counted, part) == value
