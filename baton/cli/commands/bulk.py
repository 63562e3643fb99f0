"""`baton bulk`: one act on every order that filters choose, and bulks that run or have ended."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from baton.cli.bulk_options import BulkOptions, acting_in_bulk, choice_of
from baton.cli.errors import DONE, USAGE, CommandFailed, command
from baton.cli.options import AsJson, OutcomeName, Why
from baton.cli.output import print_json, print_note, print_table

if TYPE_CHECKING:
    from baton.bulk.request import BulkRequest

app = typer.Typer(help="Do one act to many orders, chosen by filters; see `baton bulk refresh --help` for these.")

Note = Annotated[
    str, typer.Option("--note", metavar="TEXT", help="What you found and did, for the record.", show_default=False)
]
Resolved = Annotated[
    str | None,
    typer.Option(
        "--reason",
        metavar="REASON",
        help="The attention that is resolved; needed where an order has several.",
        show_default=False,
    ),
]
Ending = Annotated[
    OutcomeName, typer.Option("--as", metavar="OUTCOME", help="How the orders ended, such as cancelled.")
]
Accept = Annotated[
    bool | None, typer.Option("--accept/--decline", help="Accept or decline the pending ZeroConf offers.")
]
Reprice = Annotated[
    Literal["approve", "reject", "refund"] | None,
    typer.Option(
        "--reprice",
        metavar="ANSWER",
        help="Answer the pending repricings: approve, reject or refund.",
        show_default=False,
    ),
]
Endpoint = Annotated[str, typer.Option("--endpoint", metavar="NAME", help="The endpoint.", show_default=False)]
BulkId = Annotated[str, typer.Argument(metavar="ID", help="The bulk's id.", show_default=False)]
Only = Annotated[
    Literal["waiting", "begun", "done", "refused", "failed"] | None,
    typer.Option(
        "--state",
        metavar="STATE",
        help="Only orders in this state: waiting, begun, done, refused or failed.",
        show_default=False,
    ),
]


@app.command("resolve")
@command
@acting_in_bulk
def resolve(note: Note, reason: Resolved = None, *, options: BulkOptions) -> int:
    """Resolve the attention of many orders, also of ended ones.

    [dim]baton bulk resolve --for-reason overdue --reason overdue --note "Orchestra was slow, ticket 1311"[/dim]
    """
    return _do(options, act="resolve", note=note, reason=reason)


@app.command("refresh")
@command
@acting_in_bulk
def refresh(note: Why = None, *, options: BulkOptions) -> int:
    """Read many orders at Orchestra now.

    [dim]baton bulk refresh --phase tracking --route 'base:>:' --dry-run[/dim]
    """
    return _do(options, act="refresh", note=note)


@app.command("cancel")
@command
@acting_in_bulk
def cancel(note: Why = None, *, options: BulkOptions) -> int:
    """Cancel many orders; those whose deposit is known refuse.

    [dim]baton bulk cancel --phase awaiting_deposit --metadata campaign=spring --note "the campaign ended"[/dim]
    """
    return _do(options, act="cancel", note=note)


@app.command("close")
@command
@acting_in_bulk
def close(outcome: Ending, note: Note, *, options: BulkOptions) -> int:
    """Close many orders by hand; those with money under way refuse and name it.

    [dim]baton bulk close --as cancelled --reference a-1 --reference a-2 --note "ticket 1311"[/dim]
    """
    return _do(options, act="close", outcome=outcome, note=note)


@app.command("decide")
@command
@acting_in_bulk
def decide(accept: Accept = None, reprice: Reprice = None, note: Why = None, *, options: BulkOptions) -> int:
    """Answer the open questions of many orders: ZeroConf offers, or repricings.

    [dim]baton bulk decide --decline --route 'bitcoin:BTC>:' --note "we wait for confirmations today"[/dim]
    """
    return _do(options, act="decide", accept=accept, action=reprice, note=note)


@app.command("redeliver")
@command
@acting_in_bulk
def redeliver(endpoint: Endpoint, note: Why = None, *, options: BulkOptions) -> int:
    """Notify an endpoint again of all that happened to many orders.

    [dim]baton bulk redeliver --endpoint shop --created-from 2026-11-28[/dim]
    """
    return _do(options, act="redeliver", endpoint=endpoint, note=note)


def _do(options: BulkOptions, **act: Any) -> int:
    from baton.cli.bulk_run import BulkCommand

    return BulkCommand(_request(options, act), options).run()


def _request(options: BulkOptions, act: dict[str, Any]) -> "BulkRequest":
    from pydantic import ValidationError

    from baton.bulk.request import BulkRequest

    try:
        return BulkRequest(**act, choice=choice_of(options), rate=options["rate"])
    except ValidationError as error:
        text = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise CommandFailed(USAGE, "invalid_argument", text) from None


@app.command("list")
@command
def list_bulks(
    limit: Annotated[int, typer.Option(min=1, max=500, help="Maximum number of bulks.")] = 20, as_json: AsJson = False
) -> int:
    """List the newest bulks; with --json each is one line.

    [dim]baton bulk list[/dim]
    """
    from baton.cli.bulk_run import with_bulks

    found = with_bulks(lambda bulks: bulks.newest(limit))
    for status in found if as_json else []:
        print_json(status.model_dump(mode="json"))
    if not as_json and found:
        from baton.cli.views.bulk import bulks_table

        print_table(bulks_table(found))
    elif not as_json:
        print_note("there was no bulk yet; see `baton bulk --help`")
    return DONE


@app.command("status")
@command
def status(bulk_id: BulkId, as_json: AsJson = False) -> int:
    """Show how far a bulk is.

    [dim]baton bulk status bulk_1f2e3d4c5b6a[/dim]
    """
    from baton.cli.bulk_run import print_status, with_bulks

    print_status(with_bulks(lambda bulks: bulks.status(bulk_id)), as_json=as_json)
    return DONE


@app.command("results")
@command
def results(bulk_id: BulkId, state: Only = None, as_json: AsJson = False) -> int:
    """List what became of the act on each order of a bulk; with --json each is one line.

    [dim]baton bulk results bulk_1f2e3d4c5b6a --state refused[/dim]
    """
    from baton.bulk.bulks import Bulks
    from baton.cli.bulk_run import print_results, with_bulks
    from baton.ledger.bulk_rows import BulkOrderRow, BulkState

    async def read(bulks: Bulks) -> list[BulkOrderRow]:
        await bulks.find(bulk_id)
        return [row async for row in bulks.results(bulk_id, [BulkState(state)] if state else ())]

    print_results(with_bulks(read), as_json=as_json)
    return DONE


@app.command("stop")
@command
def stop(bulk_id: BulkId, as_json: AsJson = False) -> int:
    """Stop a bulk; `baton bulk resume` continues with what is left.

    [dim]baton bulk stop bulk_1f2e3d4c5b6a[/dim]
    """
    from baton.cli.bulk_run import print_status, with_bulks

    print_status(with_bulks(lambda bulks: bulks.stop(bulk_id)), as_json=as_json)
    return DONE


@app.command("resume")
@command
def resume(bulk_id: BulkId, as_json: AsJson = False) -> int:
    """Go on with what is left of a bulk, and try those orders again of which nobody answered.

    [dim]baton bulk resume bulk_1f2e3d4c5b6a[/dim]
    """
    from baton.cli.bulk_run import resume_and_follow

    return resume_and_follow(bulk_id, as_json=as_json)
