"""What an order costs, how many a second go through, and how many webhooks the gateway takes.

`python bench/order_cost.py` starts stacks of its own on free loopback ports, loads them for about a minute, and throws
them away. Nothing in the environment can lead it to a server of somebody's own.
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
from baton.local.stack.processes import until_signal
from baton.process.lifecycle import run_main
from bench.support import report
from bench.support.cost import BURST, SILENT, SPACED, UNCOALESCED, Mode, ModeCost, measure_cost
from bench.support.machine import Machine, load_average, look_at_machine
from bench.support.orders import Lived
from bench.support.throughput import Throughput, measure_throughput
from bench.support.webhook_load import WebhookLoad, measure_webhooks, open_targets
from bench.support.workbench import Workbench, workbench

_LONGEST = 300.0
_MOST_ORDERS = 2_000
_MOST_WEBHOOKS = 5_000
"""Bounds of one load, whatever the options say: a benchmark must not become an attack on its own machine."""

_TARGETS = 40
"""Open orders that webhooks are sent for."""

_FORGED_SECONDS = 1.0


class Part(StrEnum):
    """A part of the benchmark."""

    COST = "cost"
    THROUGHPUT = "throughput"
    WEBHOOKS = "webhooks"


@dataclass(frozen=True)
class Choice:
    """What to measure, and for how long."""

    parts: frozenset[Part]
    silent: bool
    orders: int
    concurrency: tuple[int, ...]
    seconds: float
    senders: int
    crowd: int
    webhook_seconds: float


@dataclass
class Findings:
    """What was measured so far."""

    machine: Machine | None = None
    costs: list[ModeCost] = field(default_factory=list)
    throughput: list[Throughput] = field(default_factory=list)
    webhooks: list[WebhookLoad] = field(default_factory=list)

    @property
    def failed(self) -> list[Lived]:
        """Return the orders that did not complete."""
        costs = [one for cost in self.costs for one in cost.failed]
        return costs + [one for load in self.throughput for one in load.failed]

    @property
    def above_ceiling(self) -> list[str]:
        """Return where an order costs more than the design allows, with default settings: webhooks and source."""
        default = [kind for cost in self.costs if cost.mode is not UNCOALESCED for kind in cost.kinds]
        return [f"{kind.mode}, {kind.kind}" for kind in default if not kind.within_ceiling]


async def measure(choice: Choice) -> Findings:
    """Measure what was chosen.

    Raises:
        StackError: A stack could not be started, or a part of it died.
    """
    findings = Findings()
    load_before = load_average()
    async with workbench(say=_note) as bench:
        findings.machine = await look_at_machine(bench.temporal, load_before)
        await bench.attend(_with_silent_orders(bench, choice, findings))
    return findings


async def _with_silent_orders(bench: Workbench, choice: Choice, findings: Findings) -> None:
    """Measure everything while orders that hear no webhook wait in the background: they take a minute."""
    if not (Part.COST in choice.parts and choice.silent):
        await _measure_parts(bench, choice, findings)
        return
    waiting = asyncio.create_task(measure_cost(bench, SILENT, 1))
    try:
        await _measure_parts(bench, choice, findings)
        _note("waiting for the orders without webhooks")
        findings.costs.append(await waiting)
    finally:
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting


async def _measure_parts(bench: Workbench, choice: Choice, findings: Findings) -> None:
    if Part.COST in choice.parts:
        for mode in (BURST, SPACED):
            findings.costs.append(await _cost(bench, mode, choice))
    if Part.THROUGHPUT in choice.parts:
        for concurrency in choice.concurrency:
            findings.throughput.append(await _throughput(bench, choice, concurrency))
    if Part.WEBHOOKS in choice.parts:
        findings.webhooks.append(await _webhooks(bench, choice, choice.crowd))
    if choice.parts & {Part.COST, Part.WEBHOOKS}:
        await _measure_without_coalescing(choice, findings)


async def _measure_without_coalescing(choice: Choice, findings: Findings) -> None:
    async with workbench(say=_note, coalesce=0) as bench:
        await bench.attend(_measure_plain_parts(bench, choice, findings))


async def _measure_plain_parts(bench: Workbench, choice: Choice, findings: Findings) -> None:
    if Part.COST in choice.parts:
        findings.costs.append(await _cost(bench, UNCOALESCED, choice))
    if Part.WEBHOOKS in choice.parts:
        findings.webhooks.append(await _webhooks(bench, choice, choice.senders))
        findings.webhooks.append(await _webhooks(bench, choice, choice.senders, forged=True))


async def _cost(bench: Workbench, mode: Mode, choice: Choice) -> ModeCost:
    _note(f"cost of an order: {mode.explain}")
    return await measure_cost(bench, mode, choice.orders)


async def _throughput(bench: Workbench, choice: Choice, concurrency: int) -> Throughput:
    _note(f"throughput: {concurrency} orders under way")
    return await measure_throughput(bench, concurrency=concurrency, seconds=choice.seconds, most=_MOST_ORDERS)


async def _webhooks(bench: Workbench, choice: Choice, senders: int, *, forged: bool = False) -> WebhookLoad:
    _note(f"webhooks: {senders} senders, window {bench.coalesce:g} s{', forged' if forged else ''}")
    targets = await open_targets(bench, 1 if forged else _TARGETS, "forged" if forged else "genuine")
    seconds = _FORGED_SECONDS if forged else choice.webhook_seconds
    return await measure_webhooks(bench, targets, senders=senders, seconds=seconds, most=_MOST_WEBHOOKS, forged=forged)


def _note(text: str) -> None:
    print_note(f"{text} ...")


def _show(findings: Findings) -> None:
    if findings.costs:
        print_table(report.cost_table(findings.costs))
        print_text(report.cost_notes(findings.costs) + "\n")
    if findings.throughput:
        print_table(report.throughput_table(findings.throughput))
        print_text(report.THROUGHPUT_NOTE)
        print_text("")
    if findings.webhooks:
        print_table(report.webhook_table(findings.webhooks))
        print_text(report.WEBHOOK_NOTE + "\n")
    if findings.machine:
        print_text(report.machine_text(findings.machine))


def _print_records(findings: Findings) -> None:
    for record in _records(findings):
        print_json(record)


def _records(findings: Findings) -> Iterable[report.Record]:
    if findings.machine:
        yield report.machine_record(findings.machine)
    for cost in findings.costs:
        yield from report.cost_records(cost)
    yield from (report.throughput_record(load) for load in findings.throughput)
    yield from (report.webhook_record(load) for load in findings.webhooks)


def _judge(findings: Findings, *, strict: bool, as_json: bool) -> int:
    complaints = [f"order {one.reference} did not complete: {one.error}" for one in findings.failed]
    if strict:
        complaints += [f"an order costs more than the ceiling: {place}" for place in findings.above_ceiling]
    for complaint in complaints:
        print_failure("benchmark", complaint, {}, as_json=as_json)
    return REFUSED if complaints else DONE


@command
def main(
    only: Annotated[
        list[Part] | None, typer.Option(help="Measure this part alone; repeatable.", show_default="all parts")
    ] = None,
    silent: Annotated[
        bool, typer.Option(help="Cost of orders that hear no webhook: they take a minute, beside the rest.")
    ] = True,
    orders: Annotated[int, typer.Option(min=1, max=50, help="Cost: orders of each kind of source.")] = 3,
    concurrency: Annotated[
        list[int] | None,
        typer.Option(min=1, max=200, help="Throughput: orders under way; repeatable.", show_default="4, then 16"),
    ] = None,
    seconds: Annotated[float, typer.Option(min=1, max=_LONGEST, help="Throughput: seconds counted, each time.")] = 8.0,
    senders: Annotated[int, typer.Option(min=1, max=200, help="Webhooks: under way, coalescing off.")] = 16,
    crowd: Annotated[int, typer.Option(min=1, max=500, help="Webhooks: under way, default coalescing.")] = 160,
    webhook_seconds: Annotated[float, typer.Option(min=1, max=60, help="Webhooks: seconds of sending.")] = 4.0,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail where an order costs more than the ceiling, with default settings.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, instead of tables.")] = False,
) -> int:
    """Measure what orders cost, how many a second go through, and how many webhooks the gateway takes.

    Exits 0 when everything was measured and every order completed, 1 when not, 3 when no stack could be started.
    """
    parts = frozenset(only or Part)
    loads = tuple(concurrency or (4, 16))
    choice = Choice(parts, silent, orders, loads, seconds, senders, crowd, webhook_seconds)

    async def run() -> int:
        findings = await until_signal(measure(choice))
        if as_json:
            _print_records(findings)
        else:
            _show(findings)
        return _judge(findings, strict=strict, as_json=as_json)

    return run_main(run())


if __name__ == "__main__":
    typer.run(main)
