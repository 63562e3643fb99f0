"""Reads what a soak left behind: both sides' books, the lags of its orders, and the errors in the logs."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from baton.ledger.ledger import Ledger
from baton.ledger.rows import EventRow, OrderRow
from baton.orders.names import ORDER_WORKFLOW, order_workflow_id
from bench.fleet import Fleet
from bench.support.endpoint_fleet import EndpointFleet
from bench.support.history import lags_of
from bench.support.soak_books import SoakBooks
from bench.support.soak_load import FeedReader, SoakRecord
from bench.support.soak_rules import Point

ENDPOINT = "app"
"""The endpoint that gets the events of all orders."""

_PAGE = 500
_HISTORIES = 300
_PATIENCE = 60.0
"""Seconds that the last rows and notifications may take after the last order has ended."""
_POLL = 0.5

_CLOSED = "order.closed"


async def read_books(
    fleet: Fleet, ledger: Ledger, reader: FeedReader, endpoints: EndpointFleet, placed: Sequence[str]
) -> SoakBooks:
    """Return both sides' books, once every row is closed and every event notified or that takes too long."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        rows, events = await _rows(ledger), await _events(ledger)
        got = set(endpoints.received[ENDPOINT])
        if len(rows) >= len(placed) and all(row.outcome for row in rows) and all(event.id in got for event in events):
            break
        await asyncio.sleep(_POLL)
    await reader.catch_up()
    completed = f"ExecutionStatus = 'Completed' AND WorkflowType = '{ORDER_WORKFLOW}'"
    return SoakBooks(
        placed=placed,
        orders=await fleet.sandbox.orders(),
        deposits=await fleet.sandbox.deposits(),
        submits=await fleet.sandbox.requests("submit"),
        rows=await _rows(ledger),
        workflows=[order.id async for order in fleet.temporal.list_workflows(completed)],
        events=await _events(ledger),
        read=reader.read,
        notified=endpoints.received[ENDPOINT],
    )


async def _rows(ledger: Ledger) -> list[OrderRow]:
    rows: list[OrderRow] = []
    while page := await ledger.orders(limit=_PAGE, before=rows[-1].workflow_id if rows else None):
        rows += page
    return rows


async def _events(ledger: Ledger) -> list[EventRow]:
    events: list[EventRow] = []
    while page := await ledger.events.after(events[-1].seq or 0 if events else 0, _PAGE):
        events += page
    return events


def feed_writes(books: SoakBooks) -> float:
    """Return how many transactions of one order wrote to the feed, as a mean."""
    writes = {(event.workflow_id, event.written_at) for event in books.events}
    return round(len(writes) / max(1, len(books.placed)), 2)


async def lags_from(
    fleet: Fleet, books: SoakBooks, endpoints: EndpointFleet, record: SoakRecord
) -> dict[str, list[Point]]:
    """Return the lags of the load by what lags, each point at the time of its cause."""
    events = [event for event in books.events if event.occurred_at.timestamp() >= record.began_at]
    return {
        "change at Orchestra to state": await _applied(fleet, record),
        "change to feed of events": [
            _point(record, event.occurred_at, event.written_at) for event in events if event.written_at
        ],
        "feed of events to endpoint": list(_notified(events, endpoints, record)),
        "end at Orchestra to closed row": list(_ended(books, events, record)),
    }


async def _applied(fleet: Fleet, record: SoakRecord) -> list[Point]:
    """Return for each webhook of some orders how long the workflow took to have it, the gateway's window included."""
    points: list[Point] = []
    runs = record.runs
    for number in range(0, len(runs), max(1, len(runs) // _HISTORIES)):
        handle = fleet.temporal.get_workflow_handle(order_workflow_id("default", runs[number].reference))
        at = record.length * number / len(runs)
        points += [Point(at, lag) for lag in lags_of((await handle.fetch_history()).events)]
    return points


def _notified(events: Sequence[EventRow], endpoints: EndpointFleet, record: SoakRecord) -> Iterator[Point]:
    wall = time.time() - time.monotonic()
    for event in events:
        if event.written_at and event.id in endpoints.times:
            written = event.written_at.timestamp()
            yield Point(written - record.began_at, wall + endpoints.times[event.id] - written)


def _ended(books: SoakBooks, events: Sequence[EventRow], record: SoakRecord) -> Iterator[Point]:
    completed = {
        str(order["id"]): datetime.fromisoformat(move["at"])
        for order in books.orders
        for move in order["moves"]
        if move["status"] == "completed"
    }
    order_ids = {row.reference: row.order_id for row in books.rows}
    for event in events:
        at = completed.get(order_ids.get(event.reference) or "")
        if event.type == _CLOSED and event.written_at and at:
            yield _point(record, at, event.written_at)


def _point(record: SoakRecord, cause: datetime, effect: datetime) -> Point:
    return Point(cause.timestamp() - record.began_at, (effect - cause).total_seconds())


def log_faults(logs: Path, processes: Sequence[str]) -> tuple[list[str], Mapping[str, int]]:
    """Return one sentence for each kind of error in the logs, and how many lines there are of each level.

    Args:
        logs: The folder with a log in JSON lines of each process.
        processes: Their names.
    """
    levels: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    for process in processes:
        for line in (logs / f"{process}.log").read_text(encoding="utf-8", errors="replace").splitlines():
            level, text = _level_of(line)
            levels[level] += 1
            if level in ("error", "critical", "no JSON"):
                errors[f"{process}: {text}"] += 1
    return [f"{text} ({times} times)" for text, times in errors.most_common()], levels


def _level_of(line: str) -> tuple[str, str]:
    """Return the level of a line and its text; a line that is no JSON, such as a traceback, counts as an error."""
    try:
        document = json.loads(line)
        return str(document["level"]), str(document["event"])
    except (ValueError, KeyError, TypeError):
        return "no JSON", line[:200]
