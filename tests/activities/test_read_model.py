"""Snapshots reach the read model beside the history: the newest of each order, and never at an order's expense."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

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
