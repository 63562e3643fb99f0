"""Reports of the sizing benchmark: a table and a page for people, a document for programs. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from bench.support.order_size import OrderSize
from bench.support.results import heading, markdown_table

ENDPOINTS = 3
"""Endpoints of the second case: what a single one adds to an order is less than what two runs differ by."""

POSTGRES, NOTIFIED, SQLITE = "PostgreSQL", f"PostgreSQL, {ENDPOINTS} endpoints", "SQLite"
"""The cases."""

_PROCESSES = ("worker", "gateway", "temporal", "postgres")

NOTES = """\
Orders of five kinds at a steady pace, with statuses 1.5 s apart: each order lives about ten seconds, so no poll is
made. Actions are Temporal Cloud's billable ones that leave an event in the order's history; the activity that sends an
order's events to an endpoint runs without a workflow and leaves none: count one more for an order and endpoint at
least. CPU time is without what the processes use when idle, which has rows of its own. Ledger bytes are those on disk
as they were written, with the space of rows that were replaced; compact is after `VACUUM FULL`. CPU time is valid only
on this machine; everything else hardly depends on it."""


def head(sizes: Mapping[str, OrderSize]) -> tuple[str, ...]:
    """Return the table's head."""
    return ("for one order", *sizes)


def rows_of(sizes: Mapping[str, OrderSize]) -> list[tuple[str, ...]]:
    """Return the table's rows: a figure for each case."""
    figures = [dict(_figures(size)) for size in sizes.values()]
    names = dict.fromkeys(name for each in figures for name in each)
    return [(name, *(_text(each.get(name)) for each in figures)) for name in names]


def _figures(size: OrderSize) -> Iterator[tuple[str, float]]:
    yield "orders measured", size.orders
    yield "billable actions", sum(size.actions.values())
    yield from ((f"- {kind}", number) for kind, number in size.actions.items())
    yield "events", size.cost.events
    yield "workflow tasks", size.cost.workflow_tasks
    yield "history bytes", size.cost.history_bytes
    yield from ((f"CPU ms, {name}", size.cpu_ms[name]) for name in _PROCESSES if name in size.cpu_ms)
    yield from (
        (f"CPU ms a second when idle, {name}", size.idle_ms[name]) for name in _PROCESSES if name in size.idle_ms
    )
    yield "ledger rows", sum(size.rows.values())
    yield from ((f"- {table}", number) for table, number in size.rows.items())
    yield "ledger bytes, rows", size.table_bytes
    if size.index_bytes:
        yield "ledger bytes, indexes", size.index_bytes
        yield "ledger bytes, compact", size.compact_bytes
        yield "write-ahead log bytes", size.log_bytes
        yield "transactions", size.commits
    yield "writes to the feed of events", size.feed_writes
    yield "calls of Orchestra", sum(size.calls.values())
    yield from ((f"- {endpoint}", number) for endpoint, number in size.calls.items())


def _text(figure: float | None) -> str:
    if figure is None:
        return "-"
    return f"{figure:,.0f}" if figure >= 1000 else f"{round(figure, 2):g}"


def page(sizes: Mapping[str, OrderSize], command: str, machine: str, load_before: float | None) -> str:
    """Return the results as a Markdown page."""
    table = markdown_table(head(sizes), rows_of(sizes))
    return "\n\n".join([heading("What one order takes", command, machine, load_before), table, NOTES]) + "\n"


def document(sizes: Mapping[str, OrderSize], command: str, machine: Mapping[str, Any], at: str) -> dict[str, Any]:
    """Return the results as JSON."""
    cases = {case: {**size._asdict(), "cost": size.cost._asdict()} for case, size in sizes.items()}
    return {"command": command, "at": at, "machine": dict(machine), "endpoints": ENDPOINTS, "cases": cases}
