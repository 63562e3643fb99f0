"""Many open orders: memory of worker and server, a restart of the worker, and webhooks with all of them open.

`make bench BENCH=open_orders` starts a throw-away stack on free loopback ports, and writes
`docs/results/open_orders.{json,md}`. Placing 10,000 orders takes about five minutes on two cores.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from baton.cli.errors import DONE, REFUSED, command
from baton.cli.output import print_failure, print_json, print_note, print_table, print_text
from baton.errors import BatonError
from baton.local.stack.interruption import until_signal
from baton.process.lifecycle import run_main
from baton.settings import Settings
from bench.support import open_report as report
from bench.support.bytecode import objection
from bench.support.machine import Machine, describe_machine, load_average
from bench.support.naive_memory import naive_worker_bytes
from bench.support.open_load import OpenOrders, WaitingOrders
from bench.support.orders import OrderNotPlaced
from bench.support.report import machine_text, plain_table
from bench.support.results import RESULTS, command_line, now, write_results
from bench.support.workbench import workbench

_DEFAULT_CACHE: int = Settings.model_fields["workflow_cache"].default
_FEWEST = 100


@dataclass(frozen=True)
class OpenOptions:
    """What to measure."""

    numbers: tuple[int, ...]
    cache: int
    seconds: float


@dataclass
class OpenResults:
    """The results so far."""

    load_before: float | None
    naive_bytes: int
    """Bytes of a worker for each open order of the naive workflow."""
    machine: Machine | None = None
    rows: list[OpenOrders] = field(default_factory=list)


async def measure(options: OpenOptions) -> OpenResults:
    """Measure each number of open orders on a stack of its own, because a restart empties the worker's memory.

    Raises:
        StackError: A stack could not be started, or a part of it died.
        OrderNotPlaced: An order got no quote.
        BatonError: An order was refused, or Baton did not answer.
    """
    load_before = load_average()
    async with workbench(say=_note) as bench:
        _note("naive orders, to compare with")
        results = OpenResults(load_before, await bench.run(naive_worker_bytes(bench.temporal)))
    for number in sorted(options.numbers):
        async with workbench(say=_note, coalesce=0, BATON_WORKFLOW_CACHE=str(options.cache)) as bench:
            results.machine = await describe_machine(bench.temporal, results.load_before)
            _note(f"{number:,} open orders")
            results.rows.append(await WaitingOrders(bench, options.cache, options.seconds).measure(number))
    return results


def _note(text: str) -> None:
    print_note(f"{text} ...")


def _show(results: OpenResults) -> None:
    print_table(plain_table("Open orders", report.HEAD, report.rows_of(results.rows)))
    print_text(report.notes(results.naive_bytes))


@command
def main(
    orders: Annotated[
        list[int] | None,
        typer.Option(min=_FEWEST, max=100_000, help="Open orders; repeatable.", show_default="1000"),
    ] = None,
    cache: Annotated[
        int, typer.Option(min=_FEWEST, help="Workflows that the worker keeps in memory: BATON_WORKFLOW_CACHE.")
    ] = _DEFAULT_CACHE,
    seconds: Annotated[float, typer.Option(min=1, max=60, help="Seconds of sending webhooks.")] = 5.0,
    results: Annotated[Path, typer.Option(help="Folder for open_orders.json and open_orders.md.")] = RESULTS,
    keep: Annotated[bool, typer.Option(help="Write the results to that folder.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
) -> int:
    """Measure memory, a restart of the worker and webhooks with many orders open.

    Exits 0 if everything was measured and the worker kept its bound of 600 MB; 1 if not, or if bytecode is not
    compiled; 3 if no stack could be started.
    """
    hindrance = objection()
    if hindrance:
        print_failure("benchmark", hindrance, {}, as_json=as_json)
        return REFUSED
    options = OpenOptions(tuple(orders or (1_000,)), cache, seconds)

    async def run() -> int:
        try:
            found = await until_signal(measure(options))
        except (OrderNotPlaced, BatonError) as error:
            print_failure("benchmark", str(error), {}, as_json=as_json)
            return REFUSED
        return _report(found, results if keep else None, as_json=as_json)

    return run_main(run())


def _report(found: OpenResults, folder: Path | None, *, as_json: bool) -> int:
    assert found.machine
    line = command_line("open_orders")
    document = report.document(found.rows, found.naive_bytes, line, found.machine._asdict(), now())
    if folder is not None:
        page = report.page(found.rows, found.naive_bytes, line, machine_text(found.machine), found.load_before)
        for path in write_results(folder, "open_orders", document, page):
            _note(f"wrote {path}")
    if as_json:
        print_json(document)
    else:
        _show(found)
    complaints = report.objections(found.rows)
    for complaint in complaints:
        print_failure("benchmark", complaint, {}, as_json=as_json)
    return REFUSED if complaints else DONE


if __name__ == "__main__":
    typer.run(main)
