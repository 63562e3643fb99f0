"""`baton ledger`: restores the ledger from Temporal, and compares its rows with Temporal."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli.confirmation import confirmed
from baton.cli.errors import DONE, REFUSED, UNREACHABLE, USAGE, CommandFailed, command
from baton.cli.options import AsJson
from baton.cli.output import error_console, print_json, print_note, print_table, print_text
from baton.cli.session import join_stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from temporalio.client import Client

    from baton.ledger.ledger import Ledger
    from baton.recovery.rebuild import RebuildProgress
    from baton.settings import Settings

app = typer.Typer(help="Restore the ledger from Temporal, find rows that differ, and upgrade its schema.")


@app.command("rebuild")
@command
def rebuild(as_json: AsJson = False) -> int:
    """Write the rows of all orders that Temporal has, while orders run; exits 3 if an open order was not read.

    Run it after the ledger was lost or replaced. Nothing newer is overwritten, and running it again is harmless; after
    an interruption it continues where it was. It needs a running worker.

    [dim]baton ledger rebuild[/dim]
    """
    from baton.process.lifecycle import run_main

    settings = join_stack()
    return run_main(_rebuild(settings, as_json=as_json))


async def _rebuild(settings: "Settings", *, as_json: bool) -> int:
    from baton.recovery.rebuild import Rebuild

    async with _parts(settings) as (client, ledger, chains):
        with _progress_bar() as show:
            done = await Rebuild(client, ledger, chains, show).run()
    if as_json:
        print_json({"read": done.read, "written": done.written, "unread": done.unread, "complete": done.complete})
    else:
        print_text(f"{done.read} orders read from Temporal, {done.written} rows written")
    if done.complete:
        return DONE
    if as_json:
        return UNREACHABLE
    for reason in done.unread:
        print_note(f"not read: {reason}")
    raise CommandFailed(
        UNREACHABLE, "orders_unread", "the ledger is not complete; start `baton worker`, then try again"
    )


@app.command("check")
@command
def check(
    repair: Annotated[bool, typer.Option("--repair", help="Mend the rows that differ.")] = False,
    as_json: AsJson = False,
) -> int:
    """Compare the rows of all orders with Temporal; exits 1 if one differs and was not mended.

    A row differs if its order was terminated or reset, or if a write was lost. The worker does the same every 15
    minutes, for open orders and those that ended meanwhile.

    [dim]baton ledger check --repair[/dim]
    """
    from baton.process.lifecycle import run_main

    settings = join_stack()
    return run_main(_check(settings, repair=repair, as_json=as_json))


async def _check(settings: "Settings", *, repair: bool, as_json: bool) -> int:
    from baton.cli.views.differences import differences_table
    from baton.recovery.sweep import Sweep

    async with _parts(settings) as (client, ledger, chains):
        found = await Sweep(client, ledger, chains, repair=repair).run()
    if as_json:
        lines = [
            {"workflow_id": each.workflow_id, "kind": each.kind, "message": each.message, "mended": each.mended}
            for each in found.differences
        ]
        print_json({"checked": found.checked, "differences": lines, "unread": found.unread})
    else:
        print_text(f"{found.checked} orders checked, {len(found.differences)} rows differ")
        if found.differences:
            print_table(differences_table(found.differences))
        for reason in found.unread:
            print_note(f"not read: {reason}")
    if found.unread:
        return UNREACHABLE
    return DONE if all(each.mended for each in found.differences) else REFUSED


@app.command("prune")
@command
def prune(
    older_than: Annotated[
        int, typer.Option("--older-than", metavar="DAYS", min=1, help="Delete orders that ended longer ago.")
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count them.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> int:
    """Delete orders that ended long ago from the ledger, with their timelines, webhooks and index entries.

    Open orders stay, and so do those that need a person. Orders that Temporal still has are not deleted, because a
    comparison would write them again: DAYS must be more than the retention of the namespace. With BATON_LEDGER_DAYS
    the workers do the same by themselves.

    [dim]baton ledger prune --older-than 400 --dry-run[/dim]
    """
    from baton.process.lifecycle import run_main

    return run_main(_prune(join_stack(), older_than, dry_run=dry_run, yes=yes, as_json=as_json))


async def _prune(settings: "Settings", days: int, *, dry_run: bool, yes: bool, as_json: bool) -> int:
    from datetime import UTC, datetime, timedelta

    from baton.temporal import namespace_retention

    async with _parts(settings) as (client, ledger, _):
        retention = await namespace_retention(client)
        if timedelta(days=days) <= retention:
            message = f"--older-than: Temporal keeps ended orders for {retention.days} days; give more than that"
            raise CommandFailed(USAGE, "retention_too_short", message)
        before = datetime.now(UTC) - timedelta(days=days)
        found = await ledger.retention.ended(before)
        question = f"Delete {found} orders that ended before {before:%Y-%m-%d} from the ledger?"
        if not dry_run and found and not yes and not confirmed(question):
            print_note("nothing was deleted")
            return REFUSED
        forgotten = [0, 0]
        while not dry_run and (batch := await ledger.retention.forget(before)).orders:
            forgotten = [forgotten[0] + batch.orders, forgotten[1] + batch.rows]
    if as_json:
        print_json({"ended_before": before.isoformat(), "found": found, "deleted": forgotten[0], "rows": forgotten[1]})
    elif dry_run:
        print_text(f"{found} orders ended before {before:%Y-%m-%d}; nothing was deleted")
    else:
        print_text(f"{forgotten[0]} orders deleted, with {forgotten[1]} other rows of theirs")
    return DONE


@asynccontextmanager
async def _parts(settings: "Settings") -> "AsyncIterator[tuple[Client, Ledger, list[str]]]":
    """Yield a Temporal client, the ledger and the names of the watched chains; name what does not answer."""
    from temporalio.service import RPCError

    from baton.chains.catalogue import watched_chains
    from baton.ledger.ledger import Ledger
    from baton.recovery.order_reader import OrderUnread
    from baton.recovery.rebuild import RebuildStopped
    from baton.temporal import connect
    from baton.temporal_reasons import answer_failure

    client = await connect()
    chains = list(watched_chains(settings.chains_file, settings.watch))
    try:
        async with await Ledger.open(settings.ledger, upgrades=settings.ledger_upgrade) as ledger:
            yield client, ledger, chains
    except RebuildStopped as error:
        raise CommandFailed(REFUSED, "rebuild_stopped", str(error)) from None
    except OrderUnread as error:
        message = f"no worker answers for {error}; start `baton worker`, then try again"
        raise CommandFailed(UNREACHABLE, "no_worker", message) from None
    except RPCError as error:
        failure = answer_failure(error, client.namespace)
        raise CommandFailed(UNREACHABLE, failure.code, f"{failure.message}; {failure.remedy}") from None


@contextmanager
def _progress_bar() -> "Iterator[Callable[[RebuildProgress], None]]":
    """Yield a function that draws the progress on the terminal's stderr; elsewhere nothing is drawn."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("restoring orders"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = error_console()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("orders", total=None)

        def show(done: "RebuildProgress") -> None:
            bar.update(task, completed=done.read, total=max(done.expected, done.read))

        yield show
