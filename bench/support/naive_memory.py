"""What an open naive order takes in its worker's memory: the part of an order's memory that is not Baton's."""

import asyncio
import time
from functools import partial

from temporalio.client import Client

from bench.support.machine import resident_bytes
from bench.support.naive_load import naive_worker
from bench.support.naive_order import QUEUE, NaiveOrderWorkflow
from bench.support.open_load import FIRST
from bench.support.pace import at_once

NAIVE_ORDERS = 500
"""How many are measured; the SDK's own cache keeps twice as many in memory."""

_PATIENCE = 30.0
_PAUSE = 0.1


async def naive_worker_bytes(client: Client) -> int:
    """Open naive orders that wait for their deposits; return the bytes of their worker for each, without sandbox.

    Raises:
        RuntimeError: The worker did not start, and its error is on stderr; or it did not come to an order.
    """
    address = client.service_client.config.target_host
    async with naive_worker(address, client.namespace) as pid:
        opened = partial(_open, client, f"naive-memory-{time.time_ns()}")
        await opened(range(FIRST))
        before = resident_bytes(pid)
        await opened(range(FIRST, FIRST + NAIVE_ORDERS))
        return (resident_bytes(pid) - before) // NAIVE_ORDERS


async def _open(client: Client, prefix: str, numbers: range) -> None:
    await at_once(partial(_open_one, client, f"{prefix}-{number}") for number in numbers)


async def _open_one(client: Client, name: str) -> None:
    """Return once its first activity is over, and with it all that is done before a deposit."""
    handle = await client.start_workflow(NaiveOrderWorkflow.run, id=name, task_queue=QUEUE)
    deadline = time.monotonic() + _PATIENCE
    while not await handle.query(NaiveOrderWorkflow.quoted):
        if time.monotonic() > deadline:
            raise RuntimeError(f"the worker of the naive floor did not come to an order within {_PATIENCE:g} s")
        await asyncio.sleep(_PAUSE)
