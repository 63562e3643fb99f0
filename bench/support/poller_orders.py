"""The order shape written by hand: one asyncio loop that polls a SQLite file, and commits every step.

    python -m bench.support.poller_orders FILE SYNCHRONOUS

No server, no retries, no history, no second worker: what is left of an order when only its state is durable. The file
has a write-ahead log that is synced as SQLite's `synchronous` says: FULL or NORMAL.
"""

import asyncio
import sqlite3
import sys
import time

from bench.support.crowd import ShapeRun
from bench.support.own_process import serve_turns

SIGNALS = 6
_PAUSE = 0.005
"""Seconds between two polls."""
_PATIENCE = 3600.0

_SCHEMA = """
CREATE TABLE orders (name TEXT PRIMARY KEY, state TEXT NOT NULL, seen INTEGER NOT NULL, due REAL NOT NULL);
CREATE INDEX open_orders ON orders (state, due);
CREATE TABLE inbox (id INTEGER PRIMARY KEY, name TEXT NOT NULL, sent REAL NOT NULL);
"""


class PolledOrders:
    """Orders in a SQLite file, with the loop that moves them and the client that starts them."""

    def __init__(self, path: str, synchronous: str) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous};" + _SCHEMA)
        self._results: dict[str, asyncio.Future[None]] = {}
        self._quoted: dict[str, float] = {}
        self._lags: dict[str, list[float]] = {}

    async def poll_forever(self) -> None:
        """Move every order that can move, pause, and so on."""
        while True:
            await self._quote_new_orders()
            await self._apply_inbox()
            self._db.execute("SELECT name FROM orders WHERE state != 'done' AND due < ?", [time.time()]).fetchall()
            await asyncio.sleep(_PAUSE)

    async def run_one(self, number: int) -> ShapeRun:
        """Start an order, signal it six times and await its result."""
        name, began = f"order-{time.time_ns()}-{number}", time.monotonic()
        result = self._results[name] = asyncio.get_running_loop().create_future()
        self._db.execute("INSERT INTO orders VALUES (?, 'new', 0, ?)", [name, time.time() + _PATIENCE])
        for _ in range(SIGNALS):
            self._db.execute("INSERT INTO inbox (name, sent) VALUES (?, ?)", [name, time.monotonic()])
            await asyncio.sleep(0)
        await result
        return ShapeRun(name, time.monotonic(), self._quoted.pop(name) - began, tuple(self._lags.pop(name)))

    async def _quote_new_orders(self) -> None:
        for (name,) in self._db.execute("SELECT name FROM orders WHERE state = 'new'").fetchall():
            await _step()
            self._db.execute("UPDATE orders SET state = 'quoted' WHERE name = ?", [name])
            self._quoted[name] = time.monotonic()

    async def _apply_inbox(self) -> None:
        query = "SELECT i.id, i.name, i.sent FROM inbox i JOIN orders o USING (name) WHERE o.state != 'new' ORDER BY id"
        for signal_id, name, sent in self._db.execute(query).fetchall():
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("DELETE FROM inbox WHERE id = ?", [signal_id])
            changed = self._db.execute("UPDATE orders SET seen = seen + 1 WHERE name = ? RETURNING seen", [name])
            ((seen,),) = changed.fetchall()
            self._db.execute("COMMIT")
            self._lags.setdefault(name, []).append(time.monotonic() - sent)
            await self._move(name, seen)

    async def _move(self, name: str, seen: int) -> None:
        if seen == 1:
            await _step()
            due = time.time() + _PATIENCE
            self._db.execute("UPDATE orders SET state = 'submitted', due = ? WHERE name = ?", [due, name])
        if seen == SIGNALS:
            await _step()
            self._db.execute("UPDATE orders SET state = 'done' WHERE name = ?", [name])
            self._results.pop(name).set_result(None)


async def _step() -> None:
    await asyncio.sleep(0)


async def main(path: str, synchronous: str) -> None:
    """Run orders until stdin closes."""
    orders = PolledOrders(path, synchronous)
    polling = asyncio.create_task(orders.poll_forever())
    try:
        await serve_turns(orders.run_one)
    finally:
        polling.cancel()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
