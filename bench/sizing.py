"""What one order takes: actions, events, bytes, rows, CPU time, calls; docs/sizing.md computes with it.

`make bench BENCH=sizing` starts throw-away stacks on free loopback ports, one with its ledger on PostgreSQL and one on
SQLite, and writes `docs/results/sizing.{json,md}`.
"""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from baton.cli.errors import DONE, REFUSED, command
from baton.cli.output import print_failure, print_json, print_note, print_table, print_text
from baton.local.stack.interruption import until_signal
from baton.process.lifecycle import run_main
from bench.support import order_size_report as report
from bench.support.bytecode import objection
from bench.support.contestants import postgres_binaries
from bench.support.endpoint_fleet import EndpointFleet, fleet_server, write_eager_endpoints
from bench.support.ledger_size import postgres_size, sqlite_size
from bench.support.machine import Machine, describe_machine, load_average
from bench.support.order_size import OrdersFailed, OrderSize, SizeLoad
from bench.support.report import machine_text, plain_table
from bench.support.results import RESULTS, command_line, now, write_results
from bench.support.workbench import workbench
from tests.postgres import PostgresUnavailable, PrivatePostgres, private_postgres

STEP = 1.5
"""Seconds between two statuses of an order: more than the gateway's window, as at Orchestra."""

_SQLITE_SECONDS = 12.0
"""Without a warm-up: of this case only rows and bytes count."""

_DURABLE = {"fsync": "on", "full_page_writes": "on", "shared_buffers": "128MB"}
"""PostgreSQL's own defaults, in place of those that make tests fast."""


@dataclass(frozen=True)
class SizingResults:
    """What was measured, and where; sizes by the name of the case."""

    machine: Machine
    load_before: float | None
    sizes: dict[str, OrderSize]


async def measure(*, rate: float, seconds: float, sqlite: bool) -> SizingResults:
    """Measure orders on PostgreSQL without and with endpoints that are notified, and on SQLite if that is wanted.

    Raises:
        StackError: A stack could not be started, or a part of it died.
        PostgresUnavailable: The machine has no PostgreSQL.
        OrdersFailed: An order did not complete.
    """
    load_before, sizes = load_average(), dict[str, OrderSize]()
    with private_postgres(postgres_binaries(), **_DURABLE) as server:
        machine, sizes[report.POSTGRES] = await _on_postgres(server, load_before, rate, seconds)
        async with _notified_apps() as endpoints:
            _, sizes[report.NOTIFIED] = await _on_postgres(server, load_before, rate, seconds, endpoints)
    if sqlite:
        sizes[report.SQLITE] = await _on_sqlite(rate)
    return SizingResults(machine, load_before, sizes)


async def _on_postgres(
    server: PrivatePostgres, load_before: float | None, rate: float, seconds: float, endpoints: Path | None = None
) -> tuple[Machine, OrderSize]:
    assert server.process is not None
    url = server.create_database()
    file = str(endpoints) if endpoints else ""
    async with workbench(say=_note, step=STEP, BATON_LEDGER_URL=url, BATON_ENDPOINTS_FILE=file) as bench:
        load = SizeLoad(bench, lambda compact: postgres_size(url, compact=compact), server.process.pid)
        _note(f"{rate:g} orders a second, ledger on PostgreSQL{', with endpoints' if endpoints else ''}")
        size = await bench.run(load.measure("postgres", rate=rate, seconds=seconds))
        return await describe_machine(bench.temporal, load_before), size


async def _on_sqlite(rate: float) -> OrderSize:
    async with workbench(say=_note, step=STEP) as bench:
        file = Path(bench.stack.plan.environment["BATON_LEDGER_URL"].removeprefix("sqlite:///"))
        _note(f"{rate:g} orders a second, ledger on SQLite")
        load = SizeLoad(bench, lambda _: sqlite_size(file))
        return await bench.run(load.measure("sqlite", rate=rate, seconds=_SQLITE_SECONDS, warm_up=0))


@asynccontextmanager
async def _notified_apps() -> AsyncIterator[Path]:
    """Run apps that accept every notification; yield the file that names their endpoints."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        async with fleet_server(EndpointFleet()) as url:
            file = Path(folder) / "endpoints.toml"
            write_eager_endpoints(file, url, *(f"app-{number}" for number in range(report.ENDPOINTS)))
            yield file


def _note(text: str) -> None:
    print_note(f"{text} ...")


@command
def main(
    rate: Annotated[float, typer.Option(min=0.5, max=100, help="Orders started in a second.")] = 4.0,
    seconds: Annotated[float, typer.Option(min=2, max=600, help="Seconds in which CPU time counts.")] = 12.0,
    sqlite: Annotated[bool, typer.Option(help="Measure a ledger on SQLite too.")] = True,
    results: Annotated[Path, typer.Option(help="Folder for sizing.json and sizing.md.")] = RESULTS,
    keep: Annotated[bool, typer.Option(help="Write the results to that folder.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
) -> int:
    """Measure what one order takes of Temporal, of the ledger, of the processes and of Orchestra.

    Exits 0 if everything was measured, 1 if an order did not complete, if bytecode is not compiled or there is no
    PostgreSQL, 3 if no stack could be started.
    """
    hindrance = objection()
    if hindrance:
        print_failure("benchmark", hindrance, {}, as_json=as_json)
        return REFUSED

    async def run() -> int:
        try:
            found = await until_signal(measure(rate=rate, seconds=seconds, sqlite=sqlite))
        except (OrdersFailed, PostgresUnavailable) as error:
            print_failure("benchmark", str(error), {}, as_json=as_json)
            return REFUSED
        _report(found, results if keep else None, as_json=as_json)
        return DONE

    return run_main(run())


def _report(found: SizingResults, folder: Path | None, *, as_json: bool) -> None:
    line = command_line("sizing")
    document = report.document(found.sizes, line, found.machine._asdict(), now())
    if folder is not None:
        page = report.page(found.sizes, line, machine_text(found.machine, "PostgreSQL or SQLite"), found.load_before)
        for path in write_results(folder, "sizing", document, page):
            _note(f"wrote {path}")
    if as_json:
        print_json(document)
    else:
        print_table(plain_table("What one order takes", report.head(found.sizes), report.rows_of(found.sizes)))
        print_text(report.NOTES)


if __name__ == "__main__":
    typer.run(main)
