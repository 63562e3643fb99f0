"""`baton reconcile`: holds the orders of a period against Orchestra's books."""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli.errors import DONE, REFUSED, CommandFailed, command
from baton.cli.files.tables import STDOUT, check_writable, open_table
from baton.cli.options import AsJson
from baton.cli.output import error_console, print_json, print_note, print_table, print_text
from baton.cli.partner import Partner, find_account, open_partner
from baton.cli.periods import Since, Until, period_of
from baton.cli.session import join_stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from baton.reconciliation.reconciled_order import ReconciledOrder
    from baton.reconciliation.reconciler import Period, Reconciler
    from baton.settings import PartnerAccount, Settings

CsvFile = Annotated[
    Path | None,
    typer.Option("--csv", metavar="FILE", help="Write all orders as a table; - is stdout.", show_default=False),
]
Last = Annotated[
    bool, typer.Option("--last", help="Show the report of the last planned reconciliation instead of making one.")
]
Everything = Annotated[bool, typer.Option("--all", help="Print the orders that agree or are not due too.")]


@command
def reconcile(
    since: Since = None,
    until: Until = None,
    csv: CsvFile = None,
    everything: Everything = False,
    last: Last = False,
    account: Partner = "default",
    as_json: AsJson = False,
) -> int:
    """Hold the orders of a period against Orchestra's books: status, amounts, fees and refunds.

    Each order agrees, is not yet due, is wrong, is unknown here or is unknown there. Reads at Orchestra, one for each
    recipient, take half of the account's read budget. With --json each order is one line. Exits 1 if an order differs.

    [dim]baton reconcile --from 2026-11-28 --csv differences.csv[/dim]
    [dim]baton reconcile --last[/dim]
    """
    from baton.process.lifecycle import run_main
    from baton.reconciliation.reconciler import Period

    settings = join_stack()
    if last:
        return run_main(_last(account, as_json=as_json))
    check_writable("--csv", csv)
    period = Period(*period_of(since, until))
    partner = find_account(settings, account)
    return run_main(_reconcile(settings, partner, period, csv, everything=everything, as_json=as_json))


async def _reconcile(
    settings: "Settings",
    partner: "PartnerAccount",
    period: "Period",
    csv: Path | None,
    *,
    everything: bool,
    as_json: bool,
) -> int:
    from baton.reconciliation.verdicts import DIFFERING

    lines: list[ReconciledOrder] = []
    async with _reconciler(settings, partner) as reconciler:
        with _progress() as show:
            async for line in reconciler.run(period):
                lines.append(line)
                show(len(lines))
    differing = [line for line in lines if line.verdict in DIFFERING]
    if csv is not None:
        _write(lines, csv)
    if csv is None or str(csv) != STDOUT:
        _print(lines, lines if everything else differing, as_json=as_json)
    return REFUSED if differing else DONE


async def _last(account: str, *, as_json: bool) -> int:
    from baton.cli.views.reconciliation import report_view
    from baton.reconciliation.last_report import last_reconciliation
    from baton.temporal import connect

    found = await last_reconciliation(await connect(), account)
    if found is None or found.report is None:
        state = f"{found.workflow_id} is {found.status}" if found else "none was made yet; see BATON_RECONCILE_AT"
        message = f"there is no report of a planned reconciliation of {account}: {state}"
        raise CommandFailed(REFUSED, "no_report", message)
    if as_json:
        print_json(found.report.model_dump(mode="json"))
    else:
        print_text(report_view(found.report))
    return REFUSED if found.report.differing else DONE


@asynccontextmanager
async def _reconciler(settings: "Settings", partner: "PartnerAccount") -> "AsyncIterator[Reconciler]":
    from baton.cli.session import open_client
    from baton.ledger.ledger import Ledger
    from baton.reconciliation.ask_workflow import ask_workflow
    from baton.reconciliation.orchestra_side import OrchestraSide
    from baton.reconciliation.reconciler import Reconciler

    baton = await open_client(30.0)
    async with (
        await Ledger.open(settings.ledger, upgrades=settings.ledger_upgrade) as ledger,
        open_partner(partner) as orchestra,
    ):
        side = OrchestraSide(orchestra, partner.read_pause)
        yield Reconciler(partner.name, ledger, side, ask_workflow(baton))


def _write(lines: "list[ReconciledOrder]", csv: Path) -> None:
    from baton.reconciliation.reconciled_order import ReconciledOrder

    with open_table("--csv", csv, ReconciledOrder) as table:
        for line in lines:
            table.write(line)


def _print(lines: "list[ReconciledOrder]", shown: "list[ReconciledOrder]", *, as_json: bool) -> None:
    from baton.cli.views.reconciliation import reconciled_table, verdict_summary

    if as_json:
        for line in shown:
            print_json(line.model_dump(mode="json"))
        return
    print_text(verdict_summary(Counter(line.verdict for line in lines)))
    if shown:
        print_table(reconciled_table(shown))
    if not lines:
        print_note("no order was placed in this period; choose another with --from and --to")


@contextmanager
def _progress() -> "Iterator[Callable[[int], None]]":
    """Yield a function that shows on the terminal's stderr how many orders are done; elsewhere nothing is drawn."""
    console = error_console()
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status("reading Orchestra's books") as status:
        yield lambda done: status.update(f"{done} orders reconciled")
