"""How `baton bulk ACT` goes: choose, show, ask, start, follow, and show what became of each order.

The worker does the acts, so a command that is interrupted stops the bulk, and says how to continue with it.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from baton.bulk.bulks import Bulks, ChosenOrders
from baton.bulk.request import BulkRequest
from baton.bulk.status import BulkStatus
from baton.cli.bulk_options import BulkOptions
from baton.cli.errors import DONE, REFUSED, USAGE, CommandFailed
from baton.cli.files.tables import STDOUT, check_writable, open_table
from baton.cli.output import error_console, print_json, print_note, print_table, print_text
from baton.cli.session import caller_name, join_stack
from baton.cli.views.bulk import chosen_table, results_table, state_of
from baton.ledger.bulk_rows import BulkOrderRow, BulkState
from baton.process.lifecycle import run_main

if TYPE_CHECKING:
    from baton.settings import Settings

LOOK = 0.3
"""Seconds between two looks at how far a bulk is."""

SAMPLE = 10
"""Orders that are shown before the question."""

T = TypeVar("T")


class BulkCommand:
    """One call of a command that acts in bulk.

    Args:
        request: What is done to which orders.
        options: The other options.
    """

    def __init__(self, request: BulkRequest, options: BulkOptions) -> None:
        self._request = request
        self._dry_run: bool = options["dry_run"]
        self._yes: bool = options["yes"]
        self._csv: Path | None = options["csv"]
        self._as_json: bool = options["as_json"]

    def run(self) -> int:
        """Run the command; return its exit code."""
        if not self._dry_run:
            check_writable("--csv", self._csv)
        return run_main(self._run(join_stack()))

    async def _run(self, settings: "Settings") -> int:
        async with opened_bulks(settings) as bulks:
            chosen = await bulks.choose(self._request)
            if self._dry_run or not chosen.rows:
                self._show(chosen)
                return DONE
            if not self._yes and not await asyncio.to_thread(self._confirmed, chosen):
                print_note("nothing was done")
                return REFUSED
            status = await bulks.start(chosen, caller_name())
            ended = await follow(bulks, status)
            results = [row async for row in bulks.results(status.id)]
        self._write(results)
        if str(self._csv) != STDOUT:
            print_results(results, as_json=self._as_json, ended=ended)
        return exit_code(ended)

    def _show(self, chosen: ChosenOrders) -> None:
        """Show the orders that would be touched."""
        for row in chosen.rows if self._as_json else []:
            print_json(row.model_dump(mode="json", include={"workflow_id", "account", "reference", "phase", "status"}))
        if self._as_json:
            return
        if chosen.rows:
            print_table(chosen_table(chosen.rows))
        print_note(f"{len(chosen.rows)} orders; nothing was done")

    def _confirmed(self, chosen: ChosenOrders) -> bool:
        if not sys.stdin.isatty():
            raise CommandFailed(USAGE, "unconfirmed", "this is no terminal to confirm in; give --yes or --dry-run")
        console = error_console()
        console.print(chosen_table(chosen.rows[:SAMPLE]))
        if len(chosen.rows) > SAMPLE:
            print_note(f"and {len(chosen.rows) - SAMPLE} more; --dry-run lists all")
        sys.stderr.write(f"{self._request.act} {len(chosen.rows)} orders? [y/N] ")
        sys.stderr.flush()
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def _write(self, results: Sequence[BulkOrderRow]) -> None:
        if self._csv is not None:
            with open_table("--csv", self._csv, BulkOrderRow) as table:
                for row in results:
                    table.write(row)


async def follow(bulks: Bulks, status: BulkStatus) -> BulkStatus:
    """Show how far a bulk is until it has ended; an interruption stops it, and says how to continue."""
    try:
        with _progress(status) as show:
            while status.running:
                await asyncio.sleep(LOOK)
                status = await bulks.status(status.id)
                show(status)
    except asyncio.CancelledError:
        stopped = await bulks.stop(status.id)
        print_note(f"stopped: {stopped.progress.words}; `baton bulk resume {status.id}` continues")
        raise
    return status


@contextmanager
def _progress(status: BulkStatus) -> Iterator[Callable[[BulkStatus], None]]:
    """Yield a function that shows on the terminal's stderr how far a bulk is; elsewhere nothing is drawn."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=error_console(), disable=not error_console().is_terminal) as progress:
        task = progress.add_task(f"{status.act} ({status.id})", total=status.orders)

        def show(now: BulkStatus) -> None:
            progress.update(task, completed=now.orders - now.progress.waiting)

        yield show


def print_results(results: Sequence[BulkOrderRow], *, as_json: bool, ended: BulkStatus | None = None) -> None:
    """Print what became of each order: one line of JSON each, or the table of what was not done, and the count."""
    if as_json:
        for row in results:
            print_json(row.model_dump(mode="json"))
        return
    shown = [row for row in results if row.state is not BulkState.DONE] if ended else results
    if shown:
        print_table(results_table(shown))
    if ended:
        print_text(state_of(ended))
        print_note(f"`baton bulk results {ended.id}` lists every order")


def print_status(status: BulkStatus, *, as_json: bool) -> None:
    """Print how far a bulk is."""
    if as_json:
        print_json(status.model_dump(mode="json"))
        return
    print_text(f"{status.id}: {status.request.summary}, {status.orders} orders, by {status.by}")
    print_text(state_of(status))


def resume_and_follow(bulk_id: str, *, as_json: bool) -> int:
    """Go on with a bulk until it has ended, print what became of each order, and return the exit code."""

    async def main() -> int:
        async with opened_bulks(join_stack()) as bulks:
            ended = await follow(bulks, await bulks.resume(bulk_id))
            print_results([row async for row in bulks.results(bulk_id)], as_json=as_json, ended=ended)
            return exit_code(ended)

    return run_main(main())


def exit_code(ended: BulkStatus) -> int:
    """Return the exit code for a bulk that has ended: 1 if it was not done to every order."""
    return DONE if ended.progress.done == ended.orders else REFUSED


def with_bulks(work: Callable[[Bulks], Awaitable[T]]) -> T:
    """Do something with the bulks of this installation, and return its result."""
    found: list[T] = []

    async def main() -> int:
        async with opened_bulks(join_stack()) as bulks:
            found.append(await work(bulks))
        return DONE

    if run_main(main()) != DONE:
        raise KeyboardInterrupt
    return found[0]


@asynccontextmanager
async def opened_bulks(settings: "Settings") -> AsyncIterator[Bulks]:
    """Open what bulks need: Temporal and the ledger.

    Raises:
        TemporalUnavailable: Temporal cannot be reached.
        LedgerUnavailable: The ledger cannot be opened.
    """
    from baton.ledger.ledger import Ledger
    from baton.temporal import connect

    client = await connect()
    async with await Ledger.open(settings.ledger, upgrades=settings.ledger_upgrade) as ledger:
        yield Bulks(client, ledger)
