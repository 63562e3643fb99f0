"""`baton acts`: who did what, when, and why."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli.answers import AnyAccount
from baton.cli.errors import DONE, command
from baton.cli.options import AsJson
from baton.cli.output import print_json, print_note, print_table
from baton.cli.session import join_stack

if TYPE_CHECKING:
    from baton.ledger.act_rows import ActRow
    from baton.ledger.acts import ActFilter

RefFilter = Annotated[
    str | None,
    typer.Argument(metavar="[REF]", help="Only acts on what has this reference.", show_default=False),
]
KindFilter = Annotated[
    str | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="Only acts on this kind of thing: order, address, paylink, affiliate, endpoint or webhook.",
        show_default=False,
    ),
]
ByFilter = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", help="Only those of this token, or of cli:USER.", show_default=False),
]
BulkFilter = Annotated[
    str | None, typer.Option("--bulk", metavar="ID", help="Only those of this bulk.", show_default=False)
]
SinceTime = Annotated[
    datetime | None, typer.Option("--since", metavar="TIME", help="Only those since this time in UTC.")
]
Most = Annotated[int, typer.Option("--limit", min=1, max=500, help="Maximum number of acts.")]


@command
def acts(
    reference: RefFilter = None,
    kind: KindFilter = None,
    by: ByFilter = None,
    bulk: BulkFilter = None,
    since: SinceTime = None,
    account: AnyAccount = None,
    limit: Most = 50,
    as_json: AsJson = False,
) -> int:
    """List who did what to which order, address, link or affiliate, when, and why; the last act first.

    With [bold]--json[/bold] each act is one line.

    [dim]baton acts invoice-42[/dim]
    """
    from baton.ledger.acts import ActFilter
    from baton.process.lifecycle import run_main

    settings = join_stack()
    wanted = ActFilter(
        accounts=[account] if account else None,
        kind=kind,
        reference=reference,
        by=by,
        bulk=bulk,
        since=since.replace(tzinfo=since.tzinfo or UTC) if since else None,
    )
    return run_main(_acts(settings.ledger, wanted, limit, as_json=as_json))


async def _acts(ledger_url: str, wanted: "ActFilter", limit: int, *, as_json: bool) -> int:
    from baton.cli.last_record import existing_ledger

    async with existing_ledger(ledger_url) as ledger:
        found = await ledger.acts.page(wanted, limit) if ledger else []
    for row in found if as_json else []:
        print_json(row.model_dump(mode="json"))
    if not as_json:
        _print(found)
    return DONE


def _print(found: "list[ActRow]") -> None:
    from baton.cli.views.acts import acts_table

    if found:
        print_table(acts_table(found))
    else:
        print_note("nobody did anything of this kind")
