"""Many deposits to reusable addresses: what they cost, and whether each is exactly one order."""

import asyncio
import sqlite3
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

from baton.orders.models import Outcome
from baton.orders.names import WORKFLOW_QUEUE
from baton.orders.visibility import ORDER_ID, OUTCOME
from baton.sources.answers import SourceSnapshot
from baton.sources.messages import ReadSources
from baton.sources.names import SOURCE_READ_WORKFLOW
from bench.support.history import HistoryCost, read_history
from bench.support.machine import child_processes, cpu_between, cpu_seconds
from bench.support.pace import at_once
from tests.end_to_end.address_deposits import pay
from tests.end_to_end.test_addresses import accumulation
from tests.end_to_end.world import World

_WAVE = 1_000
"""Deposits that are made at once; the next ones follow once only half of these are under way."""

_SAMPLE = 50
"""Histories that are read, of which the median is shown."""

_PAUSE = 0.5
"""Seconds between two questions whether all orders have ended."""

_PATIENCE = 1_200.0
_ORDERS = "WorkflowType = 'OrderWorkflow'"


class SourceCase(StrEnum):
    """What is paid, and who reports it."""

    ONE_ADDRESS = "many deposits to one address"
    MANY_ADDRESSES = "many addresses, a deposit each"
    UNREPORTED = "many deposits to one address, no webhooks"


class SourceFigures(NamedTuple):
    """The figures of one case.

    Attributes:
        case: What was paid, and who reported it.
        addresses: Addresses that were created.
        deposits: Deposits that were made.
        orders: Order workflows that Temporal has.
        completed: Those that ended as completed.
        twins: Orders of Orchestra that more than one workflow tracks.
        create_seconds: Time for the creation of the addresses.
        seconds: Time from the first deposit until all orders had ended.
        cost: What an order costs in Temporal, as the median of some.
        address_cost: What an address costs in Temporal so far; None if there is only one.
        cpu_ms: CPU milliseconds of the Temporal server, and of everything else, for one order.
        rows: Rows of the ledger, by table.
    """

    case: SourceCase
    addresses: int
    deposits: int
    orders: int
    completed: int
    twins: int
    create_seconds: float
    seconds: float
    cost: HistoryCost
    address_cost: HistoryCost | None
    cpu_ms: dict[str, float]
    rows: dict[str, int]


@dataclass
class SourceLoad:
    """Addresses and their deposits, in one world.

    Attributes:
        world: All of Baton, with a ledger and a Temporal server of its own.
    """

    world: World

    async def measure(self, case: SourceCase, deposits: int) -> SourceFigures:
        """Create the addresses, pay them, and wait until every order has ended."""
        began = time.monotonic()
        addresses = await self._create(deposits if case is SourceCase.MANY_ADDRESSES else 1)
        created, processes = time.monotonic(), child_processes()
        before = cpu_seconds(processes)
        await self._pay(case, [addresses[number % len(addresses)] for number in range(deposits)])
        await self._until_completed(deposits)
        ended = time.monotonic()
        used = cpu_between(before, cpu_seconds(processes))
        return SourceFigures(
            case=case,
            addresses=len(addresses),
            deposits=deposits,
            orders=await self._count(_ORDERS),
            completed=await self._count(f"{_ORDERS} AND {OUTCOME.name} = '{Outcome.COMPLETED}'"),
            twins=await self._twins(),
            create_seconds=round(created - began, 1),
            seconds=round(ended - created, 1),
            cost=await self._cost(_ORDERS),
            address_cost=await self._cost("WorkflowType = 'AddressWorkflow'") if len(addresses) > 1 else None,
            cpu_ms={name: round(1000 * seconds / deposits, 1) for name, seconds in used.items()},
            rows=await asyncio.to_thread(rows_of, self.world.ledger_file),
        )

    async def _create(self, count: int) -> list[SourceSnapshot]:
        return await at_once(partial(self.world.baton.create_address, accumulation()) for _ in range(count))

    async def _pay(self, case: SourceCase, addresses: list[SourceSnapshot]) -> None:
        if case is not SourceCase.UNREPORTED:
            for paid in range(0, len(addresses), _WAVE):
                await self._until_completed(paid - _WAVE // 2)
                await at_once(partial(pay, self.world, address) for address in addresses[paid : paid + _WAVE])
            return
        await self.world.sandbox.webhook_fault("drop")
        await at_once(partial(pay, self.world, address) for address in addresses)
        await _until(partial(self._orchestra_completed, len(addresses)))
        call = ReadSources(account="default", pause=timedelta(seconds=1 / self.world.account.reads_per_second))
        await self.world.environment.client.execute_workflow(
            SOURCE_READ_WORKFLOW, call, id="sources/default", task_queue=WORKFLOW_QUEUE
        )

    async def _orchestra_completed(self, deposits: int) -> bool:
        orders = await self.world.sandbox.orders()
        return len([order for order in orders if order["status"] == "completed"]) == deposits

    async def _until_completed(self, deposits: int) -> None:
        query = f"{_ORDERS} AND {OUTCOME.name} = '{Outcome.COMPLETED}'"

        async def completed() -> bool:
            return await self._count(query) >= deposits

        await _until(completed)

    async def _count(self, query: str) -> int:
        return (await self.world.environment.client.count_workflows(query)).count

    async def _twins(self) -> int:
        """Count the orders of Orchestra that several workflows track, and those that none does."""
        client = self.world.environment.client
        listed = client.list_workflows(_ORDERS)
        tracked = Counter([order.typed_search_attributes.get(ORDER_ID) async for order in listed])
        made = {order["id"] for order in await self.world.sandbox.orders()}
        return sum(count - 1 for count in tracked.values()) + len(made ^ {str(order) for order in tracked})

    async def _cost(self, query: str) -> HistoryCost:
        client = self.world.environment.client
        some = [listed.id async for listed in client.list_workflows(query, limit=_SAMPLE)]
        costs = [(await read_history(client.get_workflow_handle(workflow_id))).cost for workflow_id in some]
        return HistoryCost(*(median(figures) for figures in zip(*costs, strict=True)))


def rows_of(ledger: Path) -> dict[str, int]:
    """Return how many rows each table of a SQLite ledger has; tables without rows are left out."""
    with sqlite3.connect(ledger) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counts = {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 - a table's own name
            for name in sorted(tables)
            if name.startswith("baton_")
        }
    return {name.removeprefix("baton_"): count for name, count in counts.items() if count}


async def _until(done: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(_PATIENCE):
        is_done = await done()
        while not is_done:
            await asyncio.sleep(_PAUSE)
            is_done = await done()
