"""Many open orders that wait for their deposits: memory, a restart of the worker, and webhooks among them."""

import time
from functools import partial
from typing import NamedTuple

from baton.local.stack.showcase import SHOWPIECES
from bench.support.figures import Spread
from bench.support.machine import process_age, resident_bytes
from bench.support.orders import place
from bench.support.pace import at_once
from bench.support.webhook_load import measure_webhooks, open_targets
from bench.support.workbench import Workbench

FIRST = 50
"""Orders that are open before memory is first read, so that what any first order needs is not counted."""

_TARGETS = 20
_QUERIES = 50
_SENDERS = 2
_MOST_WEBHOOKS = 2_000


class Memory(NamedTuple):
    """Resident bytes of worker and server."""

    worker: int
    server: int


class Restart(NamedTuple):
    """Seconds of a restart of the worker.

    Attributes:
        ready: From the start of its process until it serves its queues.
        query: From the start of its process until it has answered a query about an open order.
        placed: From the start of its process until it has placed a new order.
    """

    ready: float
    query: float
    placed: float


class OpenOrders(NamedTuple):
    """The figures of one number of open orders.

    Attributes:
        orders: How many were open.
        cache: How many workflows the worker keeps in memory.
        placing_seconds: How long it took to place them, 16 at a time.
        before: Memory when the first 50 orders were open.
        after: Memory when all were open.
        worker_bytes: Bytes of the worker for each order that it keeps in memory.
        server_bytes: Bytes of the server for each order.
        answer: Time from sending a webhook to its answer, one order's webhooks never collected.
        state: Time from the change in a webhook until a snapshot shows it.
        query: Time of a query about an order, one of all in turn.
        restart: The restart of the worker with all of them open.
        restarted: Memory of the worker once it is useful again.
    """

    orders: int
    cache: int
    placing_seconds: float
    before: Memory
    after: Memory
    worker_bytes: int
    server_bytes: int
    answer: Spread | None
    state: Spread | None
    query: Spread | None
    restart: Restart
    restarted: Memory


class WaitingOrders:
    """Orders on a stack that wait for their deposits.

    Args:
        bench: The stack.
        cache: How many workflows its worker keeps in memory.
        seconds: How long webhooks are sent.
    """

    def __init__(self, bench: Workbench, cache: int, seconds: float) -> None:
        self._bench, self._cache, self._seconds = bench, cache, seconds
        self._opened = 0

    async def measure(self, count: int) -> OpenOrders:
        """Open that many orders, then measure.

        Raises:
            OrderNotPlaced: One of them got no quote.
            BatonError: One of them was refused, or Baton did not answer.
        """
        targets = await open_targets(self._bench, _TARGETS, "among-many")
        await self._open_until(FIRST)
        before, began = self._memory(), time.monotonic()
        await self._open_until(count)
        took, after = time.monotonic() - began, self._memory()
        webhooks = await measure_webhooks(
            self._bench, targets, senders=_SENDERS, seconds=self._seconds, most=_MOST_WEBHOOKS
        )
        queries = [await self._query(number) for number in range(0, count, max(1, count // _QUERIES))]
        restart = await self._restart()
        return OpenOrders(
            orders=count,
            cache=self._cache,
            placing_seconds=round(took * count / (count - FIRST), 1),
            before=before,
            after=after,
            worker_bytes=(after.worker - before.worker) // (min(count, self._cache) - FIRST),
            server_bytes=(after.server - before.server) // (count - FIRST),
            answer=webhooks.answer,
            state=webhooks.lag,
            query=Spread.of_seconds(queries),
            restart=restart,
            restarted=self._memory(),
        )

    async def _open_until(self, count: int) -> None:
        numbers = range(self._opened, count)
        await at_once(partial(place, self._bench, SHOWPIECES[0], _reference(number)) for number in numbers)
        self._opened = count

    def _memory(self) -> Memory:
        return Memory(resident_bytes(self._bench.pid("worker")), resident_bytes(self._bench.pid("temporal")))

    async def _query(self, number: int) -> float:
        began = time.monotonic()
        await self._bench.baton.snapshot(_reference(number))
        return time.monotonic() - began

    async def _restart(self) -> Restart:
        await self._bench.restart("worker")
        worker = self._bench.pid("worker")
        ready = process_age(worker)
        await self._query(0)
        query = process_age(worker)
        await place(self._bench, SHOWPIECES[0], f"bench-after-restart-{self._opened}")
        return Restart(round(ready, 2), round(query, 2), round(process_age(worker), 2))


def _reference(number: int) -> str:
    return f"bench-waiting-{number}"
