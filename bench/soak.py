"""Half of capacity for ten minutes, on PostgreSQL with two workers and two gateways: is memory flat, is anything lost?

`make bench BENCH=soak` starts a throw-away fleet on free loopback ports, finds out what the machine can do, loads it
with half of that, and writes `docs/results/soak.{json,md}`. It exits 1 if a figure does not keep its bound.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from baton.cli.errors import DONE, REFUSED, command
from baton.cli.output import print_failure, print_json, print_note, print_table, print_text
from baton.ledger.ledger import Ledger
from baton.local.stack.interruption import until_signal
from baton.process.lifecycle import run_main
from bench.fleet import Fleet, running_fleet
from bench.support import soak_report
from bench.support.bytecode import objection
from bench.support.endpoint_fleet import EndpointFleet, fleet_server, write_eager_endpoints
from bench.support.machine import Machine, describe_machine, load_average
from bench.support.report import machine_text, plain_table
from bench.support.results import RESULTS, command_line, now, write_results
from bench.support.soak_books import SoakBooks, feed_faults, order_faults, repeats
from bench.support.soak_load import FeedReader, SoakLoad, SoakRecord, following
from bench.support.soak_reading import ENDPOINT, feed_writes, lags_from, log_faults, read_books
from bench.support.soak_report import SoakReport
from bench.support.soak_rules import (
    Finding,
    Point,
    count_finding,
    lag_finding,
    memory_findings,
    overdue_finding,
    thirds_of,
)
from tests.postgres import PostgresUnavailable

STEP = "1.5"
"""Seconds between two statuses of an order: more than the gateway's window, as at Orchestra."""

_QUIET = 3.0
"""Seconds after the last order for what it left to do, before everything is read at once."""

_DURABLE = {"fsync": "on", "full_page_writes": "on", "shared_buffers": "128MB"}
"""PostgreSQL's own defaults, in place of those that make tests fast."""


@dataclass(frozen=True)
class SoakOptions:
    """How long and how hard.

    Attributes:
        seconds: Length of the load.
        rate: Orders started in a second; None for a share of the capacity, which is found first.
        share: The share of the capacity.
        capacity_seconds: How long the capacity is measured.
        workers: How many workers.
        gateways: How many gateways.
        every: Seconds between two samples.
    """

    seconds: float = 600.0
    rate: float | None = None
    share: float = 0.5
    capacity_seconds: float = 30.0
    workers: int = 2
    gateways: int = 2
    every: float = 5.0


async def soak(options: SoakOptions) -> tuple[Machine, SoakReport]:
    """Run the fleet, load it, and judge what came of it.

    Raises:
        StackError: The fleet could not be started.
        PostgresUnavailable: The machine has no PostgreSQL.
    """
    load_before = load_average()
    async with _fleet(options) as (fleet, endpoints), await Ledger.open(fleet.ledger_url) as ledger:
        machine = await describe_machine(fleet.temporal, load_before)
        reader, load = FeedReader(ledger), SoakLoad(fleet, endpoints, _note)
        stage = _Stage(options, load)
        await following(reader, stage.run())
        await asyncio.sleep(_QUIET)
        _note("reading the books of all sides")
        books = await read_books(fleet, ledger, reader, endpoints, load.placed)
        lags = await lags_from(fleet, books, endpoints, stage.record)
        return machine, _judged(options, stage, fleet, books, lags)


class _Stage:
    """The stages of the load: the capacity, if it is not given, then the soak itself."""

    def __init__(self, options: SoakOptions, load: SoakLoad) -> None:
        self._options, self.load = options, load
        self.capacity: float | None = None
        self.rate = options.rate or 0.0
        self.record = SoakRecord()

    async def run(self) -> None:
        options = self._options
        if not options.rate:
            _note(f"finding the capacity, {options.capacity_seconds:g} s")
            self.capacity = await self.load.capacity(options.capacity_seconds)
            self.rate = max(0.5, self.capacity * options.share)
            _note(f"{self.capacity:.1f} orders a second")
        _note(f"{self.rate:.2f} orders a second for {options.seconds:g} s")
        self.record = await self.load.run(rate=self.rate, seconds=options.seconds, every=options.every)


