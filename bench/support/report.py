"""Reports of the order benchmark: tables for people, JSON objects for programs. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.table import Table

from bench.support.cost import MOST_IN_BURST, MOST_SPACED, ModeCost
from bench.support.figures import Spread
from bench.support.machine import Machine
from bench.support.throughput import Throughput
from bench.support.webhook_load import WebhookLoad

Record = dict[str, Any]


def machine_text(machine: Machine, ledger: str = "SQLite") -> str:
    """Return a description of the machine; `ledger` is the ledger's database."""
    load = "" if machine.load_before is None else f", load average {machine.load_before} before the run"
    return (
        f"{machine.system}, {machine.cores} cores{load}; Python {machine.python}, Temporal dev server "
        f"{machine.temporal_server} on SQLite, Python SDK {machine.temporal_sdk}, ledger on {ledger}.\n"
        "Server, sandbox, worker, gateway and driver share this machine with everything else that runs on it: times "
        "and rates are valid only here, while events, tasks and bytes hardly depend on the machine."
    )


def machine_record(machine: Machine) -> Record:
    """Return the machine, as JSON."""
    return {"measure": "machine", **machine._asdict()}


def cost_table(costs: Iterable[ModeCost]) -> Table:
    """Return the table of the cost of one order."""
    table = _table(
        "Cost of one order in Temporal, median (highest)",
        text=("webhooks", "source"),
        figures=("orders", "events", "workflow tasks", "history bytes", "signals", "activities", "local", "timers"),
    )
    table.add_column("place to result", justify="right")
    table.add_column(f"at most {_both(MOST_IN_BURST)} in a burst, {_both(MOST_SPACED)} else")
    for cost in costs:
        for kind in cost.kinds:
            pairs = [_median_and_worst(*pair) for pair in zip(kind.median, kind.worst, strict=True)]
            ceiling = "yes" if kind.within_ceiling else "no"
            table.add_row(
                kind.mode, kind.kind, str(kind.orders), *pairs, f"{kind.order_seconds:.1f} s", ceiling,
                style=None if kind.within_ceiling else "yellow",
            )  # fmt: skip
        table.add_section()
    return table


def cost_notes(costs: Iterable[ModeCost]) -> str:
    """Return one line on each mode in the cost table."""
    lines = (f"{cost.mode.name}: {cost.mode.explain}; {_lag(cost.lag)}" for cost in costs)
    return "\n".join(lines)


def cost_records(cost: ModeCost) -> list[Record]:
    """Return the cost of orders in one mode as JSON: an object for each kind of source, then one for the lag."""
    kinds = [
        {
            "measure": "order_cost",
            "mode": kind.mode,
            "source": kind.kind,
            "orders": kind.orders,
            "median": kind.median._asdict(),
            "worst": kind.worst._asdict(),
            "order_seconds": kind.order_seconds,
            "within_ceiling": kind.within_ceiling,
        }
        for kind in cost.kinds
    ]
    return [*kinds, {"measure": "status_lag", "mode": cost.mode.name, "change_to_visible": _spread(cost.lag)}]


def throughput_table(loads: Sequence[Throughput]) -> Table:
    """Return the table of throughput."""
    table = _table(
        "Throughput: orders of all five kinds through the whole stack",
        text=(),
        figures=("concurrent", "measured", "completed", "per second", *_LATENCIES),
    )
    table.add_column("CPU ms per order (cores)")
    for load in loads:
        table.add_row(
            str(load.concurrency), f"{load.seconds:g} s", str(load.orders), f"{load.orders_per_second:g}",
            _text(load.quote), _text(load.order), _text(load.lag), "\n".join(_cpu_lines(load)) or "-",
        )  # fmt: skip
        table.add_section()
    return table


_LATENCIES = ("place to quote p50 / p99", "place to result p50 / p99", "change to visible p50 / p99")

THROUGHPUT_NOTE = (
    "The sandbox itself takes 0.4 to 0.5 s for an order, and half a second more to detect a Lightning payment. "
    "Visible: from a change at Orchestra until a snapshot shows it."
)


def _cpu_lines(load: Throughput) -> Iterator[str]:
    for name, used in load.cpu_seconds.items():
        yield f"{name} {load.cpu_ms_per_order[name]:g} ({used / load.seconds:.2f})"


def throughput_record(load: Throughput) -> Record:
    """Return the throughput, as JSON."""
    return {
        "measure": "throughput",
        "concurrency": load.concurrency,
        "seconds": load.seconds,
        "orders": load.orders,
        "orders_per_second": load.orders_per_second,
        "place_to_quote": _spread(load.quote),
        "place_to_result": _spread(load.order),
        "change_to_visible": _spread(load.lag),
        "cost": load.cost._asdict() if load.cost else None,
        "cpu_seconds": load.cpu_seconds,
        "cpu_ms_per_order": load.cpu_ms_per_order,
    }


def webhook_table(loads: Iterable[WebhookLoad]) -> Table:
    """Return the table of webhooks."""
    table = _table(
        "Gateway: webhooks to real open orders",
        text=("webhooks", "window"),
        figures=("senders", "orders", "sent in", "answers", "per second", "answer p50 / p99", "visible p50 / p99"),
    )
    table.add_column("CPU ms per webhook")
    for load in loads:
        answers = ", ".join(f"{count} x {status or 'none'}" for status, count in load.answers.items())
        sent = max(sum(load.answers.values()), 1)
        cpu = ", ".join(f"{name} {1000 * used / sent:.1f}" for name, used in load.cpu_seconds.items() if used)
        table.add_row(
            load.name, f"{load.coalesce:g} s", str(load.senders), str(load.orders), f"{load.seconds:g} s", answers,
            f"{load.per_second:g}", _text(load.answer), _text(load.lag), cpu,
        )  # fmt: skip
    return table


WEBHOOK_NOTE = (
    "Accepted means verified, found in the ledger and stored by Temporal. With a coalescing window, a webhook and "
    "its answer may wait that long for others of the order: senders divided by the window limit the rate, not the CPU."
)


def webhook_record(load: WebhookLoad) -> Record:
    """Return the result of one webhook load, as JSON."""
    spreads = {"answer": _spread(load.answer), "lag": _spread(load.lag)}
    record = {**load._asdict(), **spreads}
    record["change_to_visible"] = record.pop("lag")
    return {"measure": "webhooks", **record}


def plain_table(title: str, head: Iterable[str], rows: Iterable[Sequence[str]]) -> Table:
    """Return a table of texts."""
    table = _table(title, text=head, figures=())
    for row in rows:
        table.add_row(*row)
    return table


def _table(title: str, *, text: Iterable[str], figures: Iterable[str]) -> Table:
    table = Table(title=title, title_justify="left")
    for name in text:
        table.add_column(name)
    for name in figures:
        table.add_column(name, justify="right")
    return table


def _median_and_worst(middle: float, worst: float) -> str:
    return f"{middle:,}" if middle == worst else f"{middle:,} ({worst:,})"


def _text(spread: Spread | None) -> str:
    return str(spread) if spread else "-"


def _lag(spread: Spread | None) -> str:
    return f"change at Orchestra to visible {spread} (p50 / p99 of {spread.size})" if spread else "no webhook came"


def _spread(spread: Spread | None) -> Mapping[str, float] | None:
    return spread._asdict() if spread else None


def _both(ceilings: tuple[int, int]) -> str:
    return " / ".join(map(str, ceilings))
