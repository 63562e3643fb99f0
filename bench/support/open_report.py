"""Reports of the open-orders benchmark. Pure."""

from collections.abc import Sequence
from typing import Any

from bench.support.figures import Spread
from bench.support.open_load import OpenOrders
from bench.support.results import heading, markdown_table

MOST_WORKER_BYTES = 600_000_000
"""The most memory that a worker may need, at any number of open orders."""

HEAD = (
    "open orders",
    "placed in",
    "worker MB",
    "worker kB per order",
    "server MB",
    "server kB per order",
    "webhook answered p50 / p99",
    "webhook to state p50 / p99",
    "query p50 / p99",
    "worker ready",
    "first query",
    "first new order",
    "worker MB then",
)

_NOTES = """\
Orders that wait for their deposits, placed 16 at a time; memory for each order counts from the 50th on, in the worker
only for those that it keeps in memory. Webhooks come to 20 further orders while the others wait, from two senders, each
webhook a signal of its own. The last four columns are those of a restarted worker: seconds from the start of its
process."""


def notes(naive_bytes: int) -> str:
    """Return what the columns are, and what an order that does nothing takes in a worker's memory."""
    naive = f"{naive_bytes / 1e3:,.0f} kB"
    return f"{_NOTES}\n\nA naive workflow that waits for its deposit takes {naive} in the memory of its worker."


def rows_of(results: Sequence[OpenOrders]) -> list[tuple[str, ...]]:
    """Return the table's rows."""
    return [
        (
            f"{row.orders:,}",
            f"{row.placing_seconds:,.0f} s",
            f"{row.after.worker / 1e6:,.0f}",
            f"{row.worker_bytes / 1e3:,.0f}",
            f"{row.after.server / 1e6:,.0f}",
            f"{row.server_bytes / 1e3:,.0f}",
            _spread(row.answer),
            _spread(row.state),
            _spread(row.query),
            f"{row.restart.ready:.1f} s",
            f"{row.restart.query:.1f} s",
            f"{row.restart.placed:.1f} s",
            f"{row.restarted.worker / 1e6:,.0f}",
        )
        for row in results
    ]


def objections(results: Sequence[OpenOrders]) -> list[str]:
    """Return what does not keep the bounds, one sentence each."""
    return [
        f"with {row.orders:,} open orders the worker takes {row.after.worker / 1e6:,.0f} MB, more than "
        f"{MOST_WORKER_BYTES / 1e6:,.0f}; lower BATON_WORKFLOW_CACHE"
        for row in results
        if max(row.after.worker, row.restarted.worker) > MOST_WORKER_BYTES
    ]


def page(results: Sequence[OpenOrders], naive_bytes: int, command: str, machine: str, load_before: float | None) -> str:
    """Return the results as a Markdown page."""
    cache = f"The worker keeps {results[0].cache:,} workflows in memory (`BATON_WORKFLOW_CACHE`)." if results else ""
    head = heading("Many open orders", command, machine, load_before)
    return "\n\n".join([head, markdown_table(HEAD, rows_of(results)), notes(naive_bytes), cache]) + "\n"


def document(
    results: Sequence[OpenOrders], naive_bytes: int, command: str, machine: dict[str, Any], at: str
) -> dict[str, Any]:
    """Return the results as JSON."""
    rows = [_record(row) for row in results]
    return {"command": command, "at": at, "machine": machine, "naive_worker_bytes": naive_bytes, "open_orders": rows}


def _record(row: OpenOrders) -> dict[str, Any]:
    return {name: value._asdict() if hasattr(value, "_asdict") else value for name, value in row._asdict().items()}


def _spread(spread: Spread | None) -> str:
    return str(spread) if spread else "-"
