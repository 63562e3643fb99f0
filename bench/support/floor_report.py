"""Reports of the floor benchmark: a table and a page for people, a document for programs. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from bench.support.contestants import EXPLAIN
from bench.support.floor_turn import Contestant, FloorMedians, FloorTurn, Server, medians_of
from bench.support.results import heading, markdown_table

_SAID = {
    Server.SYNCED: "each write synced to the disk",
    Server.TUNED: "writes synced now and then",
}

SERVERS = """\
* synced: Temporal's dev server with SQLite's own settings, which sync each write to the disk, as the databases of
  production servers do; PostgreSQL likewise, with its own settings, and the poller's file with `synchronous=FULL`
* tuned: the dev server as `make up` starts it, with a write-ahead log that survives a crash of the process; a loss of
  power may cut it short. PostgreSQL and the poller's file likewise"""

HEAD = (
    "server",
    "contestant",
    "under way",
    "orders/s (turns)",
    "ratio to floor",
    "CPU ms per order",
    "of which",
    "events",
    "tasks",
    "bytes",
    "quote p50 / p99 ms",
    "webhook to state p50 / p99 ms",
)

NOTES = """\
Medians of the turns. Quote: from placing the order until its quote is there; at the floor from the start of the
workflow to the end of its first activity. Webhook to state: from the change at Orchestra until a snapshot shows it,
with the second in which Baton collects webhooks; elsewhere from sending a signal until it is applied. The sandbox moves
an order every 20 ms, because the others' signals follow each other without a pause. Server, worker, gateway, sandbox
and driver share the machine."""


def rows_of(medians: Sequence[FloorMedians]) -> list[tuple[str, ...]]:
    """Return the table's rows."""
    return [
        (
            row.server.value,
            row.contestant.value,
            str(row.under_way),
            f"{row.per_second:g} ({row.lowest:g} to {row.highest:g})",
            _figure(row.ratio),
            f"{sum(row.cpu_ms.values()):.1f}" if row.cpu_ms else "-",
            ", ".join(f"{name} {used:g}" for name, used in row.cpu_ms.items()) or "-",
            _figure(row.events),
            _figure(row.workflow_tasks),
            _figure(row.history_bytes),
            _pair(row.quote_p50, row.quote_p99),
            _pair(row.state_p50, row.state_p99),
        )
        for row in medians
    ]


def verdict(medians: Sequence[FloorMedians]) -> str:
    """Return Baton's ratios in a sentence for each server."""
    rows = [row for row in medians if row.contestant is Contestant.BATON and row.ratio]
    ratios = {server: {row.under_way: row.ratio for row in rows if row.server is server} for server in Server}
    sentences = [_sentence(server, of_server) for server, of_server in ratios.items() if of_server]
    silent = [_silent(row) for row in medians if not row.per_second]
    return " ".join([*sentences, *silent]) or "No ratio: Baton and the floor were not both measured."


def _sentence(server: Server, ratios: Mapping[int, float | None]) -> str:
    levels = ", ".join(f"{ratio:.2f} at {level} orders under way" for level, ratio in ratios.items())
    better = max(ratio for ratio in ratios.values() if ratio)
    return f"Baton against the naive floor, {_SAID[server]}: {levels}; {better:.2f} at its better level."


def _silent(row: FloorMedians) -> str:
    return f"{row.contestant.value} ended no order with {row.under_way} under way ({row.server}): there is no ratio."


def page(
    turns: Sequence[FloorTurn], left_out: Mapping[str, str], command: str, machine: str, load_before: float | None
) -> str:
    """Return the results as a Markdown page."""
    medians = medians_of(turns)
    measured = [contestant for contestant in Contestant if contestant in {turn.contestant for turn in turns}]
    parts = [
        heading("Baton against a naive workflow", command, machine, load_before),
        f"**{verdict(medians)}**",
        markdown_table(HEAD, rows_of(medians)),
        NOTES,
        SERVERS,
        "\n".join(f"* {EXPLAIN[contestant]}" for contestant in measured),
        *(f"{name} was left out: {why}." for name, why in left_out.items()),
    ]
    return "\n\n".join(parts) + "\n"


def document(
    turns: Sequence[FloorTurn], left_out: Mapping[str, str], command: str, machine: Mapping[str, Any], at: str
) -> dict[str, Any]:
    """Return the results as JSON: the raw figures of each turn, and the medians."""
    return {
        "command": command,
        "at": at,
        "machine": dict(machine),
        "left_out": dict(left_out),
        "medians": [row._asdict() for row in medians_of(turns)],
        "turns": [_raw(turn) for turn in turns],
    }


def _raw(turn: FloorTurn) -> dict[str, Any]:
    spreads = {name: spread and spread._asdict() for name, spread in (("quote", turn.quote), ("state", turn.state))}
    return {**turn._asdict(), "seconds": round(turn.seconds, 2), **spreads}


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:,g}" if value < 1000 else f"{value:,.0f}"


def _pair(middle: float | None, high: float | None) -> str:
    return "-" if middle is None or high is None else f"{middle:,.0f} / {high:,.0f}"
