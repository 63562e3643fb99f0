"""Reports and bounds of the read-budget benchmark. Pure."""

from typing import Any

from bench.support.machine import Host
from bench.support.read_budget import BudgetFigures
from bench.support.results import heading, markdown_table

_PARTITIONS = 4
"""Parts of a task queue, each of which may let one read go before its turn."""

HEAD = ("waits for", "urgency", "orders", "reads", "reads a minute", "oldest observation")

NOTES = """\
No webhook arrives. The budget cannot serve all orders at their planned pauses, so that polls wait for their turn.
Everything ran faster by the same factor, budget and pauses alike; the figures are those of the real pace. The oldest
observation is that of the order which was read longest ago, when the run ended. Temporal lets the reads of one second
go at once; at that speed a minute may therefore have more reads than the budget, by a sixtieth of it times the speed,
and one for each of the queue's four partitions. In reality that is six."""


def rows_of(figures: BudgetFigures) -> list[tuple[str, ...]]:
    """Return the table's rows."""
    return [
        (
            row.name,
            str(row.urgency),
            f"{row.orders:,}",
            f"{row.reads:,}",
            f"{row.reads / figures.minutes:.1f}",
            f"{row.oldest:,.0f} s",
        )
        for row in figures.classes
    ]


def summary(figures: BudgetFigures) -> str:
    """Return the figures of the whole account in two sentences."""
    return (
        f"In {figures.minutes:g} minutes, run {figures.speed:g} times as fast, the busiest minute had "
        f"{figures.busiest} reads of a budget of {figures.budget:g}, "
        f"an average one {figures.reads / figures.minutes:.1f}. "
        f"A `refresh` took {figures.refresh or '-'} (p50 / p99, not scaled)."
    )


def objections(figures: BudgetFigures) -> list[str]:
    """Return what does not keep the bounds, one sentence each."""
    urgent, patient = figures.classes
    texts = []
    if figures.busiest > figures.budget + _burst(figures):
        texts.append(f"the busiest minute had {figures.busiest} reads; the budget is {figures.budget:g}")
    if figures.reads > figures.budget * figures.minutes + _burst(figures):
        texts.append(f"{figures.reads} reads in {figures.minutes:g} minutes; the budget is {figures.budget:g} a minute")
    if urgent.oldest > patient.oldest:
        texts.append(
            f"orders that wait for {urgent.name} were read {urgent.oldest:,.0f} s ago, later than less urgent ones"
        )
    return texts


def _burst(figures: BudgetFigures) -> float:
    """Return how many reads a stretch of time may have beyond the budget."""
    return figures.budget / 60 * figures.speed + _PARTITIONS


def page(figures: BudgetFigures, command: str, host: Host) -> str:
    """Return the results as a Markdown page."""
    machine = f"{host.system}, {host.cores} cores, Python {host.python}."
    parts = [heading("A read budget that is too small", command, machine, None), summary(figures)]
    return "\n\n".join([*parts, markdown_table(HEAD, rows_of(figures)), NOTES]) + "\n"


def document(figures: BudgetFigures, command: str, host: dict[str, Any], at: str) -> dict[str, Any]:
    """Return the results as JSON."""
    record = figures._asdict()
    record["classes"] = [row._asdict() for row in figures.classes]
    record["refresh"] = figures.refresh._asdict() if figures.refresh else None
    return {"command": command, "at": at, "host": host, "read_budget": record}
