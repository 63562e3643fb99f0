"""The cost of an order, the throughput of orders, and the rate of webhooks that the gateway accepts.

`python bench/order_cost.py` starts its own stacks on free loopback ports, loads them for about a minute, and throws
them away. It ignores variables that name other servers, so it never loads a real one.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

import typer

from baton.cli.errors import DONE, REFUSED, command
from baton.cli.output import print_failure, print_json, print_note, print_table, print_text
from baton.local.stack.interruption import until_signal
from baton.process.lifecycle import run_main
from bench.support import report
from bench.support.cost import BURST, SILENT, SPACED, UNCOALESCED, ModeCost, WebhookMode, measure_cost
from bench.support.machine import Machine, describe_machine, load_average
from bench.support.orders import OrderRun
from bench.support.throughput import Throughput, measure_throughput
from bench.support.webhook_load import WebhookLoad, measure_webhooks, open_targets
from bench.support.workbench import Workbench, workbench

_LONGEST = 300.0
_MOST_ORDERS = 2_000
_MOST_WEBHOOKS = 5_000
"""Limits of one load for all options: a benchmark must not overload its own machine."""

_TARGETS = 40
"""How many open orders the webhooks are about."""

_FORGED_SECONDS = 1.0


class BenchPart(StrEnum):
    """A part of the benchmark."""

    COST = "cost"
    THROUGHPUT = "throughput"
    WEBHOOKS = "webhooks"


@dataclass(frozen=True)
class OrderBenchOptions:
    """What to measure, and for how long."""

    parts: frozenset[BenchPart]
    silent: bool
    orders: int
    concurrency: tuple[int, ...]
    seconds: float
    senders: int
    crowd: int
    webhook_seconds: float


@dataclass
class OrderBenchResults:
    """The results so far."""

    machine: Machine | None = None
    costs: list[ModeCost] = field(default_factory=list)
    throughput: list[Throughput] = field(default_factory=list)
    webhooks: list[WebhookLoad] = field(default_factory=list)

    @property
    def failed(self) -> list[OrderRun]:
        """The orders that did not complete."""
        costs = [run for cost in self.costs for run in cost.failed]
        return costs + [run for load in self.throughput for run in load.failed]

    @property
    def above_ceiling(self) -> list[str]:
        """Webhook mode and source of the orders that cost more than the design allows, with default settings."""
        default = [kind for cost in self.costs if cost.mode is not UNCOALESCED for kind in cost.kinds]
        return [f"{kind.mode}, {kind.kind}" for kind in default if not kind.within_ceiling]


async def measure(options: OrderBenchOptions) -> OrderBenchResults:
    """Run the chosen parts.

    Raises:
        StackError: A stack could not be started, or a part of it died.
    """
    results = OrderBenchResults()
    load_before = load_average()
    async with workbench(say=_note) as bench:
        results.machine = await describe_machine(bench.temporal, load_before)
        await bench.run(_with_silent_orders(bench, options, results))
    return results


async def _with_silent_orders(bench: Workbench, options: OrderBenchOptions, results: OrderBenchResults) -> None:
    """Run all parts while the orders without webhooks wait in the background, because these take a minute."""
    if not (BenchPart.COST in options.parts and options.silent):
        await _measure_parts(bench, options, results)
        return
    waiting = asyncio.create_task(measure_cost(bench, SILENT, 1))
    try:
        await _measure_parts(bench, options, results)
        _note("waiting for the orders without webhooks")
        results.costs.append(await waiting)
    finally:
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting


async def _measure_parts(bench: Workbench, options: OrderBenchOptions, results: OrderBenchResults) -> None:
    if BenchPart.COST in options.parts:
        for mode in (BURST, SPACED):
            results.costs.append(await _cost(bench, mode, options))
    if BenchPart.THROUGHPUT in options.parts:
        for concurrency in options.concurrency:
            results.throughput.append(await _throughput(bench, options, concurrency))
    if BenchPart.WEBHOOKS in options.parts:
        results.webhooks.append(await _webhooks(bench, options, options.crowd))
    if options.parts & {BenchPart.COST, BenchPart.WEBHOOKS}:
        await _measure_without_coalescing(options, results)


async def _measure_without_coalescing(options: OrderBenchOptions, results: OrderBenchResults) -> None:
    async with workbench(say=_note, coalesce=0) as bench:
        await bench.run(_measure_plain_parts(bench, options, results))


async def _measure_plain_parts(bench: Workbench, options: OrderBenchOptions, results: OrderBenchResults) -> None:
    if BenchPart.COST in options.parts:
        results.costs.append(await _cost(bench, UNCOALESCED, options))
    if BenchPart.WEBHOOKS in options.parts:
        results.webhooks.append(await _webhooks(bench, options, options.senders))
        results.webhooks.append(await _webhooks(bench, options, options.senders, forged=True))


async def _cost(bench: Workbench, mode: WebhookMode, options: OrderBenchOptions) -> ModeCost:
    _note(f"cost of an order: {mode.explain}")
    return await measure_cost(bench, mode, options.orders)


async def _throughput(bench: Workbench, options: OrderBenchOptions, concurrency: int) -> Throughput:
    _note(f"throughput: {concurrency} concurrent orders")
    return await measure_throughput(bench, concurrency=concurrency, seconds=options.seconds, most=_MOST_ORDERS)


async def _webhooks(bench: Workbench, options: OrderBenchOptions, senders: int, *, forged: bool = False) -> WebhookLoad:
    _note(f"webhooks: {senders} senders, window {bench.coalesce:g} s{', forged' if forged else ''}")
    targets = await open_targets(bench, 1 if forged else _TARGETS, "forged" if forged else "genuine")
    seconds = _FORGED_SECONDS if forged else options.webhook_seconds
    return await measure_webhooks(bench, targets, senders=senders, seconds=seconds, most=_MOST_WEBHOOKS, forged=forged)


def _note(text: str) -> None:
    print_note(f"{text} ...")


def _show(results: OrderBenchResults) -> None:
    if results.costs:
        print_table(report.cost_table(results.costs))
        print_text(report.cost_notes(results.costs) + "\n")
    if results.throughput:
        print_table(report.throughput_table(results.throughput))
        print_text(report.THROUGHPUT_NOTE)
        print_text("")
    if results.webhooks:
        print_table(report.webhook_table(results.webhooks))
        print_text(report.WEBHOOK_NOTE + "\n")
    if results.machine:
        print_text(report.machine_text(results.machine))


def _print_records(results: OrderBenchResults) -> None:
    for record in _records(results):
        print_json(record)


def _records(results: OrderBenchResults) -> Iterable[report.Record]:
    if results.machine:
        yield report.machine_record(results.machine)
    for cost in results.costs:
        yield from report.cost_records(cost)
    yield from (report.throughput_record(load) for load in results.throughput)
    yield from (report.webhook_record(load) for load in results.webhooks)


def _report_failures(results: OrderBenchResults, *, strict: bool, as_json: bool) -> int:
    complaints = [f"order {run.reference} did not complete: {run.error}" for run in results.failed]
    if strict:
        complaints += [f"an order costs more than the ceiling: {where}" for where in results.above_ceiling]
    for complaint in complaints:
        print_failure("benchmark", complaint, {}, as_json=as_json)
    return REFUSED if complaints else DONE


@command
def main(
    only: Annotated[
        list[BenchPart] | None, typer.Option(help="Run only this part; repeatable.", show_default="all parts")
    ] = None,
    silent: Annotated[
        bool, typer.Option(help="Cost: include orders without webhooks; they take a minute, in the background.")
    ] = True,
    orders: Annotated[int, typer.Option(min=1, max=50, help="Cost: orders of each kind of source.")] = 3,
    concurrency: Annotated[
        list[int] | None,
        typer.Option(min=1, max=200, help="Throughput: concurrent orders; repeatable.", show_default="4, then 16"),
    ] = None,
    seconds: Annotated[float, typer.Option(min=1, max=_LONGEST, help="Throughput: seconds of each measurement.")] = 8.0,
    senders: Annotated[int, typer.Option(min=1, max=200, help="Webhooks: concurrent, coalescing off.")] = 16,
    crowd: Annotated[int, typer.Option(min=1, max=500, help="Webhooks: concurrent, default coalescing.")] = 160,
    webhook_seconds: Annotated[float, typer.Option(min=1, max=60, help="Webhooks: seconds of sending.")] = 4.0,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail if an order costs more than the ceiling, with default settings.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line, instead of tables.")] = False,
) -> int:
    """Measure the cost of an order, the throughput of orders, and the webhooks a second that the gateway accepts.

    Exits 0 if everything was measured and every order completed, 1 if not, 3 if no stack could be started.
    """
    parts = frozenset(only or BenchPart)
    loads = tuple(concurrency or (4, 16))
    options = OrderBenchOptions(parts, silent, orders, loads, seconds, senders, crowd, webhook_seconds)

    async def run() -> int:
        results = await until_signal(measure(options))
        if as_json:
            _print_records(results)
        else:
            _show(results)
        return _report_failures(results, strict=strict, as_json=as_json)

    return run_main(run())


if __name__ == "__main__":
    typer.run(main)
