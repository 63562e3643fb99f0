"""Writes the tables of docs/sizing.md from `baton.sizing`: `python -m tests.pages.sizing_page --write`."""

import re
import sys
from collections.abc import Callable, Sequence

import baton.measured_figures as measured
from baton import sizing
from baton.cli.views.sizing import short_figure, storage
from baton.sizing import SizeDocument, Workload
from bench.support.results import markdown_table
from tests.paths import ROOT

PAGE = ROOT / "docs" / "sizing.md"

ORDERS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)
"""Orders a day of the columns."""

Cell = Callable[[SizeDocument], str]

_ROWS: dict[str, Cell] = {
    "orders a second, mean": lambda it: short_figure(it.sizing.orders_per_second),
    "orders a second, peak": lambda it: short_figure(it.sizing.peak_orders_per_second),
    "open orders": lambda it: f"{it.sizing.open_orders:,}",
    "workers": lambda it: f"{it.sizing.processes.workers:,}",
    "memory of each, MB": lambda it: f"{it.sizing.processes.worker_mb:,.0f}",
    "gateways": lambda it: f"{it.sizing.processes.gateways:,}",
    "cores of workers and gateways, peak": lambda it: short_figure(
        it.sizing.processes.worker_cores + it.sizing.processes.gateway_cores
    ),
    "cores of Temporal, peak": lambda it: short_figure(it.sizing.temporal.peak_cores),
    "cores of PostgreSQL, peak": lambda it: short_figure(it.sizing.ledger.peak_cores),
    "histories that Temporal keeps": lambda it: storage(it.sizing.temporal.open_gb + it.sizing.temporal.retained_gb),
    "ledger rows": lambda it: f"{short_figure(it.sizing.ledger.rows / 1e6)} million",
    "ledger on disk": lambda it: storage(it.sizing.ledger.gb),
    "writes to the feed a second, peak": lambda it: short_figure(it.sizing.ledger.peak_feed_writes_per_second),
    "webhooks a second, peak": lambda it: short_figure(it.sizing.orchestra.peak_webhooks_per_second),
    "notifications a second, peak": lambda it: short_figure(it.sizing.peak_notifications_per_second),
    "reads a minute that orders plan": lambda it: short_figure(it.sizing.orchestra.reads_per_minute),
    "polls come so many times as far apart": lambda it: short_figure(1 / it.sizing.orchestra.read_share),
    "actions a second, peak": lambda it: short_figure(it.sizing.temporal.peak_actions_per_second),
    "million actions a month": lambda it: short_figure(it.sizing.temporal.actions_per_month / 1e6),
    "Temporal Cloud, dollars a month": lambda it: f"{it.cloud_dollars_per_month:,.0f}",
}


def workload_table() -> str:
    """Return what each number of orders a day takes, at the defaults of `baton size`."""
    documents = [SizeDocument.of(Workload(orders_per_day=orders)) for orders in ORDERS]
    rows = [(name, *map(cell, documents)) for name, cell in _ROWS.items()]
    return markdown_table(("orders a day", *(f"{orders:,}" for orders in ORDERS)), rows)


def life_table() -> str:
    """Return what the life of an order takes."""
    names = {sizing.LIVES[0].hours: "a minute", 1: "an hour", 24: "a day"}
    rows = [
        (names[life.hours], *(f"{figure:,.0f}" for figure in life[1:]), f"{life.actions - life.reads:,.0f}")
        for life in sizing.LIVES
    ]
    head = ("open for", "events", "history bytes", "actions", "of them reads", "other actions")
    return markdown_table(head, rows)


def order_table() -> str:
    """Return what an order takes of processes and ledger."""
    rows: Sequence[tuple[str, float, float | None]] = (
        ("CPU ms, worker", measured.WORKER_MS, measured.NOTIFIED_WORKER_MS),
        ("CPU ms, gateway", measured.GATEWAY_MS, None),
        ("CPU ms, Temporal", measured.TEMPORAL_MS, measured.NOTIFIED_TEMPORAL_MS),
        ("CPU ms, PostgreSQL", measured.DATABASE_MS, measured.NOTIFIED_DATABASE_MS),
        ("ledger rows", measured.LEDGER_ROWS, sizing.NOTIFIED_ROWS),
        ("ledger bytes", measured.LEDGER_BYTES, measured.NOTIFIED_BYTES),
        ("webhooks", measured.WEBHOOKS, None),
        ("events, each a notification", measured.EVENTS, None),
        ("writes to the feed", sizing.FEED_WRITES, None),
        ("calls that change something", measured.CALLS, None),
        ("actions outside the history", 0, sizing.NOTIFIED_ACTIONS),
    )
    cells = [(name, f"{own:,.5g}", "-" if added is None else f"{added:,.5g}") for name, own, added in rows]
    return markdown_table(("for one order", "", "and for each endpoint"), cells)


def holds_table() -> str:
    """Return what one process, or one core of a server, holds at the peak, and in a day."""
    load = Workload(orders_per_day=1)
    own = {
        "worker": measured.WORKER_MS + measured.NOTIFIED_WORKER_MS,
        "gateway": measured.GATEWAY_MS,
        "core of Temporal": measured.TEMPORAL_MS + measured.NOTIFIED_TEMPORAL_MS,
        "core of PostgreSQL": measured.DATABASE_MS + measured.NOTIFIED_DATABASE_MS,
    }
    rows = []
    for name, milliseconds in own.items():
        peak = 1_000 * sizing.BUSY / milliseconds
        rows.append((name, f"{milliseconds:.0f}", short_figure(peak), f"{round(peak / load.peak * 86_400, -3):,.0f}"))
    return markdown_table(("one", "CPU ms for an order", "orders a second", "orders a day"), rows)


TABLES = {"holds": holds_table, "lives": life_table, "order": order_table, "workloads": workload_table}


def written(page: str) -> str:
    """Return the page with its tables as they should be."""
    for part, table in TABLES.items():
        start = f"<!-- {part}: written by `make docs` -->"
        block = f"{start}\n{table()}\n<!-- end -->"
        page = re.sub(rf"{re.escape(start)}.*?<!-- end -->", lambda _, block=block: block, page, flags=re.DOTALL)
    return page


if __name__ == "__main__":
    content = written(PAGE.read_text(encoding="utf-8"))
    if "--write" in sys.argv:
        PAGE.write_text(content, encoding="utf-8")
    else:
        sys.stdout.write(content)
