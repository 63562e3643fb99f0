"""Reports of the soak: a table and a page for people, a document for programs. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.support.results import heading, markdown_table
from bench.support.soak_rules import (
    LAG_SLACK,
    MEMORY_NOISE,
    MOST_BYTES_PER_ORDER,
    MOST_LAG_RATIO,
    MOST_OVERDUE,
    Finding,
    LagThirds,
    Point,
)

HEAD = ("what", "figure", "bound", "kept")

NOTES = f"""\
Orders of five kinds on PostgreSQL, their statuses 1.5 s apart, so that each lives about ten seconds.

Capacity is the orders a second that would keep all cores busy, by the CPU that an order takes at a slow pace in all
processes together.

Memory is what each process and its children have for themselves, without shared pages; of each minute the least counts.
Its growth is the slope of the second half by the median of the slopes between all pairs of minutes (Theil-Sen), divided
by the orders that passed.
More than {MOST_BYTES_PER_ORDER:,} bytes for each order would be something kept of orders that have ended: an open order
takes a worker 92,000 bytes, its own state 15,000 of them. Growth below {MEMORY_NOISE / 1e6:g} MB altogether is noise.
Temporal's dev server keeps ended workflows in its caches and the sandbox keeps everything, so these two are only
reported.

A lag is flat if its p99 in the last third of the load is at most {MOST_LAG_RATIO:g} times that of the first third, or
{LAG_SLACK:g} s more. All lags from a change on include the second in which the gateway collects webhooks, those of the
feed also the half second in which a worker collects rows. An order that is under way for more than {MOST_OVERDUE:g} s
should have ended.

The books compared are those of the app, the sandbox, the ledger, Temporal, a reader of the feed and an endpoint. Rates
and times are valid only on this machine."""


@dataclass(frozen=True)
class SoakReport:
    """What a soak found.

    Attributes:
        workers: How many workers ran.
        gateways: How many gateways ran.
        seconds: Length of the load.
        capacity: Orders a second that would keep all cores busy; None if the rate was given.
        rate: Orders started in a second.
        orders: Orders of the load.
        repeats: Notifications that came once more.
        findings: What the verdict looked at.
        memory: Bytes of each process over time.
        lags: The first and last third of each lag, in seconds.
        log_lines: Lines of the logs by level.
        feed_writes: Transactions of one order that wrote to the feed of events.
    """

    workers: int
    gateways: int
    seconds: float
    capacity: float | None
    rate: float
    orders: int
    repeats: int
    findings: Sequence[Finding]
    memory: Mapping[str, Sequence[Point]]
    lags: Mapping[str, LagThirds | None]
    log_lines: Mapping[str, int]
    feed_writes: float

    @property
    def passed(self) -> bool:
        """Whether every finding keeps its bound."""
        return all(finding.passed for finding in self.findings)


def rows_of(report: SoakReport) -> list[tuple[str, ...]]:
    """Return the table's rows."""
    return [(each.what, each.figure, each.bound, _kept(each)) for each in report.findings]


def _kept(finding: Finding) -> str:
    return "-" if finding.bound == "-" else "yes" if finding.passed else "**no**"


def verdict(report: SoakReport) -> str:
    """Return the outcome in a sentence."""
    broken = [finding.what for finding in report.findings if not finding.passed]
    load = (
        f"{report.orders} orders in {report.seconds:g} s, {report.rate:.2f} a second, "
        f"on {report.workers} workers and {report.gateways} gateways"
    )
    capacity = f", half of {report.capacity:.1f}" if report.capacity else ""
    if broken:
        return f"Failed: {load}{capacity}: {', '.join(broken)}."
    return f"Passed: {load}{capacity}: memory flat, lags flat, nothing lost or doubled."


def page(report: SoakReport, command: str, machine: str, load_before: float | None) -> str:
    """Return the results as a Markdown page."""
    minutes = _memory_table(report.memory, report.seconds)
    parts = [
        heading("Soak: half of capacity for a while", command, machine, load_before),
        f"**{verdict(report)}**",
        markdown_table(HEAD, rows_of(report)),
        NOTES,
        "Memory over time, in MB:",
        minutes,
        f"Notifications that came once more, as they may: {report.repeats}. Transactions of one order that wrote to "
        f"the feed: {report.feed_writes:g}. Lines in the logs by level: "
        f"{', '.join(f'{level} {count}' for level, count in sorted(report.log_lines.items())) or 'none'}.",
    ]
    return "\n\n".join(parts) + "\n"


_COLUMNS = 10


def _memory_table(memory: Mapping[str, Sequence[Point]], seconds: float) -> str:
    times = [seconds * part / _COLUMNS for part in range(1, _COLUMNS + 1)]
    rows = [(name, *(_megabytes(points, at) for at in times)) for name, points in memory.items()]
    return markdown_table(("after s", *(f"{at:.0f}" for at in times)), rows)


def _megabytes(points: Sequence[Point], at: float) -> str:
    return f"{min(points, key=lambda point: abs(point.at - at)).value / 1e6:.0f}"


def document(report: SoakReport, command: str, machine: Mapping[str, Any], at: str) -> dict[str, Any]:
    """Return the results as JSON, with every sample of memory."""
    figures = {name: value for name, value in vars(report).items() if name not in ("findings", "memory", "lags")}
    return {
        "command": command,
        "at": at,
        "machine": dict(machine),
        "passed": report.passed,
        **figures,
        "findings": [finding._asdict() for finding in report.findings],
        "lags": {name: thirds and thirds._asdict() for name, thirds in report.lags.items()},
        "memory": {
            name: [[round(point.at, 1), point.value] for point in points] for name, points in report.memory.items()
        },
    }
