"""Rows are restored without replacing newer ones, by one process at a time."""

from datetime import timedelta

from baton.ledger.ledger import Ledger
from baton.ledger.restoration import RestoredOrder
from baton.ledger.rows import CreditRow, OrderEntry
from tests.ledger.examples import NOON, ORDER, minute, order, payment, quote, statuses, timeline, watch

CREDIT = CreditRow(account="default", offer_id="zc_1", workflow_id=ORDER, order_id="ord_1", sats=1000, credited_at=NOON)
ENTRY = OrderEntry(account="default", order_id="ord_1", workflow_id=ORDER)
RESTORED = RestoredOrder(
    order=order(revision=3),
    timeline=timeline("processing", "bridging"),
    index=[quote(), ENTRY],
    watches=[watch()],
    credits=[CREDIT],
    payments=[payment(workflow_id=ORDER)],
)


async def test_all_rows_of_an_order_are_restored_and_a_repeat_changes_nothing(ledger: Ledger) -> None:
    assert await ledger.restoration.restore(RESTORED)
    await ledger.restoration.restore(RESTORED)

    assert await ledger.order(ORDER) == RESTORED.order
    assert statuses(await ledger.transitions(ORDER)) == ["processing", "bridging"]
    assert await ledger.find_workflow("default", order_id="ord_1") == ORDER
    assert await ledger.quotes_of(ORDER) == [quote()]
    assert await ledger.watching.watches("base") == [watch()]
    assert await ledger.credits.total("default", NOON) == 1000
    assert await ledger.payers.payments("default", "customer-7", NOON, besides="") == [payment(workflow_id=ORDER)]


async def test_rows_that_are_newer_stay_and_what_is_missing_is_added(ledger: Ledger) -> None:
    await ledger.write_order(order(revision=4, status="delivering"), timeline("processing", "delivering"))
    await ledger.index_order("default", "ord_1", "order/default/successor")
    await ledger.watching.watch(watch(workflow_id="order/default/successor"))

    assert not await ledger.restoration.restore(RESTORED)

    row = await ledger.order(ORDER)
    assert row
    assert row.status == "delivering"
    assert statuses(await ledger.transitions(ORDER)) == ["processing", "delivering"]
    assert await ledger.find_workflow("default", order_id="ord_1") == "order/default/successor"
    assert [each.workflow_id for each in await ledger.watching.watches("base")] == ["order/default/successor"]
    assert await ledger.quotes_of(ORDER) == [quote()]


async def test_one_process_has_the_turn_until_its_time_is_over(ledger: Ledger) -> None:
    restoration = ledger.restoration
    assert await restoration.take_turn("first", NOON, minute(1))
    assert not await restoration.take_turn("second", NOON, minute(1))
    assert await restoration.keep_turn("first", minute(2))
    assert not await restoration.take_turn("second", minute(1), minute(3))

    assert await restoration.take_turn("second", minute(2), minute(3))
    assert not await restoration.keep_turn("first", minute(4))
    assert not await restoration.end_turn("first", minute(2), complete=True)
    assert not await ledger.is_complete()
    assert await restoration.end_turn("second", minute(2), complete=True)
    assert await ledger.is_complete()


async def test_only_an_interrupted_rebuild_leaves_its_position(ledger: Ledger) -> None:
    restoration = ledger.restoration
    await restoration.take_turn("first", NOON, minute(1))
    await restoration.set_position(minute(-30))
    await restoration.end_turn("first", NOON, complete=False)
    assert await restoration.position() == minute(-30)

    await restoration.take_turn("second", NOON, minute(1))
    await restoration.end_turn("second", NOON, complete=True)
    assert await restoration.position() is None


async def test_each_comparison_is_due_once_in_its_interval(ledger: Ledger) -> None:
    due = timedelta(minutes=15)
    restoration = ledger.restoration
    assert await restoration.take_comparison("swept_at", NOON, NOON - due) is None
    assert await restoration.take_comparison("swept_at", minute(14), minute(14) - due) is None

    assert await restoration.take_comparison("swept_at", minute(15), minute(15) - due) == NOON
    assert await restoration.take_comparison("swept_at", minute(16), minute(16) - due) is None
    assert await restoration.take_comparison("stopped_at", minute(16), minute(16) - due) is None
    assert await restoration.take_comparison("stopped_at", minute(32), minute(32) - due) == minute(16)


async def test_the_addresses_of_open_orders_without_a_watch_are_found(ledger: Ledger) -> None:
    await ledger.index_quote(quote(deposit_address="0xabc", source_chain="base"))
    await ledger.write_order(order(revision=1), [])
    assert await ledger.comparison.unwatched(["base"], NOON) == [watch()]
    assert await ledger.comparison.unwatched(["base"], minute(1)) == []
    assert await ledger.comparison.unwatched(["solana"], NOON) == []

    await ledger.restoration.add_watches([watch()])
    assert await ledger.comparison.unwatched(["base"], NOON) == []
