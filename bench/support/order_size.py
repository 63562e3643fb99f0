"""What one order takes of everything: actions, events and bytes in Temporal, rows and bytes in the ledger, CPU, calls.

Orders of five kinds start at a steady pace, with their statuses seconds apart as Orchestra sends them. Counts and bytes
are those of all orders, once all have ended; CPU time is that of a window in which as many end as start, without what
the processes use when there are no orders.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from statistics import mean, median
from typing import Any, NamedTuple

from temporalio.client import WorkflowHandle

from baton.local.stack.showcase import SHOWPIECES
from baton.orders.names import order_workflow_id
from bench.support.actions import actions_of
from bench.support.history import HistoryCost, cost_of
from bench.support.ledger_size import LedgerSize
from bench.support.machine import cpu_seconds, process_tree, tree_cpu_seconds
from bench.support.orders import OrderRun, run_order
from bench.support.pace import paced
from bench.support.workbench import Workbench

WARM_UP = 12.0
"""Seconds until as many orders end as start: an order lives about ten."""

_IDLE = 3.0
_SETTLED, _PATIENCE = 2.5, 40.0
"""Seconds without a new row after which late rows and notifications count as written, and how long that may take."""

_HISTORIES = 40

_QUIET_TABLES = frozenset(["baton_schema_version", "baton_properties", "baton_cursors", "baton_endpoint_states"])
"""Tables whose rows do not grow with the orders."""


class OrdersFailed(Exception):
    """Orders did not complete; the text is the reason of the first one."""


class OrderSize(NamedTuple):
    """What an order took, as means over all orders unless said otherwise.

    Attributes:
        orders: How many there were.
        rate: Orders started in a second.
        actions: Billable actions by kind.
        cost: Events, workflow tasks, bytes and the like of its history; medians.
        cpu_ms: CPU milliseconds by process, without what the processes use when idle.
        idle_ms: CPU milliseconds that each process uses in a second without orders.
        rows: Rows of the ledger by table.
        table_bytes: Bytes of its rows, as they were written.
        index_bytes: Bytes of its entries in indexes.
        compact_bytes: Bytes of rows and indexes together after the tables were rewritten; 0 if they were not.
        log_bytes: Bytes of the database's write-ahead log.
        commits: Transactions of the database, idle ones included.
        feed_writes: Transactions that write to the feed of events.
        calls: Calls of Orchestra by endpoint.
    """

    orders: int
    rate: float
    actions: Mapping[str, float]
    cost: HistoryCost
    cpu_ms: Mapping[str, float]
    idle_ms: Mapping[str, float]
    rows: Mapping[str, float]
    table_bytes: float
    index_bytes: float
    compact_bytes: float
    log_bytes: float
    commits: float
    feed_writes: float
    calls: Mapping[str, float]


class SizeLoad:
    """Orders on a stack, at a steady pace.

    Args:
        bench: The stack.
        ledger: Returns the size of its ledger; with True after its tables were rewritten.
        database: Process id of the ledger's database server; None for a file.
    """

    def __init__(self, bench: Workbench, ledger: Callable[[bool], LedgerSize], database: int | None = None) -> None:
        self._bench, self._ledger, self._database = bench, ledger, database

    async def measure(self, name: str, *, rate: float, seconds: float, warm_up: float = WARM_UP) -> OrderSize:
        """Run orders for the warm-up and that many seconds more.

        Args:
            name: Part of the references.
            rate: Orders started in a second.
            seconds: Length of the window in which CPU time counts.
            warm_up: Seconds before that window.

        Raises:
            OrdersFailed: An order did not complete.
        """
        idle = await self._cpu_during(_IDLE)
        calls_before, before = await self._calls(), self._ledger(False)
        running = asyncio.create_task(self._run_orders(name, rate, round(rate * (warm_up + seconds))))
        await asyncio.wait([running], timeout=warm_up)
        busy = await self._cpu_during(seconds, running)
        runs = await running
        await self._settle()
        after, compact = self._ledger(False), self._ledger(True) if self._database else None
        calls = await self._calls() - calls_before
        actions, cost = await self._histories(runs)
        count = len(runs)
        return OrderSize(
            orders=count,
            rate=rate,
            actions=actions,
            cost=cost,
            cpu_ms={process: _positive(1000 * (busy[process] - idle[process]) / rate) for process in busy},
            idle_ms={process: round(1000 * used, 1) for process, used in idle.items()},
            rows=_rows_between(before, after, count),
            table_bytes=round((after.table_bytes - before.table_bytes) / count),
            index_bytes=round((after.index_bytes - before.index_bytes) / count),
            compact_bytes=round((compact.total_bytes - before.total_bytes) / count) if compact else 0,
            log_bytes=round((after.log_bytes - before.log_bytes) / count),
            commits=round((after.commits - before.commits) / count, 1),
            feed_writes=round((after.feed_writes - before.feed_writes) / count, 2),
            calls={endpoint: round(number / count, 2) for endpoint, number in sorted(calls.items())},
        )

    async def _run_orders(self, name: str, rate: float, count: int) -> list[OrderRun]:
        async def run(number: int) -> OrderRun:
            return await run_order(self._bench, SHOWPIECES[number % len(SHOWPIECES)], f"bench-{name}-{number}")

        runs = await paced(run, count=count, rate=rate)
        if failed := [run for run in runs if run.error]:
            raise OrdersFailed(f"{len(failed)} of {count} orders did not complete: {failed[0].error}")
        return runs

    async def _cpu_during(self, seconds: float, *also: "asyncio.Task[Any]") -> dict[str, float]:
        """Return the CPU seconds of each process in a second, over that time."""
        before, began = self._cpu(), time.monotonic()
        if also:
            await asyncio.wait(also, timeout=seconds)
        else:
            await asyncio.sleep(seconds)
        took = time.monotonic() - began
        return {name: (used - before[name]) / took for name, used in self._cpu().items() if name in before}

    def _cpu(self) -> dict[str, float]:
        used = cpu_seconds(self._bench.processes)
        return used | ({"postgres": tree_cpu_seconds(process_tree(self._database))} if self._database else {})

    async def _settle(self) -> None:
        """Wait for late rows and notifications."""
        deadline, rows = time.monotonic() + _PATIENCE, -1
        while time.monotonic() < deadline:
            before, rows = rows, sum(self._ledger(False).rows.values())
            if rows == before:
                return
            await asyncio.sleep(_SETTLED)

    async def _calls(self) -> Counter[str]:
        return Counter(call["endpoint"] for call in await self._bench.sandbox.requests())

    async def _histories(self, runs: list[OrderRun]) -> tuple[dict[str, float], HistoryCost]:
        sample = runs[:: max(1, len(runs) // _HISTORIES)]
        found = [await _history(self._bench.temporal.get_workflow_handle(_workflow_id(run))) for run in sample]
        kinds = sorted({kind for actions, _ in found for kind in actions})
        actions = {kind: round(mean(actions[kind] for actions, _ in found), 2) for kind in kinds}
        return actions, HistoryCost(*map(median, zip(*(cost for _, cost in found), strict=True)))


def _workflow_id(run: OrderRun) -> str:
    return order_workflow_id("default", run.reference)


async def _history(handle: WorkflowHandle[Any, Any]) -> tuple[Counter[str], HistoryCost]:
    description = await handle.describe()
    events = (await handle.fetch_history()).events
    size = description.raw_description.workflow_execution_info.history_size_bytes
    return actions_of(events), cost_of(events, size)


def _rows_between(before: LedgerSize, after: LedgerSize, orders: int) -> dict[str, float]:
    grown = {
        table: rows - before.rows.get(table, 0) for table, rows in after.rows.items() if table not in _QUIET_TABLES
    }
    return {table.removeprefix("baton_"): round(rows / orders, 2) for table, rows in grown.items() if rows > 0}


def _positive(milliseconds: float) -> float:
    return max(0.0, round(milliseconds, 1))
