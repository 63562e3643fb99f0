"""How soon many endpoints have the events of orders, beside a dead, a slow and a half-failing one.

`make bench BENCH=notifications` starts a throw-away stack on free loopback ports and writes
`docs/results/notifications.{json,md}`.
"""

import tempfile
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
from bench.support import notification_report as report
from bench.support.bytecode import objection
from bench.support.endpoint_fleet import EndpointFleet, fleet_server, free_port, write_endpoints
from bench.support.machine import Machine, describe_machine, load_average
from bench.support.notification_load import (
    NotificationFigures,
    OrderFeed,
    accepted_by_bad,
    figures_of,
    measure_load,
    until,
    wait_for_dead,
)
from bench.support.report import machine_text, plain_table
from bench.support.results import RESULTS, command_line, now, write_results
from bench.support.workbench import workbench


@dataclass(frozen=True)
class NotificationResults:
    """What was measured, and where."""

    machine: Machine
    load_before: float | None
    figures: NotificationFigures


async def measure(orders: int, rate: float, good: int) -> NotificationResults:
    """Measure on a stack of its own.

    Raises:
        StackError: The stack could not be started, or a part of it died.
    """
    load_before, fleet, dead_port = load_average(), EndpointFleet(), free_port()
    with tempfile.TemporaryDirectory(prefix="baton-bench-endpoints-") as folder:
        file = Path(folder) / "endpoints.toml"
        async with fleet_server(fleet) as url:
            names = write_endpoints(file, url, f"http://127.0.0.1:{dead_port}", good)
            async with workbench(
                say=_note, BATON_ENDPOINTS_FILE=str(file), BATON_NOTIFY_NETWORKS="127.0.0.0/8"
            ) as bench:
                machine = await describe_machine(bench.temporal, load_before)
                async with await Ledger.open(bench.stack.plan.environment["BATON_LEDGER_URL"]) as ledger:
                    await until(partial(_known, ledger, len(names)), patience=60)
                    _note(f"{orders} orders, {rate:g} a second, {len(names)} endpoints")
                    feed = OrderFeed(ledger, good)
                    measuring = _measure(feed, fleet, orders, rate, good, dead_port)
                    return NotificationResults(machine, load_before, await bench.run(measuring))


async def _known(ledger: Ledger, endpoints: int) -> bool:
    return len(await ledger.endpoints.states()) >= endpoints


async def _measure(
    feed: OrderFeed, fleet: EndpointFleet, orders: int, rate: float, good: int, dead_port: int
) -> NotificationFigures:
    await measure_load(feed, fleet, orders=orders, rate=rate)
    got = accepted_by_bad(fleet)
    _note("the dead endpoint is back")
    async with fleet_server(fleet, dead_port):
        await feed(orders)
        seconds = await wait_for_dead(feed, fleet)
    return figures_of(feed, fleet, rate=rate, good=good, back_seconds=seconds, got=got)


def _note(text: str) -> None:
    print_note(f"{text} ...")


@command
def main(
    orders: Annotated[int, typer.Option(min=2, max=10_000, help="Orders.")] = 650,
    rate: Annotated[float, typer.Option(min=0.5, max=100, help="Orders started in a second.")] = 10.0,
    good: Annotated[int, typer.Option(min=1, max=500, help="Good endpoints.")] = 100,
    results: Annotated[Path, typer.Option(help="Folder for notifications.json and notifications.md.")] = RESULTS,
    keep: Annotated[bool, typer.Option(help="Write the results to that folder.")] = True,
    strict: Annotated[bool, typer.Option("--strict", help="Fail if a figure misses its aim.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
) -> int:
    """Measure how soon good endpoints have events, and that a dead one gets all once it is back.

    Exits 0 if everything was measured; 1 if not, if bytecode is not compiled, or if with --strict a figure misses its
    aim; 3 if no stack could be started.
    """
    hindrance = objection()
    if hindrance:
        print_failure("benchmark", hindrance, {}, as_json=as_json)
        return REFUSED

    async def run() -> int:
        found = await until_signal(measure(orders, rate, good))
        return _report(found, results if keep else None, strict=strict, as_json=as_json)

    return run_main(run())


def _report(found: NotificationResults, folder: Path | None, *, strict: bool, as_json: bool) -> int:
    line = command_line("notifications")
    document = report.document(found.figures, line, found.machine._asdict(), now())
    if folder is not None:
        page = report.page(found.figures, line, machine_text(found.machine), found.load_before)
        for path in write_results(folder, "notifications", document, page):
            _note(f"wrote {path}")
    if as_json:
        print_json(document)
    else:
        print_table(plain_table("Notifications", report.HEAD, report.rows_of(found.figures)))
        print_text(f"{report.verdict(found.figures)}\n{report.NOTES}")
    complaints = report.objections(found.figures) if strict else []
    for complaint in complaints:
        print_failure("benchmark", complaint, {}, as_json=as_json)
    return REFUSED if complaints else DONE


if __name__ == "__main__":
    typer.run(main)
