"""`baton export`: the orders of a period as a table for book-keeping."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli.errors import DONE, command
from baton.cli.files.tables import STDOUT, open_table
from baton.cli.options import AsJson
from baton.cli.output import print_json, print_note
from baton.cli.periods import Since, Until, period_of
from baton.cli.session import join_stack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from baton.reconciliation.bookkeeping import BookEntry
    from baton.settings import Settings


@command
def export(
    since: Since = None,
    until: Until = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write the table; - is stdout.")
    ] = Path(STDOUT),
    account: Annotated[
        str | None,
        typer.Option("--account", metavar="NAME", help="Only orders of this partner account.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Write the orders that were placed in a period as CSV: amounts, fees, refunds and transactions.

    Amounts are in smallest units, and beside them in whole units. With --json each order is one line on stdout.

    [dim]baton export --from 2026-11-01 --to 2026-12-01 --output november.csv[/dim]
    """
    from baton.process.lifecycle import run_main

    settings = join_stack()
    period = period_of(since, until)
    return run_main(_export(settings, period, account, None if as_json else output))


async def _export(
    settings: "Settings", period: "tuple[datetime, datetime]", account: str | None, output: Path | None
) -> int:
    from baton.reconciliation.bookkeeping import BookEntry

    count = 0
    if output is None:
        async for entry in _entries(settings, period, account):
            print_json(entry.model_dump(mode="json"))
        return DONE
    with open_table("--output", output, BookEntry) as table:
        async for entry in _entries(settings, period, account):
            table.write(entry)
            count += 1
    print_note(f"{count} orders placed from {period[0]:%Y-%m-%d %H:%M} to {period[1]:%Y-%m-%d %H:%M} UTC")
    return DONE


async def _entries(
    settings: "Settings", period: "tuple[datetime, datetime]", account: str | None
) -> "AsyncIterator[BookEntry]":
    from baton.ledger.ledger import Ledger
    from baton.orders.answers import Snapshot
    from baton.reconciliation.bookkeeping import book_entry

    async with await Ledger.open(settings.ledger, upgrades=settings.ledger_upgrade) as ledger:
        async for row in ledger.periods.orders(*period, account):
            yield book_entry(Snapshot.model_validate(row.snapshot))
