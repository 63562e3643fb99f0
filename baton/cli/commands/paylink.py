"""`baton paylink`: create, show, list and disable pay links, and list their orders."""

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from baton.cli import paylink_options as given
from baton.cli.errors import DONE, REFUSED, CommandFailed, command
from baton.cli.options import Account, AsJson, Patience
from baton.cli.output import print_json, print_note, print_table, print_text
from baton.cli.qr_options import Qr, QrRequest, QrSvg, read_qr_request, show_code_of
from baton.cli.session import join_stack, open_client

if TYPE_CHECKING:
    from baton.ledger.source_totals import SourceTotals
    from baton.orders.visibility import OrderLine
    from baton.sources.answers import SourceSnapshot

app = typer.Typer(help="Pay links: each payment through the same short URL becomes an order.")

LinkReference = Annotated[str, typer.Argument(metavar="REF", help="The link's reference.", show_default=False)]
OrderLimit = Annotated[int, typer.Option("--limit", min=1, max=1000, help="Maximum number of orders.")]


@app.command("create")
@command
def create(
    context: typer.Context,
    file: given.File = None,
    reference: given.Reference = None,
    destination: given.Destination = None,
    recipient_address: given.Recipient = None,
    amount_out: given.AmountOut = None,
    amount_fiat_usd: given.AmountFiatUsd = None,
    affiliate_id: given.AffiliateId = None,
    label: given.Label = None,
    metadata: given.Metadata = None,
    account: given.Account = None,
    qr: Qr = False,
    qr_svg: QrSvg = None,
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Create a pay link and print the URL to share; creating the same again prints the same.

    Exits 1 if Orchestra refuses it, or if the reference belongs to another link.

    [dim]baton paylink create --reference tips --destination base:USDC --recipient-address 0x... --amount-fiat-usd 5.00
    --metadata table=7 --qr[/dim]
    """
    from baton.process.lifecycle import run_main

    document = given.read_pay_link(context.params, os.environ.get("BATON_ACCOUNT"))
    code = read_qr_request(qr, qr_svg, as_json=as_json)

    async def main() -> int:
        client = await open_client(patience)
        created = await client.create_pay_link(document)
        _print(created, code, as_json=as_json)
        return DONE

    join_stack()
    return run_main(main())


@app.command("show")
@command
def show(
    reference: LinkReference,
    qr: Qr = False,
    qr_svg: QrSvg = None,
    limit: OrderLimit = 10,
    account: Account = "default",
    patience: Patience = 5.0,
    as_json: AsJson = False,
) -> int:
    """Show a link: the URL to share, its terms, its newest orders, and the sums of all by asset.

    The sums come from the ledger, and are left out where it cannot be read.

    [dim]baton paylink show tips --qr[/dim]
    """
    from baton.process.lifecycle import run_main

    code = read_qr_request(qr, qr_svg, as_json=as_json)
    settings = join_stack()

    async def main() -> int:
        client = await open_client(patience)
        link = await client.pay_link(reference, account)
        orders = await client.pay_link_orders(reference, account, limit=limit)
        totals = await _totals(settings.ledger, link)
        if as_json:
            listed = [order.model_dump(mode="json") for order in orders]
            found = totals.model_dump(mode="json") if totals else None
            print_json(link.model_dump(mode="json") | {"orders": listed, "totals": found})
            _show_code(link, code)
            return DONE
        _print(link, code, as_json=False)
        _print_totals(totals)
        _print_orders(orders)
        return DONE

    return run_main(main())


@app.command("list")
@command
def list_links(
    account: Annotated[
        str | None,
        typer.Option("--account", metavar="NAME", envvar="BATON_ACCOUNT", help="Only this account's; default: all."),
    ] = None,
    phase: Annotated[
        Literal["creating", "enabled", "disabled", "refused"] | None,
        typer.Option(
            "--phase",
            metavar="PHASE",
            help="Only links in this phase: creating, enabled, disabled or refused.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of links.")] = 50,
    patience: Patience = 10.0,
    as_json: AsJson = False,
) -> int:
    """List links, open ones first, the newest on top; the list lags a moment behind.

    With [bold]--json[/bold] each link is one line.

    [dim]baton paylink list --phase enabled[/dim]
    """
    from baton.cli.views.source import sources_table
    from baton.process.lifecycle import run_main

    async def main() -> int:
        client = await open_client(patience)
        lines = await client.pay_links(account=account, phase=phase, limit=limit)
        for line in lines if as_json else []:
            print_json(line.model_dump(mode="json"))
        if not as_json and lines:
            print_table(sources_table(lines))
        elif not as_json:
            print_note("no links found; see `baton paylink create --help` to create one")
        return DONE

    join_stack()
    return run_main(main())


@app.command("orders")
@command
def orders(
    reference: LinkReference,
    account: Account = "default",
    limit: OrderLimit = 50,
    patience: Patience = 10.0,
    as_json: AsJson = False,
) -> int:
    """List the orders that came of visits of a link, open ones first; see each with [bold]baton show[/bold].

    With [bold]--json[/bold] each order is one line.

    [dim]baton paylink orders tips[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        client = await open_client(patience)
        found = await client.pay_link_orders(reference, account, limit=limit)
        for order in found if as_json else []:
            print_json(order.model_dump(mode="json"))
        if not as_json:
            _print_orders(found)
        return DONE

    join_stack()
    return run_main(main())


@app.command("disable")
@command
def disable(
    reference: LinkReference,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why, for the record; at most 500 characters.")
    ] = "disabled by the business",
    account: Account = "default",
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Disable a link for good: no further visit makes an order; orders that exist continue.

    Exits 1 if Orchestra refuses, or if it is disabled already.

    [dim]baton paylink disable tips --reason "the season is over"[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        client = await open_client(patience)
        disabled = await client.disable_pay_link(reference, account, reason=reason)
        _print(disabled, QrRequest(draw=False, svg=None), as_json=as_json)
        return DONE

    join_stack()
    return run_main(main())


@app.command("resolve")
@command
def resolve(
    reference: LinkReference,
    note: Annotated[
        str, typer.Option("--note", metavar="TEXT", help="What you found and did, for the record.", show_default=False)
    ],
    reason: Annotated[
        str | None,
        typer.Option(
            "--reason",
            metavar="REASON",
            help="The attention that is resolved; needed only if there are several.",
            show_default=False,
        ),
    ] = None,
    account: Account = "default",
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Clear an attention of a link with a note; what was found is not raised again.

    [dim]baton paylink resolve tips --note "Orchestra changed the short URL, ticket 1311"[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        client = await open_client(patience)
        resolved = await client.resolve_pay_link(reference, account, note=note, reason=reason)
        _print(resolved, QrRequest(draw=False, svg=None), as_json=as_json)
        return DONE

    join_stack()
    return run_main(main())


async def _totals(ledger_url: str, link: "SourceSnapshot") -> "SourceTotals | None":
    """Return the sums of a link's orders; None if the ledger cannot be read."""
    from baton.cli.last_record import existing_ledger
    from baton.ledger.errors import LedgerError
    from baton.orders.order_source import source_name

    try:
        async with existing_ledger(ledger_url) as ledger:
            if ledger is None:
                return None
            return await ledger.sources.totals(link.account, source_name(link.kind, link.reference))
    except LedgerError:
        return None


def _print(link: "SourceSnapshot", code: QrRequest, *, as_json: bool) -> None:
    from baton.cli.views.source import source_view

    if as_json:
        print_json(link.model_dump(mode="json"))
    else:
        print_text(source_view(link, datetime.now(UTC)))
    _show_code(link, code)


def _show_code(link: "SourceSnapshot", code: QrRequest) -> None:
    """Draw the code of the link's short URL, or write it to a file."""
    if not code:
        return
    url = link.created.short_url if link.created else None
    if not link.enabled or url is None:
        raise CommandFailed(REFUSED, "no_code", f"no code: the link is {link.phase}, and cannot be paid")
    show_code_of(url, code)


def _print_totals(totals: "SourceTotals | None") -> None:
    from baton.cli.views.source_totals import totals_table

    if totals is None:
        print_note("the ledger cannot be read, so the sums are left out; set BATON_LEDGER_URL")
    elif totals.orders:
        print_table(totals_table(totals))


def _print_orders(found: "list[OrderLine]") -> None:
    from baton.cli.views.order_list import orders_table

    if found:
        print_table(orders_table(found, datetime.now(UTC)))
    else:
        print_note("no order came of it yet")
