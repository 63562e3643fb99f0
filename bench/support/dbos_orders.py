"""The order shape on DBOS Transact with PostgreSQL, workflows and their client in one process.

    python -m bench.support.dbos_orders URL

Runs in the environment of the dependency group `bench`. Each wait for a message has a durable timeout, which DBOS
cannot do without: six instead of the floor's two timers.
"""

import asyncio
import sys
import time
from typing import Any

from dbos import DBOS

from bench.support.crowd import ShapeRun
from bench.support.own_process import serve_turns

SIGNALS = 6
_PATIENCE = 3600.0

_quoted: dict[str, float] = {}
_lags: dict[str, list[float]] = {}


async def _step() -> None:
    return


quote = DBOS.step(name="quote")(_step)
submit = DBOS.step(name="submit")(_step)
record = DBOS.step(name="record")(_step)


async def _order(name: str) -> int:
    await quote()
    _quoted[name] = time.monotonic()
    await _receive(name)
    await submit()
    for _ in range(SIGNALS - 1):
        await _receive(name)
    await record()
    return SIGNALS


order = DBOS.workflow(name="order")(_order)


async def _receive(name: str) -> None:
    sent: Any = await DBOS.recv_async(timeout_seconds=_PATIENCE)
    _lags.setdefault(name, []).append(time.monotonic() - sent)


async def run_one(number: int) -> ShapeRun:
    """Start an order, send it six messages and await its result."""
    name, began = f"order-{time.time_ns()}-{number}", time.monotonic()
    handle = await DBOS.start_workflow_async(order, name)
    for _ in range(SIGNALS):
        await DBOS.send_async(handle.workflow_id, time.monotonic())
    await handle.get_result(polling_interval_sec=0.02)
    return ShapeRun(name, time.monotonic(), _quoted.pop(name) - began, tuple(_lags.pop(name)))


async def main(url: str) -> None:
    """Run orders until stdin closes."""
    DBOS(config={"name": "bench", "system_database_url": url, "log_level": "ERROR", "run_admin_server": False})
    DBOS.launch()
    try:
        await serve_turns(run_one)
    finally:
        DBOS.destroy()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
