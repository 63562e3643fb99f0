"""Snapshots reach the read model beside the history: the newest of each order, and never at an order's expense."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from activities.record import RecordActivities
from activities.support.read_model import ReadModelPublisher
from baton.ledger.ledger import Ledger
from baton.orders.answers import Snapshot
from baton.orders.models import Phase
from baton.orders.snapshot import snapshot_of
from tests.orders.states import NOON, order, state, tracked


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    async with await Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        yield opened


def snapshot(revision: int, phase: Phase = Phase.AWAITING_DEPOSIT) -> Snapshot:
    known = state(phase) if phase is not Phase.TRACKING else tracked("swapping")
    known.revision, known.published_at = revision, NOON
    return snapshot_of(order(), known)


async def test_the_newest_snapshot_of_an_order_is_written(ledger: Ledger) -> None:
    publisher = ReadModelPublisher(ledger, pause=0)
    for revision in (1, 3, 2):
        publisher.offer(snapshot(revision, Phase.TRACKING if revision == 3 else Phase.AWAITING_DEPOSIT))
    await asyncio.sleep(0)
    await publisher.aclose()

    row = await ledger.order("order/default/invoice-42")
    assert row is not None
    assert (row.revision, row.phase, row.status) == (3, "tracking", "swapping")


async def test_a_workflows_thread_may_hand_over_a_snapshot(ledger: Ledger) -> None:
    publisher = ReadModelPublisher(ledger, pause=0)
    await asyncio.to_thread(publisher.offer, snapshot(1))
    await asyncio.sleep(0)
    await publisher.aclose()

    assert await ledger.order("order/default/invoice-42") is not None


@dataclass
class CountedWrites:
    """Counts the writes of orders, and makes them."""

    write: Callable[..., Awaitable[bool]]
    number: int = 0

    async def __call__(self, *rows: Any) -> bool:
        self.number += 1
        return await self.write(*rows)


async def test_what_a_later_state_replaced_is_not_written_after_it(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes = CountedWrites(ledger.write_order)
    monkeypatch.setattr(ledger, "write_order", writes)
    publisher = ReadModelPublisher(ledger, pause=0.05)
    publisher.offer(snapshot(1))
    await asyncio.sleep(0)
    await RecordActivities(ledger, publisher.note_written).record_order(snapshot(2))
    await publisher.aclose()

    row = await ledger.order("order/default/invoice-42")
    assert row is not None
    assert (row.revision, writes.number) == (2, 1)


async def test_what_a_reset_workflow_shows_is_written_after_its_end(ledger: Ledger) -> None:
    publisher = ReadModelPublisher(ledger, pause=0.05)
    publisher.offer(snapshot(1).model_copy(update={"published_at": NOON + timedelta(seconds=1)}))
    await asyncio.sleep(0)
    await RecordActivities(ledger, publisher.note_written).record_order(snapshot(2))
    await publisher.aclose()

    row = await ledger.order("order/default/invoice-42")
    assert row is not None
    assert row.revision == 1


async def test_what_was_shown_before_a_reset_is_not_written_after_it(ledger: Ledger) -> None:
    publisher = ReadModelPublisher(ledger, pause=0)
    after_the_reset = snapshot(2).model_copy(update={"published_at": NOON + timedelta(seconds=1)})
    for each in (after_the_reset, snapshot(5)):
        publisher.offer(each)
    await asyncio.sleep(0)
    await publisher.aclose()

    row = await ledger.order("order/default/invoice-42")
    assert row is not None
    assert row.revision == 2


async def test_a_ledger_that_is_down_costs_only_its_rows(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    async with await Ledger.open(f"sqlite:///{file}") as ledger:
        publisher = ReadModelPublisher(ledger, pause=0)
        await ledger.close()
        publisher.offer(snapshot(1))
        await asyncio.sleep(0)
        await publisher.aclose()
    async with await Ledger.open(f"sqlite:///{file}") as reopened:
        again = ReadModelPublisher(reopened, pause=0)
        again.offer(snapshot(2))
        await asyncio.sleep(0)
        await again.aclose()
        assert await reopened.order("order/default/invoice-42") is not None
