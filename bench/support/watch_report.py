"""Reports of the watch benchmark: a table for people, JSON objects for programs. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from bench.support.machine import Host
from bench.support.poll_process import PollFigures
from bench.support.results import heading, markdown_table
from bench.support.subjects import CHAINS, Subject
from bench.support.watch_measurement import WatchCost

Record = dict[str, Any]

_MIB = 1024 * 1024
_FIGURES = (
    "addresses",
    "first poll calls", "first poll s (CPU)",
    "idle calls", "KiB", "calls a minute", "s (CPU ms)",
    "paid", "calls", "s (CPU ms)",
    "cursor bytes", "memory MiB",
)  # fmt: skip

NOTES = (
    "A poll goes up to the chain's head. Idle: medians of polls with the blocks of one interval and no payments.\n"
    "Paid: a poll after payments to 1 % of the addresses, at most 20. Calls a minute: at the shipped poll_seconds.\n"
    "KiB: the bodies of a poll's calls, requests and answers.\n"
    "Memory: growth of the watcher process, at its peak. Chains with a finalized block had 450 blocks above it.\n"
    "More than 10,000 reusable addresses on EVM chains and Tron take turns: of 100,000, every tenth scan reads all.\n"
    "Each row had a fresh node. Surfnet answers slowly after some 90 seconds of steady calls, so no idle poll begins\n"
    "later than 20 seconds after the first poll."
)


def watch_rows(costs: Sequence[WatchCost]) -> list[tuple[str, ...]]:
    """Return the table's rows, with the subject first; the first row is the heading."""
    ordered = [cost for subject in Subject for cost in costs if cost.subject is subject]
    return [
        ("chain", *_FIGURES),
        *((f"{cost.subject}: {CHAINS[cost.subject].explain}", *_row(cost)) for cost in ordered),
    ]


def watch_page(costs: Sequence[WatchCost], left_out: Mapping[str, str], host: Host, command: str) -> str:
    """Return the results as a Markdown page."""
    head, *rows = watch_rows(costs)
    machine = f"{host.system}, {host.cores} cores, Python {host.python}."
    title = heading("The cost of watching", command, machine, host.load_before)
    growth = "".join(f"* {line}\n" for line in growth_notes(costs).splitlines())
    missing = "".join(f"* {line}\n" for line in left_out_notes(left_out).splitlines())
    return "\n\n".join([title, markdown_table(head, rows), NOTES, growth.rstrip(), missing.rstrip()]) + "\n"


def watch_table(costs: Sequence[WatchCost]) -> Table:
    """Return the table of the cost of watching, for each chain and number of addresses."""
    table = Table(title="Cost of watching", title_justify="left")
    table.add_column("chain")
    for name in _FIGURES:
        table.add_column(name, justify="right")
    for subject in Subject:
        for cost in costs:
            if cost.subject is subject:
                table.add_row(f"{subject}: {CHAINS[subject].explain}", *_row(cost))
        table.add_section()
    return table


def _row(cost: WatchCost) -> list[str]:
    counted = not CHAINS[cost.subject].with_ledger
    kib = round(cost.idle.traffic_bytes / 1024, 1)
    calls = [cost.first.calls, cost.idle.calls, kib, cost.calls_per_minute, cost.paid.calls, cost.idle.cursor_bytes]
    first, idle, traffic, minute, paid, cursor = [f"{figure:,.6g}" if counted else "-" for figure in calls]
    return [
        f"{cost.addresses:,}",
        first, f"{cost.first.seconds:.2f} ({cost.first.cpu_seconds:.2f})",
        idle, traffic, minute, _time(cost.idle),
        str(cost.payments), paid, _time(cost.paid),
        cursor, f"{cost.memory_bytes / _MIB:.1f}",
    ]  # fmt: skip


def _time(poll: PollFigures) -> str:
    return f"{poll.seconds:.3f} ({1000 * poll.cpu_seconds:,.0f})"


def growth_notes(costs: Sequence[WatchCost]) -> str:
    """Return how calls and CPU time of idle polls grow from the fewest to the most addresses of each chain."""
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
    growth = ", ".join(f"{name} x{ratio:,.3g}" for name, ratio in ratios.items())
    addresses = f"addresses x{most.addresses / least.addresses:,g}"
    return f"{most.subject}, from {least.addresses:,} to {most.addresses:,}: {addresses}, idle {growth}"


def left_out_notes(left_out: Mapping[str, str]) -> str:
    """Return what was not measured, and why."""
    return "".join(f"{name}: {why}\n" for name, why in left_out.items())


def host_text(host: Host) -> str:
    """Return a description of the machine."""
    load = "" if host.load_before is None else f", load average {host.load_before} before the run"
    return (
        f"{host.system}, {host.cores} cores{load}; Python {host.python}.\n"
        "Node, watcher and driver share this machine with everything else that runs on it: times are valid only here, "
        "calls do not depend on the machine."
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
        "first": _poll(cost, cost.first),
        "at_rest": _poll(cost, cost.idle),
        "looks_at_rest": len(cost.idle_polls),
        "paid": {"payments": cost.payments, "told": cost.paid.deposits, **_poll(cost, cost.paid)},
        "calls_per_minute": None if CHAINS[cost.subject].with_ledger else cost.calls_per_minute,
        "memory_bytes": cost.memory_bytes,
    }


def _poll(cost: WatchCost, poll: PollFigures) -> Record:
    counted = not CHAINS[cost.subject].with_ledger
    return {
        "calls": poll.calls if counted else None,
        "traffic_bytes": poll.traffic_bytes if counted else None,
        "seconds": round(poll.seconds, 4),
        "cpu_seconds": round(poll.cpu_seconds, 4),
        "cursor_bytes": poll.cursor_bytes if counted else None,
    }
