"""Reports and bounds of the growth benchmark. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from baton.orchestra.lifecycle import Status
from baton.orders.rules.wait_plans import AWAITING_DEPOSIT, TRACKING
from baton.settings import PartnerAccount, Tracking
from bench.support.growth import Life, LifeCost
from bench.support.machine import Host
from bench.support.results import heading, markdown_table

Costs = Mapping[tuple[Life, Tracking], LifeCost]

MOST_EVENTS = 250
"""Events of an order that lives a week."""

TRACKED: Mapping[Tracking, str] = {"webhooks": "with webhooks", "polls": "without webhooks"}

_SPARE_READS = 30
"""Reads of an order beyond those at the longest pause: short pauses at first, and those that a change asks for."""

_BUDGET: float = PartnerAccount.model_fields["reads_per_second"].default * 60
"""Reads a minute of an account, unless its settings say otherwise."""

_ARTICLE = {Life.HOUR: "an"}

HEAD = (
    "life",
    "news",
    "events",
    "workflow tasks",
    "bytes",
    "runs",
    "actions",
    "reads",
    "reads a minute",
    "orders in the budget",
)

NOTES = f"""\
An order that waits for its deposit for the first half of its life and for the bridge between the chains for the second.
Polls without news leave no events. Webhooks tell an order nothing while nothing changes, so that it polls all the same.
Actions are Temporal Cloud's billable ones; each read is one.
Orders in the budget: how many such orders the {_BUDGET:g} reads a minute of one account serve at the planned pauses;
beyond them polls wait for their turn, the urgent ones first."""


def most_reads(length: timedelta) -> float:
    """Return the most reads of an order that lives that long, from the longest pauses of its two waits."""
    longest = (AWAITING_DEPOSIT.cadence.longest, TRACKING[Status.BRIDGING].cadence.longest)
    return _SPARE_READS + sum(length / 2 / pause for pause in longest)


def rows_of(costs: Costs) -> list[tuple[str, ...]]:
    """Return the table's rows."""
    rows = []
    for (life, tracking), cost in costs.items():
        figures = (cost.events, cost.workflow_tasks, cost.size, cost.runs, cost.actions, cost.reads)
        named = (f"{_ARTICLE.get(life, 'a')} {life}", TRACKED[tracking])
        rows.append((*named, *(f"{figure:,}" for figure in figures), *_pace(life, cost.reads)))
    return rows


def _pace(life: Life, reads: int) -> tuple[str, str]:
    """Return the reads a minute, and how many such orders fit into the budget; a short life has no pace yet."""
    if life is Life.MINUTE:
        return "-", "-"
    rate = reads / (life.length / timedelta(minutes=1))
    return f"{rate:.2f}", f"{_BUDGET / rate:,.0f}" if rate else "any"


def objections(costs: Costs) -> list[str]:
    """Return what does not keep the bounds, one sentence each."""
    texts = []
    for (life, tracking), cost in costs.items():
        if cost.events > MOST_EVENTS:
            texts.append(f"a {life} {TRACKED[tracking]} takes {cost.events} events, more than {MOST_EVENTS}")
        if cost.reads > most_reads(life.length):
            most = f"{most_reads(life.length):,.0f}"
            texts.append(f"a {life} {TRACKED[tracking]} takes {cost.reads} reads; the pauses allow {most}")
    return texts


def page(costs: Costs, command: str, host: Host) -> str:
    """Return the results as a Markdown page."""
    machine = f"{host.system}, {host.cores} cores, Python {host.python}. No figure here depends on the machine."
    parts = [heading("How an order grows with its life", command, machine, None)]
    return "\n\n".join([*parts, markdown_table(HEAD, rows_of(costs)), NOTES]) + "\n"


def document(costs: Costs, command: str, machine: Mapping[str, Any], at: str) -> dict[str, Any]:
    """Return the results as JSON."""
    lives = [{"life": life.value, "tracking": tracking, **cost._asdict()} for (life, tracking), cost in costs.items()]
    return {"command": command, "at": at, "machine": dict(machine), "lives": lives}
