"""What encrypting Temporal's payloads costs: the same orders in clear and encrypted, in turns in one run.

`make bench BENCH=encryption` starts two throw-away stacks on free loopback ports and writes
`docs/results/encryption.{json,md}`.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from temporalio.api.history.v1 import HistoryEvent

from baton.cli.errors import DONE, REFUSED, command
from baton.cli.output import print_failure, print_json, print_note, print_table, print_text
from baton.encryption.keys import new_key
from baton.local.stack.interruption import until_signal
from baton.process.lifecycle import run_main
from bench.support import encryption_turns as report
from bench.support.bytecode import objection
from bench.support.codec_cost import codec_cost
from bench.support.encryption_turns import EncryptionCost, figures_of
from bench.support.machine import Machine, describe_machine, load_average
from bench.support.report import machine_text, plain_table
from bench.support.results import RESULTS, command_line, now, write_results
from bench.support.throughput import Throughput, measure_throughput
from bench.support.workbench import Workbench, workbench

_MOST_ORDERS = 5_000
_WARM_UP = 2.0
"""Seconds of a first turn, which does not count: the first orders of a process cost more."""

_SETTLE = 1.0
"""Seconds between two turns, for what the one before left to do."""


class OrdersFailed(Exception):
    """Orders did not complete; the text is the reason of the first one."""


@dataclass(frozen=True)
class EncryptionResults:
    """What was measured, and where."""

    machine: Machine
    load_before: float | None
    cost: EncryptionCost


async def measure(*, turns: int, seconds: float, under_way: int) -> EncryptionResults:
    """Measure both ways in turns.

    Raises:
        StackError: A stack could not be started, or a part of it died.
        OrdersFailed: An order did not complete.
    """
    load_before = load_average()
    async with AsyncExitStack() as stacks:
        clear = await stacks.enter_async_context(workbench(say=_note))
        encrypted = await stacks.enter_async_context(workbench(say=_note, BATON_PAYLOAD_KEYS=new_key("bench")))
        for bench in (clear, encrypted):
            await bench.run(_turn(bench, under_way, _WARM_UP))
        loads: dict[bool, list[Throughput]] = {False: [], True: []}
        for turn in range(1, turns + 1):
            for bench, is_encrypted in ((clear, False), (encrypted, True)):
                _note(f"turn {turn} of {turns}, {'encrypted' if is_encrypted else 'in clear'}")
                loads[is_encrypted].append(await bench.run(_turn(bench, under_way, seconds)))
        in_clear, hidden = (figures_of(loads[is_encrypted], encrypted=is_encrypted) for is_encrypted in (False, True))
        machine = await describe_machine(clear.temporal, load_before)
        codec = await codec_cost(await _a_history(clear))
        return EncryptionResults(machine, load_before, EncryptionCost(in_clear, hidden, codec))


async def _a_history(bench: Workbench) -> Sequence[HistoryEvent]:
    """Return the events of an order that has completed."""
    async for order in bench.temporal.list_workflows(
        "ExecutionStatus = 'Completed' AND WorkflowType = 'OrderWorkflow'"
    ):
        return (await bench.temporal.get_workflow_handle(order.id, run_id=order.run_id).fetch_history()).events
    raise OrdersFailed("no order completed")


async def _turn(bench: Workbench, under_way: int, seconds: float) -> Throughput:
    load = await measure_throughput(bench, concurrency=under_way, seconds=seconds, most=_MOST_ORDERS)
    if load.failed or not load.orders:
        raise OrdersFailed(load.failed[0].error or "?" if load.failed else "no order completed; measure for longer")
    await asyncio.sleep(_SETTLE)
    return load


def _note(text: str) -> None:
    print_note(f"{text} ...")


@command
def main(
    turns: Annotated[int, typer.Option(min=1, max=20, help="Turns of each way.")] = 3,
    seconds: Annotated[float, typer.Option(min=1, max=120, help="Seconds of each turn.")] = 6.0,
    under_way: Annotated[int, typer.Option(min=1, max=200, help="Orders under way at the same time.")] = 16,
    results: Annotated[Path, typer.Option(help="Folder for encryption.json and encryption.md.")] = RESULTS,
    keep: Annotated[bool, typer.Option(help="Write the results to that folder.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
) -> int:
    """Measure what encryption adds to an order: bytes, CPU time, and orders a second.

    Exits 0 if everything was measured, 1 if an order did not complete or bytecode is not compiled, 3 if no stack could
    be started.
    """
    hindrance = objection()
    if hindrance:
        print_failure("benchmark", hindrance, {}, as_json=as_json)
        return REFUSED

    async def run() -> int:
        try:
            found = await until_signal(measure(turns=turns, seconds=seconds, under_way=under_way))
        except OrdersFailed as error:
            print_failure("benchmark", str(error), {}, as_json=as_json)
            return REFUSED
        _report(found, results if keep else None, as_json=as_json)
        return DONE

    return run_main(run())


def _report(found: EncryptionResults, folder: Path | None, *, as_json: bool) -> None:
    line = command_line("encryption")
    document = report.document(found.cost, line, found.machine._asdict(), now())
    if folder is not None:
        page = report.page(found.cost, line, machine_text(found.machine), found.load_before)
        for path in write_results(folder, "encryption", document, page):
            _note(f"wrote {path}")
    if as_json:
        print_json(document)
    else:
        print_table(plain_table("What encryption costs", report.HEAD, report.rows_of(found.cost)))
        print_text(f"{report.verdict(found.cost)}\n{report.NOTES}")


if __name__ == "__main__":
    typer.run(main)
