"""Reports of the notification benchmark: a page for people, a document for programs, and what misses its aim. Pure."""

from collections.abc import Mapping
from typing import Any

from bench.support.endpoint_fleet import SLOW_SECONDS
from bench.support.notification_load import NotificationFigures
from bench.support.results import heading, markdown_table

MOST_WAIT_MS = 1000.0
"""The aim for the time until a good endpoint has an event, at p50."""

HEAD = ("what", "figure")

NOTES = f"""\
Each order belongs to one of the good endpoints' accounts; the slow endpoint ({SLOW_SECONDS:g} s for each event), the
half-failing one (every second request is refused) and the dead one (nobody listens) want the events of all orders. An
order has six events in four writes within two seconds. The time is from the commit of an event in the ledger until the
endpoint has the request. The dead endpoint comes back at the end, and one more order is written. The orders are rows
with their events, written as a worker writes them; no order workflow runs. Server, worker, endpoints and driver share
the machine."""


def rows_of(found: NotificationFigures) -> list[tuple[str, str]]:
    """Return the table's rows."""
    return [
        ("orders a second", f"{found.rate:g}"),
        ("good endpoints", str(found.good)),
        ("events", str(found.events)),
        ("until a good endpoint has an event, p50 ms", f"{found.waited.p50_ms:g}"),
        ("p99 ms", f"{found.waited.p99_ms:g}"),
        ("longest ms", f"{found.waited.longest_ms:g}"),
        ("missing at good endpoints", str(found.good_missing)),
        ("orders out of order at good endpoints", str(found.good_unordered)),
        ("events that the slow endpoint accepted meanwhile", str(found.slow_got)),
        ("events that the half-failing endpoint accepted meanwhile", str(found.half_got)),
        ("seconds until the dead endpoint, back, had all", f"{found.back_seconds:g}"),
        ("missing there", str(found.dead_missing)),
        ("orders out of order there", str(found.dead_unordered)),
        ("events that came there more than once", str(found.dead_repeats)),
    ]


def verdict(found: NotificationFigures) -> str:
    """Return in a sentence whether nothing was lost, and how long good endpoints waited."""
    lost = found.good_missing + found.dead_missing
    return (
        f"Beside a dead, a slow and a half-failing endpoint, {found.good} good ones have an event "
        f"{found.waited.p50_ms:g} ms after its commit at p50 (aim {MOST_WAIT_MS:g}), at {found.rate:g} orders a "
        f"second; {lost} events were lost."
    )


def objections(found: NotificationFigures) -> list[str]:
    """Return what misses its aim, one sentence each."""
    complaints = []
    if found.waited.p50_ms > MOST_WAIT_MS:
        complaints.append(f"good endpoints wait {found.waited.p50_ms:g} ms at p50, more than {MOST_WAIT_MS:g}")
    for what in ("good_missing", "good_unordered", "dead_missing", "dead_unordered"):
        if count := getattr(found, what):
            complaints.append(f"{count} {what.replace('_', ' ')}")
    return complaints


def page(found: NotificationFigures, command: str, machine: str, load_before: float | None) -> str:
    """Return the results as a Markdown page."""
    top = heading("Notifications beside bad endpoints", command, machine, load_before)
    return "\n\n".join([top, f"**{verdict(found)}**", markdown_table(HEAD, rows_of(found)), NOTES]) + "\n"


def document(found: NotificationFigures, command: str, machine: Mapping[str, Any], at: str) -> dict[str, Any]:
    """Return the results as JSON."""
    figures = {**found._asdict(), "waited": found.waited._asdict()}
    return {"command": command, "at": at, "machine": dict(machine), **figures}
