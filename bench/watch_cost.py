"""What it costs to watch 10 to 10,000 addresses on each chain: calls to the provider, CPU time and memory.

`python bench/watch_cost.py` starts real local nodes on free loopback ports, one for each row of its table, watches
them by the shipped readers, and throws them away. Nodes that are not installed are left out and named.
"""

from dataclasses import dataclass, field
from typing import Annotated

import typer

from baton.cli.errors import DONE, REFUSED, command
from baton.cli.output import print_failure, print_json, print_note, print_table, print_text
from baton.local.nodes.node import NodeError, NodeMissing
from baton.local.stack.processes import until_signal
from baton.process.lifecycle import run_main
from bench.support import watch_report as report
from bench.support.machine import Host, load_average, look_at_host
from bench.support.watched_chains import CHAINS, NO_NODE, Subject
from bench.support.watching import WatchCost, WatchFailed, measure_watch, objections

_NUMBERS = (10, 100, 1_000, 10_000)
_QUICK = (10, 100)
_MOST_ADDRESSES = 20_000


@dataclass(frozen=True)
class Choice:
    """What to measure.

    Attributes:
        subjects: The chains.
        numbers: Addresses to watch, each number in turn.
        looks: Looks at rest.
    """

    subjects: tuple[Subject, ...]
    numbers: tuple[int, ...]
    looks: int


@dataclass
class Findings:
    """What was measured so far.

    Attributes:
        host: The machine.
        costs: A row of figures each.
        left_out: Why a chain is not measured, or no further.
        failed: What did not work.
    """

    host: Host
    costs: list[WatchCost] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


async def measure(choice: Choice) -> Findings:
    """Measure what was chosen, one row after the other."""
    findings = Findings(look_at_host(load_average()), left_out=dict(NO_NODE))
    for subject in choice.subjects:
        for number in choice.numbers:
            if subject not in findings.left_out:
                await _measure_one(subject, number, choice.looks, findings)
    return findings


async def _measure_one(subject: Subject, number: int, looks: int, findings: Findings) -> None:
    chain = CHAINS[subject]
    if chain.most is not None and number > chain.most:
        findings.left_out[subject] = chain.why
        return
    print_note(f"{subject}: {number:,} addresses ...")
    try:
        findings.costs.append(await measure_watch(subject, number, looks))
    except NodeMissing as error:
        findings.left_out[subject] = f"left out: {error}"
    except (NodeError, WatchFailed) as error:
        findings.failed.append(f"{number:,} addresses: {error}")


def _show(findings: Findings) -> None:
    if findings.costs:
        print_table(report.watch_table(findings.costs))
        print_text(report.NOTES + "\n")
        print_text(report.growth_notes(findings.costs) + "\n")
    print_text(report.left_out_notes(findings.left_out))
    print_text(report.host_text(findings.host))


def _judge(findings: Findings, *, as_json: bool) -> int:
    complaints = findings.failed + objections(findings.costs)
    for complaint in complaints:
        print_failure("benchmark", complaint, {}, as_json=as_json)
    return REFUSED if complaints else DONE


@command
def main(
    only: Annotated[
        list[Subject] | None, typer.Option(help="Measure this alone; repeatable.", show_default="all")
    ] = None,
    addresses: Annotated[
        list[int] | None,
        typer.Option(min=1, max=_MOST_ADDRESSES, help="Addresses; repeatable.", show_default="10, 100, 1000, 10000"),
    ] = None,
    looks: Annotated[int, typer.Option(min=1, max=50, help="Looks at rest whose median is told.")] = 5,
    quick: Annotated[bool, typer.Option("--quick", help="10 and 100 addresses alone.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, instead of a table.")] = False,
) -> int:
    """Measure what it costs to watch addresses: calls to the provider, CPU time and memory.

    Exits 0 when everything was measured and every payment was told; 1 when not, or when on an EVM chain calls grow with
    the addresses by more than whole batches, or CPU time takes a tenth of the time between polls.
    """
    numbers = tuple(sorted(addresses or (_QUICK if quick else _NUMBERS)))
    choice = Choice(tuple(only or Subject), numbers, looks)

    async def run() -> int:
        findings = await until_signal(measure(choice))
        if as_json:
            for record in report.watch_records(findings.costs, findings.left_out, findings.host):
                print_json(record)
        else:
            _show(findings)
        return _judge(findings, as_json=as_json)

    return run_main(run())


if __name__ == "__main__":
    typer.run(main)