def _judged(
    options: SoakOptions, stage: _Stage, fleet: Fleet, books: SoakBooks, lags: dict[str, list[Point]]
) -> SoakReport:
    own = (*fleet.workers, *fleet.gateways)
    errors, lines = log_faults(fleet.logs, own)
    failed = [f"{run.reference}: {run.error}" for run in stage.load.failed]
    findings: list[Finding] = [
        count_finding("orders that did not complete", failed),
        count_finding("lost, doubled or different", order_faults(books)),
        count_finding("faults of feed and notifications", feed_faults(books)),
        count_finding("errors in the logs", errors),
        overdue_finding(stage.record.overdue),
        *(lag_finding(name, points, options.seconds) for name, points in lags.items()),
        *memory_findings(stage.record.memory, stage.rate, (*own, "postgres")),
    ]
    return SoakReport(
        workers=options.workers,
        gateways=options.gateways,
        seconds=options.seconds,
        capacity=stage.capacity,
        rate=stage.rate,
        orders=len(stage.record.runs),
        repeats=repeats(books.notified),
        findings=findings,
        memory=stage.record.memory,
        lags={name: thirds_of(points, options.seconds) for name, points in lags.items()},
        log_lines=lines,
        feed_writes=feed_writes(books),
    )


@asynccontextmanager
async def _fleet(options: SoakOptions) -> AsyncIterator[tuple[Fleet, EndpointFleet]]:
    endpoints = EndpointFleet()
    with tempfile.TemporaryDirectory(prefix="baton-soak-") as folder:
        async with fleet_server(endpoints) as url:
            file = Path(folder) / "endpoints.toml"
            write_eager_endpoints(file, url, ENDPOINT)
            _note(f"starting {options.workers} workers and {options.gateways} gateways")
            start = partial(running_fleet, workers=options.workers, gateways=options.gateways)
            async with start(
                postgres_options=_DURABLE,
                BATON_SANDBOX_STEP_SECONDS=STEP,
                BATON_ENDPOINTS_FILE=str(file),
                BATON_LOG_FORMAT="json",
            ) as fleet:
                yield fleet, endpoints


def _note(text: str) -> None:
    print_note(f"{text} ...")


@command
def main(
    seconds: Annotated[float, typer.Option(min=20, max=86_400, help="Seconds of the load.")] = 600.0,
    rate: Annotated[
        float | None, typer.Option(min=0.1, max=1_000, help="Orders a second.", show_default="half of capacity")
    ] = None,
    capacity_seconds: Annotated[float, typer.Option(min=5, max=600, help="Seconds in which it is found.")] = 30.0,
    workers: Annotated[int, typer.Option(min=1, max=20, help="Workers.")] = 2,
    gateways: Annotated[int, typer.Option(min=1, max=20, help="Gateways.")] = 2,
    every: Annotated[float, typer.Option(min=0.5, max=600, help="Seconds between two samples.")] = 5.0,
    results: Annotated[Path, typer.Option(help="Folder for soak.json and soak.md.")] = RESULTS,
    keep: Annotated[bool, typer.Option(help="Write the results to that folder.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
) -> int:
    """Load a fleet with half of its capacity, and judge memory, lags, books and logs.

    Exits 0 if every figure keeps its bound; 1 if one does not, if bytecode is not compiled or there is no PostgreSQL; 3
    if the fleet could not be started.
    """
    hindrance = objection()
    if hindrance:
        print_failure("benchmark", hindrance, {}, as_json=as_json)
        return REFUSED
    options = SoakOptions(seconds, rate, 0.5, capacity_seconds, workers, gateways, every)

    async def run() -> int:
        try:
            machine, found = await until_signal(soak(options))
        except PostgresUnavailable as error:
            print_failure("benchmark", str(error), {}, as_json=as_json)
            return REFUSED
        return _report(machine, found, results if keep else None, as_json=as_json)

    return run_main(run())


def _report(machine: Machine, found: SoakReport, folder: Path | None, *, as_json: bool) -> int:
    line = command_line("soak")
    document = soak_report.document(found, line, machine._asdict(), now())
    if folder is not None:
        page = soak_report.page(found, line, machine_text(machine, "PostgreSQL"), machine.load_before)
        for path in write_results(folder, "soak", document, page):
            _note(f"wrote {path}")
    if as_json:
        print_json(document)
    else:
        print_table(plain_table("Soak", soak_report.HEAD, soak_report.rows_of(found)))
        print_text(f"{soak_report.verdict(found)}\n{soak_report.NOTES}")
    return DONE if found.passed else REFUSED


if __name__ == "__main__":
    typer.run(main)
