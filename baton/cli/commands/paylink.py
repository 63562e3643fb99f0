"""`baton paylink`: create, show, list, change and disable pay links, and list their orders."""

import os
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli import paylink_options as given
from baton.cli.answers import (
    AnyAccount,
    DisableReason,
    InPhase,
    Limit,
    NewLabel,
    NewMetadata,
    NewPolicy,
    ResolvedReason,
    ResolveNote,
    ask,
    changes_of,
    print_orders,
    print_source,
    print_sources,
)
from baton.cli.errors import DONE, REFUSED, CommandFailed, command
from baton.cli.options import Account, AsJson, Patience
from baton.cli.output import print_json, print_note, print_table
from baton.cli.qr_options import Qr, QrRequest, QrSvg, read_qr_request, show_code_of
from baton.cli.session import join_stack, open_client

if TYPE_CHECKING:
    from baton.ledger.source_totals import SourceTotals
    from baton.sources.answers import SourceSnapshot

app = typer.Typer(help="Pay links: each payment through the same short URL becomes an order.")

LinkReference = Annotated[str, typer.Argument(metavar="REF", help="The link's reference.", show_default=False)]

_NO_ORDERS = "no order came of it yet"


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
    document = given.read_pay_link(context.params, os.environ.get("BATON_ACCOUNT"))
    code = read_qr_request(qr, qr_svg, as_json=as_json)
    return ask(
        patience, lambda client: client.create_pay_link(document), lambda link: _print(link, code, as_json=as_json)
    )


@app.command("show")
@command
def show(
    reference: LinkReference,
    qr: Qr = False,
    qr_svg: QrSvg = None,
    limit: Limit = 10,
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
        print_orders(orders, _NO_ORDERS, as_json=False)
        return DONE

    return run_main(main())


@app.command("list")
@command
def list_links(
    account: AnyAccount = None,
    phase: InPhase = None,
    limit: Limit = 50,
    patience: Patience = 10.0,
    as_json: AsJson = False,
) -> int:
    """List links, open ones first, the newest on top; the list lags a moment behind.

    With [bold]--json[/bold] each link is one line.

    [dim]baton paylink list --phase enabled[/dim]
    """
    none = "no links found; see `baton paylink create --help` to create one"
    return ask(
        patience,
        lambda client: client.pay_links(account=account, phase=phase, limit=limit),
        partial(print_sources, none=none, as_json=as_json),
    )


@app.command("orders")
@command
def orders(
    reference: LinkReference,
    account: Account = "default",
    limit: Limit = 50,
    patience: Patience = 10.0,
    as_json: AsJson = False,
) -> int:
    """List the orders that came of visits of a link, open ones first; see each with [bold]baton show[/bold].

    With [bold]--json[/bold] each order is one line.

    [dim]baton paylink orders tips[/dim]
    """
    return ask(
        patience,
        lambda client: client.pay_link_orders(reference, account, limit=limit),
        partial(print_orders, none=_NO_ORDERS, as_json=as_json),
    )


@app.command("update")
@command
def update(
    reference: LinkReference,
    label: NewLabel = None,
    metadata: NewMetadata = None,
    policy: NewPolicy = None,
    account: Account = "default",
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Change label, metadata or policy of a link; orders that are made afterwards carry them.

    What Orchestra fixed at the creation stays. Exits 1 if the link is disabled.

    [dim]baton paylink update tips --metadata table=8[/dim]
    """
    changes = changes_of(metadata, policy)
    return ask(
        patience,
        lambda client: client.update_pay_link(reference, account, label=label, **changes),
        partial(print_source, as_json=as_json),
    )


@app.command("disable")
@command
def disable(
    reference: LinkReference,
    reason: DisableReason = "disabled by the business",
    account: Account = "default",
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Disable a link for good: no further visit makes an order; orders that exist continue.

    Exits 1 if Orchestra refuses, or if it is disabled already.

    [dim]baton paylink disable tips --reason "the season is over"[/dim]
    """
    return ask(
        patience,
        lambda client: client.disable_pay_link(reference, account, reason=reason),
        partial(print_source, as_json=as_json),
    )


@app.command("resolve")
@command
def resolve(
    reference: LinkReference,
    note: ResolveNote,
    reason: ResolvedReason = None,
    account: Account = "default",
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Clear an attention of a link with a note; what was found is not raised again.

    [dim]baton paylink resolve tips --note "Orchestra changed the short URL, ticket 1311"[/dim]
    """
    return ask(
        patience,
        lambda client: client.resolve_pay_link(reference, account, note=note, reason=reason),
        partial(print_source, as_json=as_json),
    )


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
    print_source(link, as_json=as_json)
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
