"""A bulk goes through its orders at its rate, and goes on where it was after its worker was lost."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from baton.bulk.order_acts import RunningBulk
from baton.bulk.request import BulkAct, BulkRequest
from baton.bulk.runner import CONCURRENT, BulkRunner, Pace, part_of, progress_of
from baton.errors import OrderRefused
from baton.ledger.bulk_rows import BulkOrderRow, BulkRow, BulkState
from baton.ledger.ledger import Ledger
from tests.eventually import eventually

REQUEST = BulkRequest(act=BulkAct.RESOLVE, note="ticket 1311", rate=200)
BULK = RunningBulk("bulk_1", REQUEST, "ada")
ORDERS = 40


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    async with await Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        rows = [
            BulkOrderRow(bulk="bulk_1", position=n, workflow_id=f"order/a/{n}", account="a", reference=str(n))
            for n in range(ORDERS)
        ]
        document = REQUEST.model_dump(mode="json")
        bulk = BulkRow(
            id="bulk_1", created_at=datetime.now(UTC), by="ada", request=document, accounts=["a"], orders=ORDERS
        )
        await opened.bulks.create(bulk, rows)
        yield opened


async def counts(ledger: Ledger) -> dict[BulkState, int]:
    return await ledger.bulks.counts("bulk_1")


async def test_what_was_begun_when_the_worker_was_lost_is_done_once(ledger: Ledger) -> None:
    resolved: set[str] = set()

    async def lost(_: RunningBulk, row: BulkOrderRow) -> None:
        if row.reference in resolved:
            raise OrderRefused("nothing_to_resolve", "the order needs no attention", "there is nothing to resolve")
        resolved.add(row.reference)
        if len(resolved) == 20:
            raise RuntimeError("the worker dies")

    with pytest.raises(ExceptionGroup):
        await BulkRunner(ledger, lost).run(BULK, 1000)
    await BulkRunner(ledger, lost).run(BULK, 1000)

    assert await counts(ledger) == {BulkState.DONE: ORDERS}
    assert len(resolved) == ORDERS


async def test_only_so_many_orders_are_touched_at_the_same_time(ledger: Ledger) -> None:
    running, most = 0, 0

    async def act(_: RunningBulk, __: BulkOrderRow) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1

    await BulkRunner(ledger, act).run(BULK, 1000)

    assert most <= CONCURRENT
    assert progress_of(await counts(ledger), stopped=False).done == ORDERS


async def test_a_bulk_that_was_stopped_touches_no_further_order(ledger: Ledger) -> None:
    async def stop(_: RunningBulk, __: BulkOrderRow) -> None:
        await ledger.bulks.set_stopped("bulk_1", datetime.now(UTC))

    slow = RunningBulk("bulk_1", REQUEST.model_copy(update={"rate": 5.0}), "ada")
    await BulkRunner(ledger, stop).run(slow, 1000)

    assert (await counts(ledger))[BulkState.DONE] == part_of(5.0)


async def test_a_slow_bulk_touches_no_order_after_it_was_stopped(ledger: Ledger) -> None:
    touched: list[str] = []

    async def act(_: RunningBulk, row: BulkOrderRow) -> None:
        touched.append(row.reference)

    slow = RunningBulk("bulk_1", REQUEST.model_copy(update={"rate": 2.0}), "ada")
    running = asyncio.create_task(BulkRunner(ledger, act).run(slow, 1000))
    await eventually(lambda: counts(ledger), lambda found: found.get(BulkState.DONE, 0) >= part_of(2.0))
    await ledger.bulks.set_stopped("bulk_1", datetime.now(UTC))
    await running

    assert len(touched) == (await counts(ledger))[BulkState.DONE] == part_of(2.0)


async def test_turns_come_no_faster_than_the_rate() -> None:
    pace, began = Pace(50), time.monotonic()

    for _ in range(6):
        await pace.turn()

    assert time.monotonic() - began >= 5 / 50
