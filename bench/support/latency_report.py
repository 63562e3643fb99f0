"""Reports of the latency benchmark: a page for people, a document for programs, and what exceeds its aim. Pure."""

from collections.abc import Mapping
from typing import Any

from bench.support.figures import Spread
from bench.support.latency_load import Latency
from bench.support.results import heading, markdown_table

MOST_PLACING_MS = 60.0
"""The aim for placing an order at p50, without the partner's own time."""
MOST_ANSWER_MS = 10.0
"""The aim for the answer to a webhook at p50."""
MOST_SIGNALS = 1.5
"""The aim for a webhook's way into the order's state at p50, in times of a bare signal."""

HEAD = ("what", "p50 ms", "p99 ms", "longest ms", "samples")

NOTES = """\
Placed: from the call of the business app until it has the deposit address. Partner: the same quotes, asked of the
sandbox directly. Answered: from sending a webhook until the gateway's 200, when Temporal has it. Applied: from sending
it until a snapshot of the order shows it. Signal: from sending a bare signal until a workflow that does nothing has
handled it, on the same server. Each order gets a webhook every few seconds, so none waits for another. Server, worker,
gateway, sandbox and driver share the machine."""


def rows_of(latency: Latency) -> list[tuple[str, ...]]:
    """Return the table's rows."""
    spreads = {name: value for name, value in latency._asdict().items() if isinstance(value, Spread)}
    return [
        (name, f"{spread.p50_ms:g}", f"{spread.p99_ms:g}", f"{spread.longest_ms:g}", str(spread.size))
        for name, spread in spreads.items()
    ]


def own_placing_ms(latency: Latency) -> float:
    """Return the median of placing an order, without that of the partner, in milliseconds."""
    return round(latency.placed.p50_ms - latency.partner.p50_ms, 1)


def signals(latency: Latency) -> float:
    """Return the median of applying a webhook, in medians of a bare signal."""
    return round(latency.applied.p50_ms / latency.signal.p50_ms, 2)


def verdict(latency: Latency) -> str:
    """Return the three figures that have an aim, with their aims, in a sentence."""
    return (
        f"At {latency.rate:g} a second, p50: an order is placed in {own_placing_ms(latency):g} ms without the "
        f"partner's time (aim {MOST_PLACING_MS:g}), a webhook is answered in {latency.answered.p50_ms:g} ms (aim "
        f"{MOST_ANSWER_MS:g}) and applied in {signals(latency):g} times a bare signal (aim {MOST_SIGNALS:g})."
    )


def objections(latency: Latency) -> list[str]:
    """Return what exceeds its aim, one sentence each."""
    excesses = {
        "placing an order": (own_placing_ms(latency), MOST_PLACING_MS, "ms"),
        "the answer to a webhook": (latency.answered.p50_ms, MOST_ANSWER_MS, "ms"),
        "applying a webhook": (signals(latency), MOST_SIGNALS, "times a bare signal"),
    }
    return [
        f"{what} takes {found:g} {unit} at p50, more than {most:g}"
        for what, (found, most, unit) in excesses.items()
        if found > most
    ]


def page(latency: Latency, command: str, machine: str, load_before: float | None) -> str:
    """Return the results as a Markdown page."""
    top = heading("Latency under a light, steady load", command, machine, load_before)
    return "\n\n".join([top, f"**{verdict(latency)}**", markdown_table(HEAD, rows_of(latency)), NOTES]) + "\n"


def document(latency: Latency, command: str, machine: Mapping[str, Any], at: str) -> dict[str, Any]:
    """Return the results as JSON."""
    spreads = {name: value._asdict() for name, value in latency._asdict().items() if isinstance(value, Spread)}
    figures = {"own_placing_p50_ms": own_placing_ms(latency), "applied_in_signals": signals(latency)}
    return {"command": command, "at": at, "machine": dict(machine), "rate": latency.rate, **figures, **spreads}
