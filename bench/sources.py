"""Reusable addresses at scale: many deposits to one address, and many addresses with a deposit each.

`make bench BENCH=sources` makes 1,000 deposits to one address with webhooks and without, and creates 2,000 addresses;
it writes `docs/results/sources.{json,md}`. It takes eight minutes; `ARGS="--addresses 10000"` takes half an hour.
"""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from baton.cli.errors import DONE, REFUSED, command
from baton.cli.output import print_failure, print_json, print_note, print_table, print_text
from baton.local.stack.interruption import until_signal
from baton.process.lifecycle import run_main
from baton.process.logs import configure_logs
from bench.support import source_report as report
from bench.support.machine import Host, describe_host, load_average
from bench.support.report import plain_table
from bench.support.results import RESULTS, command_line, now, write_results
from bench.support.source_load import SourceCase, SourceFigures, SourceLoad
from tests.end_to_end.world import running_world
from tests.temporal_server import temporal_server

_READS_PER_SECOND = 50.0
"""The read budget, so that finding a thousand orders takes less than a minute."""


async def measure(case: SourceCase, deposits: int) -> SourceFigures:
    """Measure one case on a Temporal server, a sandbox and a ledger of its own."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        async with (
            temporal_server() as environment,
            running_world(environment, Path(folder), reads_per_second=_READS_PER_SECOND, sandboxed=False) as world,
        ):
            return await SourceLoad(world).measure(case, deposits)


@command
def main(
    deposits: Annotated[int, typer.Option(min=0, help="Deposits to one address; 0 leaves these cases out.")] = 1_000,
    addresses: Annotated[int, typer.Option(min=0, help="Addresses with a deposit each; 0 leaves it out.")] = 2_000,
    results: Annotated[Path, typer.Option(help="Folder for sources.json and sources.md.")] = RESULTS,
    keep: Annotated[bool, typer.Option(help="Write the results to that folder.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
) -> int:
    """Measure what deposits to reusable addresses cost, and whether each is exactly one order.

    Exits 0 if every deposit became one order that completed, and no order of Orchestra has two workflows; 1 if not.
    """
    configure_logs("sources", level="error")
    numbers = {
        SourceCase.ONE_ADDRESS: deposits,
        SourceCase.UNREPORTED: deposits,
        SourceCase.MANY_ADDRESSES: addresses,
    }

    async def run() -> int:
        host, found = describe_host(load_average()), []
        for case, number in numbers.items():
            if number:
                print_note(f"{case}: {number:,} ...")
                found.append(await until_signal(measure(case, number)))
        return _report(found, host, results if keep else None, as_json=as_json)

    return run_main(run())


def _report(found: list[SourceFigures], host: Host, folder: Path | None, *, as_json: bool) -> int:
    line = command_line("sources")
    document = report.document(found, line, host._asdict(), now())
    if folder is not None:
        for path in write_results(folder, "sources", document, report.page(found, line, host)):
            print_note(f"wrote {path}")
    if as_json:
        print_json(document)
    else:
        print_table(plain_table("Deposits to reusable addresses", report.HEAD, report.rows_of(found)))
        print_text(f"{report.creation_notes(found)}\n{report.NOTES}")
    complaints = report.objections(found)
    for complaint in complaints:
        print_failure("benchmark", complaint, {}, as_json=as_json)
    return REFUSED if complaints else DONE


if __name__ == "__main__":
    typer.run(main)
