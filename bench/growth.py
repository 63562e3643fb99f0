"""How an order's history and its reads grow with its life: a minute, an hour, a day, a week; with webhooks and without.

`make bench BENCH=growth` moves the orders' clocks on a real Temporal server and writes `docs/results/growth.{json,md}`.
Time is skipped, reads are not: two weeks of them take a few minutes.
"""

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from baton.cli.errors import DONE, REFUSED, command
from baton.cli.output import print_failure, print_json, print_note, print_table, print_text
from baton.local.stack.interruption import until_signal
from baton.process.lifecycle import run_main
from baton.process.logs import configure_logs
from baton.settings import Tracking
from bench.support import growth_report as report
from bench.support.growth import Life, LifeCost, LifeRun
from bench.support.machine import describe_host, load_average
from bench.support.report import plain_table
from bench.support.results import RESULTS, command_line, now, write_results
from tests.end_to_end.world import running_world
from tests.temporal_server import temporal_server

_TRACKINGS: tuple[Tracking, ...] = ("webhooks", "polls")


@dataclass
class GrowthResults:
    """The results so far, by life and tracking."""

    costs: dict[tuple[Life, Tracking], LifeCost] = field(default_factory=dict)


async def measure(lives: tuple[Life, ...]) -> GrowthResults:
    """Let an order live each of these lives, with webhooks and without."""
    results = GrowthResults()
    async with temporal_server() as environment:
        for tracking in _TRACKINGS:
            with tempfile.TemporaryDirectory(prefix="baton-bench-") as folder:
                async with running_world(environment, Path(folder), tracking=tracking) as world:
                    for life in lives:
                        print_note(f"a {life}, {report.TRACKED[tracking]} ...")
                        results.costs[life, tracking] = await LifeRun(world, tracking).live(life.length)
    return results


@command
def main(
    life: Annotated[
        list[Life] | None, typer.Option(help="Measure only this life; repeatable.", show_default="all")
    ] = None,
    results: Annotated[Path, typer.Option(help="Folder for growth.json and growth.md.")] = RESULTS,
    keep: Annotated[bool, typer.Option(help="Write the results to that folder.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of a table.")] = False,
) -> int:
    """Measure how the history and the reads of an order grow with its life.

    Exits 0 if a week without webhooks stays below 250 events and below the reads that the pauses between them allow;
    1 if not.
    """
    configure_logs("growth", level="error")

    async def run() -> int:
        found = await until_signal(measure(tuple(life or Life)))
        return _report(found, results if keep else None, as_json=as_json)

    return run_main(run())


def _report(found: GrowthResults, folder: Path | None, *, as_json: bool) -> int:
    host, line = describe_host(load_average()), command_line("growth")
    document = report.document(found.costs, line, host._asdict(), now())
    if folder is not None:
        page = report.page(found.costs, line, host)
        for path in write_results(folder, "growth", document, page):
            print_note(f"wrote {path}")
    if as_json:
        print_json(document)
    else:
        print_table(plain_table("Growth of one order", report.HEAD, report.rows_of(found.costs)))
        print_text(report.NOTES)
    complaints = report.objections(found.costs)
    for complaint in complaints:
        print_failure("benchmark", complaint, {}, as_json=as_json)
    return REFUSED if complaints else DONE


if __name__ == "__main__":
    typer.run(main)
