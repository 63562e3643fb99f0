"""How the cost of watching is shown: a table for people, JSON objects for programs. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from bench.support.machine import Host
from bench.support.watched_chains import CHAINS, Subject
from bench.support.watcher import Look
from bench.support.watching import WatchCost

Record = dict[str, Any]

_MIB = 1024 * 1024
_FIGURES = (
    "addresses",
    "first look calls", "first look s (CPU)",
    "at rest calls", "calls a minute", "s (CPU ms)",
    "paid", "calls", "s (CPU ms)",
    "cursor bytes", "memory MiB",
)  # fmt: skip

NOTES = (
    "A look goes up to the chain's head; at rest: medians, with the blocks of one poll and nothing paid; paid: 1 % of "
    "the addresses, at most 20.\n"
    "Calls a minute: at the shipped poll_seconds. Memory: what the watching process grew by, at its peak.\n"
    "Chains that go by their finalized mark had 450 blocks above it. Each row had a fresh node: Surfnet answers slowly "
    "after some\n"
    "90 seconds of steady calls, and therefore no look at rest begins later than 20 seconds after the first look."
)


def watch_table(costs: Sequence[WatchCost]) -> Table:
    """Return what watching costs, for each chain and number of addresses."""
    table = Table(title="What watching costs", title_justify="left")
    table.add_column("chain")
    for name in _FIGURES:
        table.add_column(name, justify="right")
    for subject in Subject:
        for one in (cost for cost in costs if cost.subject is subject):
            table.add_row(f"{subject}: {CHAINS[subject].explain}", *_row(one))
        table.add_section()
    return table


def _row(cost: WatchCost) -> list[str]:
    rest, counted = cost.idle, not CHAINS[cost.subject].with_ledger
    calls = [cost.first.calls, rest.calls, cost.calls_per_minute, cost.paid.calls, rest.cursor_bytes]
    first, idle, minute, paid, cursor = [f"{figure:,g}" if counted else "-" for figure in calls]
    return [
        f"{cost.addresses:,}",
        first, f"{cost.first.seconds:.2f} ({cost.first.cpu_seconds:.2f})",
        idle, minute, _time(rest),
        str(cost.payments), paid, _time(cost.paid),
        cursor, f"{cost.memory_bytes / _MIB:.1f}",
    ]  # fmt: skip


def _time(look: Look) -> str:
    return f"{look.seconds:.3f} ({1000 * look.cpu_seconds:,.0f})"


def growth_notes(costs: Sequence[WatchCost]) -> str:
    """Return how calls and CPU at rest grow from the fewest to the most addresses of each chain."""
    lines = []
    for subject in Subject:
        measured = sorted((cost for cost in costs if cost.subject is subject), key=lambda cost: cost.addresses)
        if len(measured) > 1:
            lines.append(_growth(measured[0], measured[-1]))
    return "\n".join(lines)


def _growth(least: WatchCost, most: WatchCost) -> str:
    ratios = {"CPU": most.idle.cpu_seconds / least.idle.cpu_seconds}
    if least.idle.calls:
        ratios = {"calls": most.idle.calls / least.idle.calls, **ratios}
    grown = ", ".join(f"{name} x{ratio:,.3g}" for name, ratio in ratios.items())
    addresses = f"addresses x{most.addresses / least.addresses:,g}"
    return f"{most.subject}, from {least.addresses:,} to {most.addresses:,}: {addresses}, at rest {grown}"


def left_out_notes(left_out: Mapping[str, str]) -> str:
    """Return what was not measured, and why."""
    return "".join(f"{name}: {why}\n" for name, why in left_out.items())


def host_text(host: Host) -> str:
    """Return where the figures were taken, in words."""
    load = "" if host.load_before is None else f", load average {host.load_before} before the run"
    return (
        f"{host.system}, {host.cores} cores{load}; Python {host.python}.\n"
        "Node, watcher and driver share this machine with whatever else runs on it: times hold only here, calls do not "
        "depend on it."
    )


def watch_records(costs: Sequence[WatchCost], left_out: Mapping[str, str], host: Host) -> list[Record]:
    """Return everything as JSON objects: the machine, then the costs, then what was left out."""
    return [
        {"measure": "machine", **host._asdict()},
        *(_record(cost) for cost in costs),
        *({"measure": "left_out", "subject": name, "why": why} for name, why in left_out.items()),
    ]


def _record(cost: WatchCost) -> Record:
    return {
        "measure": "watch_cost",
        "subject": cost.subject.value,
        "chain": cost.spec.name,
        "with_ledger": CHAINS[cost.subject].with_ledger,
        "addresses": cost.addresses,
        "poll_seconds": cost.spec.poll_seconds,
        "first": _look(cost, cost.first),
        "at_rest": _look(cost, cost.idle),
        "looks_at_rest": len(cost.rests),
        "paid": {"payments": cost.payments, "told": cost.paid.told, **_look(cost, cost.paid)},
        "calls_per_minute": None if CHAINS[cost.subject].with_ledger else cost.calls_per_minute,
        "memory_bytes": cost.memory_bytes,
    }


def _look(cost: WatchCost, look: Look) -> Record:
    counted = not CHAINS[cost.subject].with_ledger
    return {
        "calls": look.calls if counted else None,
        "seconds": round(look.seconds, 4),
        "cpu_seconds": round(look.cpu_seconds, 4),
        "cursor_bytes": look.cursor_bytes if counted else None,
    }
