"""Reports and bounds of the benchmark of addresses and their deposits. Pure."""

from collections.abc import Sequence
from typing import Any

from bench.support.figures import plain
from bench.support.machine import Host
from bench.support.results import heading, markdown_table
from bench.support.source_load import SourceFigures

HEAD = (
    "case",
    "addresses",
    "deposits",
    "orders",
    "twins",
    "orders/s",
    "events",
    "workflow tasks",
    "activities",
    "history bytes",
    "CPU ms",
    "rows",
)

NOTES = """\
A twin is an order of Orchestra that several workflows track, or that none does. Orders/s: from the first deposit until
the last order has ended, with 16 deposits at once and a thousand of them ahead of their orders; without webhooks this
includes the planned read, at the account's read budget. Events, tasks, activities and bytes: the median of 50 orders.
CPU: milliseconds of the Temporal server and of everything else (worker, gateway, sandbox and driver, which share a
process) for one order. Rows: of the whole ledger for one order."""


def rows_of(figures: Sequence[SourceFigures]) -> list[tuple[str, ...]]:
    """Return the table's rows."""
    return [
        (
            row.case.value,
            f"{row.addresses:,}",
            f"{row.deposits:,}",
            f"{row.orders:,}",
            str(row.twins),
            f"{row.deposits / max(row.seconds, 0.1):.1f}",
            f"{plain(row.cost.events):g}",
            f"{plain(row.cost.workflow_tasks):g}",
            f"{plain(row.cost.activities):g}",
            f"{row.cost.history_bytes:,.0f}",
            " + ".join(f"{used:g}" for used in row.cpu_ms.values()) or "-",
            f"{sum(row.rows.values()) / row.deposits:.1f}",
        )
        for row in figures
    ]


def creation_notes(figures: Sequence[SourceFigures]) -> str:
    """Return what an address costs, one sentence for each case with many."""
    return "\n".join(
        f"{row.addresses:,} addresses were created in {row.create_seconds:g} s: {plain(row.address_cost.events):g} "
        f"events and {plain(row.address_cost.workflow_tasks):g} workflow tasks each, {row.rows['sources']:,} rows."
        for row in figures
        if row.address_cost is not None
    )


def objections(figures: Sequence[SourceFigures]) -> list[str]:
    """Return what is wrong, one sentence each: a deposit without an order, or with two."""
    texts = []
    for row in figures:
        if (row.orders, row.completed) != (row.deposits, row.deposits):
            texts.append(f"{row.case}: {row.deposits} deposits made {row.orders} orders, {row.completed} completed")
        if row.twins:
            texts.append(f"{row.case}: {row.twins} orders of Orchestra have no workflow of their own")
    return texts


def page(figures: Sequence[SourceFigures], command: str, host: Host) -> str:
    """Return the results as a Markdown page."""
    machine = f"{host.system}, {host.cores} cores, Python {host.python}."
    title = heading("Deposits to reusable addresses", command, machine, host.load_before)
    parts = [title, markdown_table(HEAD, rows_of(figures)), creation_notes(figures), NOTES]
    return "\n\n".join(part for part in parts if part) + "\n"


def document(figures: Sequence[SourceFigures], command: str, host: dict[str, Any], at: str) -> dict[str, Any]:
    """Return the results as JSON."""
    records = []
    for row in figures:
        costs = {"cost": row.cost._asdict(), "address_cost": row.address_cost._asdict() if row.address_cost else None}
        records.append({**row._asdict(), "case": row.case.value, **costs})
    return {"command": command, "at": at, "host": host, "sources": records}
