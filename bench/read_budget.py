"""The read budget of one account with more waiting orders than it serves, and no webhooks.

`make bench BENCH=read_budget` opens 1,000 orders on an account of 120 reads a minute, ten times as fast as in reality,
and writes `docs/results/read_budget.{json,md}`. It takes about four minutes.
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
from bench.support import budget_report as report
from bench.support.machine import describe_host, load_average
from bench.support.read_budget import BudgetFigures, BudgetRun, faster_plans
from bench.support.report import plain_table
from bench.support.results import RESULTS, command_line, now, write_results
from tests.end_to_end.world import running_world
from tests.temporal_server import temporal_server


async def measure(waiting: int, processing: int, *, minutes: float, budget: float, speed: float) -> BudgetFigures:
    """Open the orders and count their reads.

    Args:
        waiting: Orders that wait for their deposits.
        processing: Orders that are being processed.
        minutes: How long the reads are counted, at the real pace.
        budget: Reads a minute, at the real pace.
        speed: How many times faster than in reality it runs.
    """
    reads_per_second = budget / 60 * speed
    with faster_plans(speed), tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
        async with (
            temporal_server() as environment,
            running_world(
                environment, Path(folder), tracking="polls", reads_per_second=reads_per_second, sandboxed=False
            ) as world,
        ):
            return await BudgetRun(world, speed).measure(waiting, processing, minutes)


@command
def main(
    waiting: Annotated[int, typer.Option(min=1, help="Orders that wait for their deposits.")] = 950,
    processing: Annotated[int, typer.Option(min=1, help="Orders that are being processed.")] = 50,
    minutes: Annotated[float, typer.Option(min=1, help="Minutes of reading, at the real pace.")] = 20,
    budget: Annotated[float, typer.Option(min=1, help="Reads that the account may make a minute.")] = 120,
    speed: Annotated[float, typer.Option(min=1, help="How many times faster than in reality it runs.")] = 10,
    results: Annotated[Path, typer.Option(help="Folder for read_budget.json and read_budget.md.")] = RESULTS,
    keep: Annotated[bool, typer.Option(help="Write the results to that folder.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
) -> int:
    """Measure what an account's read budget is spent on while no webhook arrives.

    Exits 0 if the budget was kept and urgent orders were read first; 1 if not.
    """
    configure_logs("read_budget", level="error")

    async def run() -> int:
        found = await until_signal(measure(waiting, processing, minutes=minutes, budget=budget, speed=speed))
        return _report(found, results if keep else None, as_json=as_json)

    return run_main(run())


def _report(found: BudgetFigures, folder: Path | None, *, as_json: bool) -> int:
    host, line = describe_host(load_average()), command_line("read_budget")
    document = report.document(found, line, host._asdict(), now())
    if folder is not None:
        for path in write_results(folder, "read_budget", document, report.page(found, line, host)):
            print_note(f"wrote {path}")
    if as_json:
        print_json(document)
    else:
        print_table(plain_table("Read budget", report.HEAD, report.rows_of(found)))
        print_text(f"{report.summary(found)}\n{report.NOTES}")
    complaints = report.objections(found)
    for complaint in complaints:
        print_failure("benchmark", complaint, {}, as_json=as_json)
    return REFUSED if complaints else DONE


if __name__ == "__main__":
    typer.run(main)
