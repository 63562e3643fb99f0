"""Latency of placing an order and of a webhook, at a few a second: what a payer waits for, and what Orchestra does.

`make bench BENCH=latency` starts a throw-away stack on free loopback ports and writes `docs/results/latency.{json,md}`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from baton.cli.errors import DONE, REFUSED, command
from baton.cli.output import print_failure, print_json, print_note, print_table, print_text
from baton.errors import BatonError
from baton.local.stack.interruption import until_signal
from baton.orchestra.errors import OrchestraError
from baton.process.lifecycle import run_main
from bench.support import latency_report as report
from bench.support.bytecode import objection
from bench.support.latency_load import Latency, measure_latency
from bench.support.machine import Machine, describe_machine, load_average
from bench.support.orders import OrderNotPlaced
from bench.support.report import machine_text, plain_table
from bench.support.results import RESULTS, command_line, now, write_results
from bench.support.workbench import Workbench, workbench


@dataclass(frozen=True)
class LatencyResults:
    """What was measured, and where."""

    machine: Machine
    load_before: float | None
    latency: Latency


async def measure(count: int, rate: float) -> LatencyResults:
    """Measure on a stack of its own.

    Raises:
        StackError: The stack could not be started, or a part of it died.
        OrderNotPlaced: An order got no quote.
        BatonError: An order was refused, or Baton did not answer.
        OrchestraError: The sandbox refused a quote.
    """
    load_before = load_average()
    async with workbench(say=_note) as bench:
        return await measure_on(bench, count, rate, load_before)


async def measure_on(bench: Workbench, count: int, rate: float, load_before: float | None = None) -> LatencyResults:
    """Measure on a running stack; raises as `measure` does."""
    machine = await describe_machine(bench.temporal, load_before)
    _note(f"{count} samples of each kind, {rate:g} a second")
    return LatencyResults(machine, load_before, await bench.run(measure_latency(bench, count=count, rate=rate)))


def _note(text: str) -> None:
    print_note(f"{text} ...")


@command
def main(
    count: Annotated[int, typer.Option(min=2, max=5_000, help="Samples of each kind.")] = 75,
    rate: Annotated[float, typer.Option(min=0.5, max=50, help="Samples started in a second.")] = 5.0,
    results: Annotated[Path, typer.Option(help="Folder for latency.json and latency.md.")] = RESULTS,
    keep: Annotated[bool, typer.Option(help="Write the results to that folder.")] = True,
    strict: Annotated[bool, typer.Option("--strict", help="Fail if a latency exceeds its aim.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
) -> int:
    """Measure how long placing an order and a webhook take at a few a second.

    Exits 0 if everything was measured; 1 if not, if bytecode is not compiled, or if with --strict a latency exceeds
    its aim; 3 if no stack could be started.
    """
    hindrance = objection()
    if hindrance:
        print_failure("benchmark", hindrance, {}, as_json=as_json)
        return REFUSED

    async def run() -> int:
        try:
            found = await until_signal(measure(count, rate))
        except (OrderNotPlaced, BatonError, OrchestraError) as error:
            print_failure("benchmark", str(error), {}, as_json=as_json)
            return REFUSED
        return _report(found, results if keep else None, strict=strict, as_json=as_json)

    return run_main(run())


def _report(found: LatencyResults, folder: Path | None, *, strict: bool, as_json: bool) -> int:
    line = command_line("latency")
    document = report.document(found.latency, line, found.machine._asdict(), now())
    if folder is not None:
        page = report.page(found.latency, line, machine_text(found.machine), found.load_before)
        for path in write_results(folder, "latency", document, page):
            _note(f"wrote {path}")
    if as_json:
        print_json(document)
    else:
        print_table(plain_table("Latency", report.HEAD, report.rows_of(found.latency)))
        print_text(f"{report.verdict(found.latency)}\n{report.NOTES}")
    complaints = report.objections(found.latency) if strict else []
    for complaint in complaints:
        print_failure("benchmark", complaint, {}, as_json=as_json)
    return REFUSED if complaints else DONE


if __name__ == "__main__":
    typer.run(main)
