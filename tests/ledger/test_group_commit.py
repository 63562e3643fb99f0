"""Writes that share a transaction on SQLite: each has its own result, and none waits without end."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest_asyncio

from baton.ledger.errors import LedgerConflict, LedgerUnavailable
from baton.ledger.group_commit import MOST_WAITING
from baton.ledger.ledger import Ledger
from tests.ledger.conftest import Locking
from tests.ledger.examples import delivery, order, timeline

MANY = 1000


@pytest_asyncio.fixture
async def sqlite_ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    """Yield an open, empty ledger in a SQLite file."""
    async with await Ledger.open(f"sqlite:///{tmp_path}/ledger.db") as opened:
        yield opened


async def test_a_thousand_orders_written_at_once_are_all_there(sqlite_ledger: Ledger) -> None:
    ledger = sqlite_ledger
    rows = [order(f"order/default/{n}") for n in range(MANY)]
    writes = (ledger.write_order(row, timeline("completed", workflow_id=row.workflow_id)) for row in rows)
    assert all(await asyncio.gather(*writes))
    written = {row.workflow_id for row in await ledger.orders(limit=500)}
    assert len(written) == 500
    assert await ledger.order("order/default/0") == rows[0]
    assert await ledger.order(f"order/default/{MANY - 1}") == rows[-1]


async def test_a_write_that_fails_takes_no_other_with_it(ledger: Ledger) -> None:
    claims = (ledger.index_order("default", f"ord_{n // 2}", f"workflow {n}") for n in range(20))
    results = await asyncio.gather(*claims, return_exceptions=True)
    for number, pair in enumerate(zip(results[::2], results[1::2], strict=True)):
        holder = await ledger.find_workflow("default", order_id=f"ord_{number}")
        assert sum(isinstance(result, LedgerConflict) for result in pair) == 1
        assert holder == f"workflow {2 * number + pair.index(None)}"


async def test_two_processes_write_a_thousand_rows_each_in_time(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    async with await Ledger.open(url) as worker, await Ledger.open(url) as gateway:
        started = time.monotonic()
        await asyncio.gather(
            *(worker.write_order(order(f"order/default/{n}"), []) for n in range(MANY)),
            *(gateway.record_delivery(delivery(order_id=f"ord_{n}")) for n in range(MANY)),
        )
        assert time.monotonic() - started < 5  # the timeout of one operation
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection:
        counts = [
            connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("baton_orders", "baton_deliveries")
        ]
    assert counts == [MANY, MANY]


async def test_writes_beyond_the_bound_are_refused_at_once(tmp_path: Path, locked: Locking) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    async with await Ledger.open(url, timeout=2) as ledger:
        with locked(url):
            writes = [asyncio.ensure_future(ledger.record_delivery(delivery())) for _ in range(MOST_WAITING + 100)]
            results = await asyncio.gather(*writes, return_exceptions=True)
        refused = [str(result) for result in results if "writes wait for it already" in str(result)]
        assert all(isinstance(result, LedgerUnavailable) for result in results)
        assert 0 < len(refused) <= 100
        await ledger.record_delivery(delivery())
