"""Baton against the naive floor, in turns in one run; beside them DBOS on PostgreSQL and a hand-written poller.

`make bench BENCH=floor` starts a throw-away stack on free loopback ports, and writes `docs/results/floor.{json,md}`.
"""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from baton.cli.errors import DONE, REFUSED, command
from baton.cli.output import print_failure, print_json, print_note, print_table, print_text
from baton.local.stack.interruption import until_signal
from baton.process.lifecycle import run_main
from bench.support import floor_report as report
from bench.support.bytecode import objection
from bench.support.contestants import Load, Missing, open_contestant
from bench.support.floor_turn import Contestant, FloorTurn, Server, medians_of
from bench.support.machine import Machine, describe_machine, load_average
from bench.support.own_process_load import ContestantFailed
from bench.support.report import machine_text, plain_table
from bench.support.results import RESULTS, busy_warning, command_line, now, write_results
from bench.support.workbench import Workbench, workbench

_LEVELS = (16, 40)
_SETTLE = 1.0
"""Seconds between two turns, for what the one before left to do."""

_STEP = 0.02
"""Seconds between two statuses at the sandbox. The other contestants' signals follow each other without any pause, and
with longer ones a few orders under way would measure the pauses and not the machine."""


@dataclass(frozen=True)
class FloorOptions:
    """What to measure, and for how long."""

    servers: tuple[Server, ...]
    contestants: tuple[Contestant, ...]
    levels: tuple[int, ...]
    turns: int
    seconds: float


@dataclass
class FloorResults:
    """The results so far."""

    load_before: float | None
    machine: Machine | None = None
    turns: list[FloorTurn] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)


async def measure(options: FloorOptions) -> FloorResults:
    """Measure every contestant at every level, in turns.

    Raises:
        StackError: The stack could not be started, or a part of it died.
        ContestantFailed: A contestant did not measure, or an order did not complete.
    """
    results = FloorResults(load_average())
    for server in options.servers:
        async with workbench(say=_note, step=_STEP, synced=server is Server.SYNCED) as bench:
            results.machine = await describe_machine(bench.temporal, results.load_before)
            await bench.run(_measure_all(bench, server, options, results))
    return results


async def _measure_all(bench: Workbench, server: Server, options: FloorOptions, results: FloorResults) -> None:
    async with AsyncExitStack() as stack:
        loads: dict[Contestant, Load] = {}
        for contestant in options.contestants:
            try:
                loads[contestant] = await stack.enter_async_context(open_contestant(contestant, bench, server))
            except Missing as error:
                results.left_out[contestant.value] = str(error)
        for level in options.levels:
            for turn in range(1, options.turns + 1):
                for contestant, load in loads.items():
                    _note(f"{server}, {contestant}: {level} orders under way, turn {turn} of {options.turns}")
                    measured = await load.measure(level, options.seconds)
                    results.turns.append(measured._replace(server=server))
                    await asyncio.sleep(_SETTLE)


def _note(text: str) -> None:
    print_note(f"{text} ...")


def _show(results: FloorResults) -> None:
    medians = medians_of(results.turns)
    print_table(plain_table("Baton against the floor", report.HEAD, report.rows_of(medians)))
    print_text(f"{report.verdict(medians)}\n{report.NOTES}\n{report.SERVERS}")
    if warning := busy_warning(results.load_before):
        print_text(warning)
    for name, why in results.left_out.items():
        print_text(f"{name} was left out: {why}.")


@command
def main(
    server: Annotated[
        list[Server] | None, typer.Option(help="Measure only with writes kept so; repeatable.", show_default="both")
    ] = None,
    only: Annotated[
        list[Contestant] | None, typer.Option(help="Measure only this one; repeatable.", show_default="all")
    ] = None,
    level: Annotated[
        list[int] | None,
        typer.Option(min=1, max=200, help="Orders under way; repeatable.", show_default="16, then 40"),
    ] = None,
    turns: Annotated[int, typer.Option(min=1, max=20, help="Turns of each contestant at each level.")] = 3,
    seconds: Annotated[float, typer.Option(min=1, max=120, help="Seconds of each turn, after 2 s of warm-up.")] = 12.0,
    results: Annotated[Path, typer.Option(help="Folder for floor.json and floor.md.")] = RESULTS,
    keep: Annotated[bool, typer.Option(help="Write the results to that folder.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
) -> int:
    """Measure orders a second, CPU time, events and latency of Baton, of the naive floor, of DBOS and of a poller.

    Exits 0 if everything was measured; 1 if not, or if bytecode is not compiled; 3 if no stack could be started.
    """
    hindrance = objection()
    if hindrance:
        print_failure("benchmark", hindrance, {}, as_json=as_json)
        return REFUSED
    options = FloorOptions(tuple(server or Server), tuple(only or Contestant), tuple(level or _LEVELS), turns, seconds)

    async def run() -> int:
        try:
            found = await until_signal(measure(options))
        except ContestantFailed as error:
            print_failure("benchmark", str(error), {}, as_json=as_json)
            return REFUSED
        _report(found, results if keep else None, as_json=as_json)
        return DONE

    return run_main(run())


def _report(found: FloorResults, folder: Path | None, *, as_json: bool) -> None:
    assert found.machine
    line = command_line("floor")
    document = report.document(found.turns, found.left_out, line, found.machine._asdict(), now())
    if folder is not None:
        page = report.page(found.turns, found.left_out, line, machine_text(found.machine), found.load_before)
        for path in write_results(folder, "floor", document, page):
            _note(f"wrote {path}")
    if as_json:
        print_json(document)
    else:
        _show(found)


if __name__ == "__main__":
    typer.run(main)
