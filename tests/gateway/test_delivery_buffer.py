"""Deliveries are written in batches, in their order, and none is lost under load or through a short outage."""

import asyncio
import sqlite3
from contextlib import closing

import pytest
from structlog.testing import capture_logs

from baton.gateway import delivery_buffer
from baton.gateway.delivery_buffer import DeliveryBuffer
from baton.gateway.errors import TryLater
from baton.ledger.ledger import Ledger
from tests.eventually import eventually
from tests.ledger.examples import delivery

MANY = 5000


def rows_in(file):
    with closing(sqlite3.connect(file)) as connection:
        return [row[0] for row in connection.execute("SELECT order_id FROM baton_deliveries ORDER BY id")]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "ledger.db"


@pytest.fixture
async def buffered(file):
    """A ledger with a short timeout."""
    async with await Ledger.open(f"sqlite:///{file}", timeout=1) as ledger:
        yield ledger


async def test_five_thousand_deliveries_at_once_are_all_written_in_order(buffered, file):
    buffer = DeliveryBuffer(buffered)
    for number in range(MANY):
        await buffer.wait_for_room()
        buffer.add(delivery(order_id=f"ord_{number}"))
    await buffer.flush()
    assert rows_in(file) == [f"ord_{number}" for number in range(MANY)]


async def test_deliveries_wait_for_a_ledger_that_is_locked(buffered, file):
    buffer = DeliveryBuffer(buffered)
    with closing(sqlite3.connect(file, isolation_level=None)) as lock, capture_logs() as lines:
        lock.execute("BEGIN IMMEDIATE")
        for number in range(10):
            buffer.add(delivery(order_id=f"ord_{number}"))
        await eventually(lambda: lines)
        lock.execute("ROLLBACK")
        await eventually(lambda: len(rows_in(file)) >= 10)
    await buffer.flush()
    assert set(rows_in(file)) == {f"ord_{number}" for number in range(10)}
    assert [line["event"] for line in lines] == ["deliveries wait for the ledger"]


async def test_without_room_a_webhook_waits_and_is_then_asked_to_come_again(buffered, file, monkeypatch):
    monkeypatch.setattr(delivery_buffer, "ROOM_PATIENCE", 0.1)
    buffer = DeliveryBuffer(buffered, most_waiting=3)
    with closing(sqlite3.connect(file, isolation_level=None)) as lock:
        lock.execute("BEGIN IMMEDIATE")
        for _ in range(3):
            await buffer.wait_for_room()
            buffer.add(delivery())
        with pytest.raises(TryLater, match="cannot be recorded"):
            await buffer.wait_for_room()
        monkeypatch.setattr(delivery_buffer, "ROOM_PATIENCE", 10)
        waiting = asyncio.create_task(buffer.wait_for_room())
        lock.execute("ROLLBACK")
    await waiting
    await buffer.flush()


async def test_the_bodies_of_waiting_deliveries_have_a_bound(buffered, file, monkeypatch):
    monkeypatch.setattr(delivery_buffer, "ROOM_PATIENCE", 0.1)
    monkeypatch.setattr(delivery_buffer, "MOST_BYTES", 1000)
    buffer = DeliveryBuffer(buffered)
    with closing(sqlite3.connect(file, isolation_level=None)) as lock:
        lock.execute("BEGIN IMMEDIATE")
        buffer.add(delivery(body=b"x" * 600))
        await buffer.wait_for_room()
        buffer.add(delivery(body=b"x" * 600))
        with pytest.raises(TryLater):
            await buffer.wait_for_room()
        lock.execute("ROLLBACK")
    await buffer.flush()
    await buffer.wait_for_room()


async def test_a_delivery_that_the_ledger_refuses_does_not_hold_up_the_others(buffered, file):
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("CREATE UNIQUE INDEX ours ON baton_deliveries (order_id)")
    buffer = DeliveryBuffer(buffered)
    with capture_logs() as lines:
        for order_id in ("ord_1", "ord_1", "ord_2"):
            buffer.add(delivery(order_id=order_id))
        await buffer.flush()
    assert rows_in(file) == ["ord_1", "ord_2"]
    assert [line["event"] for line in lines] == ["delivery not recorded"]
