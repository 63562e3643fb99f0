"""The feed: events are committed with their order, once each, in an order that no reader can miss."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from baton.ledger.errors import LedgerError
from baton.ledger.events import KEPT
from baton.ledger.ledger import Ledger
from baton.ledger.rows import DeliveryRow, EventRow, OrderRow, TransitionRow
from tests.ledger.conftest import Execute
from tests.ledger.examples import NOON, ORDER, delivery, minute, order, timeline

NOW = datetime.now(UTC)


def event(name: str, workflow_id: str = ORDER, **given: Any) -> EventRow:
    defaults = {
        "id": f"evt_{workflow_id}_{name}",
        "workflow_id": workflow_id,
        "account": "default",
        "reference": workflow_id.rpartition("/")[2],
        "type": f"order.{name}",
        "occurred_at": NOON,
        "data": {"phase": "tracking"},
    }
    return EventRow.model_validate(defaults | given)


def names(rows: list[EventRow]) -> list[str]:
    return [row.type.removeprefix("order.") for row in rows]


def late_event(row: OrderRow | None, _: DeliveryRow, late: TransitionRow, number: int) -> EventRow:
    return event(late.status, id=f"evt_{late.status}_{number}", data={"known": row is not None})


async def test_events_are_written_with_their_order(ledger: Ledger) -> None:
    assert await ledger.write_order(order(), [], events=[event("placed"), event("processing", position=0)])
    found = await ledger.events.after(0)
    assert names(found) == ["placed", "processing"]
    assert [row.position for row in found] == [None, 0]
    assert found[0].seq is not None
    assert await ledger.events.latest() == found[-1].seq


async def test_a_repeated_write_adds_only_what_is_missing(ledger: Ledger) -> None:
    for known in (["placed"], ["placed", "processing"], ["placed", "processing"], ["placed", "swapping", "processing"]):
        await ledger.write_order(order(), [], events=[event(name) for name in known])
    assert names(await ledger.events.of_order(ORDER)) == ["placed", "processing", "swapping"]


async def test_an_older_revision_of_an_order_adds_no_event(ledger: Ledger) -> None:
    await ledger.write_order(order(revision=2), [], events=[event("placed")])
    await ledger.write_order(order(revision=1), [], events=[event("placed"), event("processing")])
    assert names(await ledger.events.after(0)) == ["placed"]


async def test_events_of_a_write_that_is_refused_are_not_there(ledger: Ledger) -> None:
    wrong = timeline("processing")[0].model_copy(update={"at": NOON, "status": None})
    with pytest.raises(LedgerError):
        await ledger.write_order(order(), [wrong], events=[event("placed")])
    assert await ledger.events.after(0) == []


async def test_a_page_is_filtered_and_limited(ledger: Ledger) -> None:
    for number, account in enumerate(("one", "two", "one")):
        workflow_id = f"order/{account}/{number}"
        placed, closed = event("placed", workflow_id, account=account), event("closed", workflow_id, account=account)
        await ledger.write_order(order(workflow_id, account=account), [], events=[placed, closed])
    first = await ledger.events.after(0, 1)
    assert len(first) == 1
    assert first[0].seq is not None
    assert len(await ledger.events.after(first[0].seq)) == 5
    assert len(await ledger.events.after(0, accounts=["one"])) == 4
    assert len(await ledger.events.after(0, accounts=["one"], types=["order.closed"])) == 2
    assert names(await ledger.events.after(0, workflow_id="order/two/1")) == ["placed", "closed"]


async def test_a_reader_beside_many_writers_misses_no_event(ledger: Ledger, ledger_url: str) -> None:
    async with await Ledger.open(ledger_url) as other:
        seen: list[str] = []

        async def write(number: int) -> None:
            writer, workflow_id = (ledger, other)[number % 2], f"order/default/{number}"
            await writer.write_order(order(workflow_id), [], events=[event("placed", workflow_id)])

        async def read() -> None:
            cursor = 0
            while len(seen) < 60:
                for row in await other.events.after(cursor):
                    assert row.seq is not None
                    cursor, _ = row.seq, seen.append(row.id)
                await asyncio.sleep(0)

        async with asyncio.timeout(20):
            await asyncio.gather(read(), *(write(number) for number in range(60)))
    assert len(set(seen)) == 60


async def test_a_late_status_that_is_news_is_an_event(ledger: Ledger) -> None:
    await ledger.write_order(order(), timeline("processing", "unfulfilled"), events=[event("placed")])
    for status in ("completed", "completed", "unfulfilled"):
        at = minute(1 if status == "unfulfilled" else 60)
        await ledger.record_late(delivery(status=status), at, late_event)
    late = (await ledger.events.of_order(ORDER))[1:]
    assert [(row.id, row.data) for row in late] == [("evt_completed_1", {"known": True})]


async def test_events_older_than_kept_are_deleted_and_not_written_again(
    ledger: Ledger, execute: Execute, ledger_url: str
) -> None:
    old = order("order/default/old", closed_at=NOW - KEPT - timedelta(days=2))
    await ledger.write_order(order("order/default/old"), [], events=[event("closed", "order/default/old")])
    await ledger.write_order(order("order/default/open"), [], events=[event("placed", "order/default/open")])
    execute(ledger_url, "UPDATE baton_events SET written_at = '2020-01-01 00:00:00'")
    written = old.model_copy(update={"revision": 2})
    await ledger.write_order(written, [], events=[event("closed", "order/default/old")])

    assert await ledger.events.prune(NOW) == 1
    assert await ledger.events.pruned_through() == 1
    await ledger.write_order(written, [], events=[event("closed", "order/default/old")])
    assert [row.workflow_id for row in await ledger.events.after(0)] == ["order/default/open"]


async def test_numbers_go_on_after_every_event_was_deleted(ledger: Ledger, execute: Execute, ledger_url: str) -> None:
    await ledger.write_order(order(), [], events=[event("placed"), event("processing")])
    newest = await ledger.events.latest()
    execute(ledger_url, "DELETE FROM baton_events")
    await ledger.write_order(order(), [], events=[event("closed")])
    assert await ledger.events.latest() > newest


async def test_a_feed_keeps_its_name(ledger: Ledger, ledger_url: str) -> None:
    name = await ledger.events.feed_id()
    async with await Ledger.open(ledger_url) as other:
        assert await other.events.feed_id() == name
