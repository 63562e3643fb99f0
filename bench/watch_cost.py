"""The cost of watching 10 to 100,000 addresses on each chain: calls to the provider, CPU time and memory.

`python bench/watch_cost.py` starts a real local node on free loopback ports for each row of its table, watches it with
the shipped readers, and throws it away. Nodes that are not installed are left out and listed.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from baton.cli.errors import DONE, REFUSED, command
from baton.cli.output import print_failure, print_json, print_note, print_table, print_text
from baton.local.nodes.local_node import NodeError, NodeMissing
from baton.local.stack.interruption import until_signal
from baton.process.lifecycle import run_main
from bench.support import watch_report as report
from bench.support.machine import Host, describe_host, load_average
from bench.support.results import command_line, now, write_results
from bench.support.subjects import CHAINS, NO_NODE, Subject
from bench.support.watch_measurement import WatchCost, WatchFailed, measure_watch, objections

_NUMBERS = (10, 100, 1_000, 10_000)
_QUICK = (10, 100)
_MOST_ADDRESSES = 100_000


@dataclass(frozen=True)
class WatchBenchOptions:
    """What to measure.

    Attributes:
        subjects: The chains.
        numbers: How many addresses to watch, each number in turn.
        polls: Idle polls of each measurement.
    """

    subjects: tuple[Subject, ...]
    numbers: tuple[int, ...]
    polls: int


@dataclass
class WatchBenchResults:
    """The results so far.

    Attributes:
        host: The machine.
        costs: The measurements.
        left_out: Why a chain is not measured, or not with more addresses.
        failed: One sentence for each measurement that failed.
    """

    host: Host
    costs: list[WatchCost] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


async def measure(options: WatchBenchOptions) -> WatchBenchResults:
    """Run the chosen measurements, one after the other."""
    results = WatchBenchResults(describe_host(load_average()), left_out=dict(NO_NODE))
    for subject in options.subjects:
        for number in options.numbers:
            if subject not in results.left_out:
                await _measure_one(subject, number, options.polls, results)
    return results


async def _measure_one(subject: Subject, number: int, polls: int, results: WatchBenchResults) -> None:
    chain = CHAINS[subject]
    if chain.most is not None and number > chain.most:
        results.left_out[subject] = chain.why
        return
    print_note(f"{subject}: {number:,} addresses ...")
    try:
        results.costs.append(await measure_watch(subject, number, polls))
    except NodeMissing as error:
        results.left_out[subject] = f"left out: {error}"
    except (NodeError, WatchFailed) as error:
        results.failed.append(f"{number:,} addresses: {error}")


def _show(results: WatchBenchResults) -> None:
    if results.costs:
        print_table(report.watch_table(results.costs))
        print_text(report.NOTES + "\n")
        print_text(report.growth_notes(results.costs) + "\n")
    print_text(report.left_out_notes(results.left_out))
    print_text(report.host_text(results.host))


def _write(found: WatchBenchResults, folder: Path) -> None:
    line = command_line("watch_cost")
    records = report.watch_records(found.costs, found.left_out, found.host)
    page = report.watch_page(found.costs, found.left_out, found.host, line)
    for path in write_results(folder, "watch_cost", {"command": line, "at": now(), "records": records}, page):
        print_note(f"wrote {path}")


def _report_failures(results: WatchBenchResults, *, as_json: bool) -> int:
    complaints = results.failed + objections(results.costs)
    for complaint in complaints:
        print_failure("benchmark", complaint, {}, as_json=as_json)
    return REFUSED if complaints else DONE


@command
def main(
    only: Annotated[
        list[Subject] | None, typer.Option(help="Measure only this subject; repeatable.", show_default="all")
    ] = None,
    addresses: Annotated[
        list[int] | None,
        typer.Option(
            min=1,
            max=_MOST_ADDRESSES,
            help="How many; repeatable.",
            show_default="10, 100, 1000, 10000",
        ),
    ] = None,
    looks: Annotated[int, typer.Option(min=1, max=50, help="Idle polls, of which the median is shown.")] = 5,
    quick: Annotated[bool, typer.Option("--quick", help="Only 10 and 100 addresses.")] = False,
    results: Annotated[
        Path | None, typer.Option(help="Folder for watch_cost.json and watch_cost.md; default: none are written.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line, instead of a table.")] = False,
) -> int:
    """Measure the cost of watching addresses: calls to the provider, CPU time and memory.

    Exits 0 if everything was measured and every payment was reported. Exits 1 if not, and also if on an EVM chain the
    calls grow with the addresses by more than whole batches, or a poll takes more CPU time than a tenth of the time
    between two polls.
    """
    numbers = tuple(sorted(addresses or (_QUICK if quick else _NUMBERS)))
    options = WatchBenchOptions(tuple(only or Subject), numbers, looks)

    async def run() -> int:
        found = await until_signal(measure(options))
        if results is not None:
            _write(found, results)
        if as_json:
            for record in report.watch_records(found.costs, found.left_out, found.host):
                print_json(record)
        else:
            _show(found)
        return _report_failures(found, as_json=as_json)

    return run_main(run())


if __name__ == "__main__":
    typer.run(main)
