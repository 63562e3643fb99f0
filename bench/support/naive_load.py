"""The load of the naive floor: a client starts the workflow, signals it six times and awaits its result."""

import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory

from baton.local.child_process import running
from bench.support.crowd import Crowd, ShapeRun
from bench.support.figures import Spread
from bench.support.floor_turn import Contestant, FloorTurn
from bench.support.history import cost_of, lags_of
from bench.support.machine import CpuMarks
from bench.support.naive_order import QUEUE, SIGNALS, NaiveOrderWorkflow
from bench.support.throughput import median_cost, spread_over

_START_SECONDS = 30.0
_ROOT = Path(__file__).parents[2]


class NaiveLoad:
    """Naive orders on a Temporal server.

    Args:
        client: A client of the server.
        processes: Names of the server's and the worker's process, by process id.
    """

    def __init__(self, client: Client, processes: dict[int, str]) -> None:
        self._client, self._processes = client, processes
        self._prefix = f"naive-{time.time_ns()}"

    async def measure(self, under_way: int, seconds: float) -> FloorTurn:
        """Keep that many orders under way and count those that end."""
        marks = CpuMarks(self._processes)
        crowd = Crowd(self._run_one, marks.mark)
        # A prefix for each turn, because each crowd counts from zero.
        self._prefix = f"naive-{time.time_ns()}"
        result = await crowd.measure(under_way, seconds)
        read = [await self._history(run.name) for run in spread_over(result.runs)]
        cost = median_cost([cost_of(history.events, _size(history)) for history in read])
        return FloorTurn(
            contestant=Contestant.FLOOR,
            under_way=under_way,
            seconds=result.seconds,
            orders=len(result.runs),
            cpu_seconds=marks.used,
            events=cost and cost.events,
            workflow_tasks=cost and cost.workflow_tasks,
            history_bytes=cost and cost.history_bytes,
            quote=Spread.of_seconds([_quote_seconds(history) for history in read]),
            state=Spread.of_seconds([lag for history in read for lag in lags_of(history.events)]),
        )

    async def _run_one(self, number: int) -> ShapeRun:
        name = f"{self._prefix}-{number}"
        handle = await self._client.start_workflow(NaiveOrderWorkflow.run, id=name, task_queue=QUEUE)
        for _ in range(SIGNALS):
            await handle.signal(NaiveOrderWorkflow.observe, [change()])
        await handle.result()
        return ShapeRun(name, time.monotonic())

    async def _history(self, name: str) -> WorkflowHistory:
        return await self._client.get_workflow_handle(name).fetch_history()


@asynccontextmanager
async def naive_worker(address: str, namespace: str) -> AsyncIterator[int]:
    """Run the naive orders' worker until the block ends; yield its process id.

    Raises:
        RuntimeError: The worker did not start; its error is on stderr.
    """
    command = [sys.executable, "-m", "bench.support.naive_order", address, namespace]
    async with running(command, pipes=True, show_errors=True) as process:
        if await process.read_line(within=_START_SECONDS) != "ready":
            raise RuntimeError("the worker of the naive floor did not start; see its error above")
        yield process.pid


def change() -> dict[str, Any]:
    """Return a change of status as `lags_of` reads it: with the time of sending, to the millisecond as in a webhook."""
    return {"record": {"updatedAt": datetime.now(UTC).isoformat(timespec="milliseconds")}}


def _size(history: WorkflowHistory) -> int:
    return sum(event.ByteSize() for event in history.events)


def _quote_seconds(history: WorkflowHistory) -> float:
    """Return the seconds from the start to the end of the first activity, by the server's clock."""
    ended = next(e for e in history.events if e.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED)
    started = history.events[0]
    return (ended.event_time.ToDatetime() - started.event_time.ToDatetime()).total_seconds()
