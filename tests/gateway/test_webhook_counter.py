"""Webhooks are counted by what became of them, refused ones too, and a flood of them is few writes."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from temporalio.client import Client

from baton.gateway.webhook_counter import WebhookCounter
from baton.ledger.ledger import Ledger
from tests.eventually import eventually
from tests.gateway.world import event_of, running_gateway

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
async def counted(tmp_path: Path) -> AsyncIterator[Ledger]:
    """A ledger of its own, with a short timeout."""
    async with await Ledger.open(f"sqlite:///{tmp_path}/counts.db", timeout=1) as opened:
        await opened.mark_complete()
        yield opened


async def numbers(ledger: Ledger) -> dict[tuple[str, str], int]:
    """Return the counts by account and result."""
    return {(one.account, one.result): one.number for one in await ledger.webhook_counts.since(NOON)}


async def test_every_webhook_is_counted_by_what_became_of_it(gateway_temporal: Client, counted: Ledger) -> None:
    async with running_gateway(gateway_temporal, counted) as gateway:
        await gateway.deliver("ord_nobody", "completed")
        await gateway.post(event_of("ord_1", "completed"), secret="whsec_wrong")
        await gateway.post(event_of("ord_1", "completed"), age=3600)
        await gateway.post(event_of("ord_1", "completed"), account="unheard-of")
        await gateway.post(b"[]")

    assert await numbers(counted) == {
        ("default", "unclaimed"): 1,
        ("default", "mismatch"): 1,
        ("default", "stale"): 1,
        ("default", "not_an_event"): 1,
        ("", "unknown_account"): 1,
    }


async def test_many_webhooks_are_one_write_after_a_while(counted: Ledger) -> None:
    counter = WebhookCounter(counted, every=0.05)
    for second in range(1000):
        counter.count("default", "mismatch", NOON + timedelta(seconds=second))

    assert await numbers(counted) == {}
    assert await eventually(lambda: numbers(counted)) == {("default", "mismatch"): 1000}
    await counter.flush()


async def test_counts_wait_for_a_ledger_that_is_locked(counted: Ledger, tmp_path: Path) -> None:
    counter = WebhookCounter(counted, every=0.05)
    with closing(sqlite3.connect(tmp_path / "counts.db", isolation_level=None)) as lock, capture_logs() as lines:
        lock.execute("BEGIN IMMEDIATE")
        counter.count("default", "mismatch", NOON)
        await eventually(lambda: lines)
        counter.count("default", "mismatch", NOON)
        lock.execute("ROLLBACK")
        assert await eventually(lambda: numbers(counted)) == {("default", "mismatch"): 2}
    await counter.flush()
