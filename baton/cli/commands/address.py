"""`baton address`: create, show, list, change and disable reusable deposit addresses, and list their orders."""

import os
from functools import partial
from typing import Annotated

import typer

from baton.cli import address_options as given
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
from baton.cli.errors import command
from baton.cli.options import Account, AsJson, Patience
from baton.cli.output import print_standing

app = typer.Typer(help="Reusable deposit addresses: each deposit there becomes an order.")

AddressReference = Annotated[str, typer.Argument(metavar="REF", help="The address's reference.", show_default=False)]


@app.command("create")
@command
def create(
    context: typer.Context,
    file: given.File = None,
    reference: given.Reference = None,
    type: given.Type = None,
    source: given.Source = None,
    destination: given.Destination = None,
    recipient_address: given.Recipient = None,
    refund_address: given.RefundAddress = None,
    fee_bps: given.FeeBps = None,
    slippage_bps: given.SlippageBps = None,
    label: given.Label = None,
    metadata: given.Metadata = None,
    zeroconf: given.Zeroconf = None,
    account: given.Account = None,
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Create a reusable address and print what to pay; creating the same again prints the same.

    Fees and slippage are fixed for as long as the address exists. Exits 1 if Orchestra refuses it, or if the reference
    belongs to another address.

    [dim]baton address create --type accumulation --reference till-7 --source base:USDC --destination spark:BTC
    --recipient-address spark1... --metadata shop=7[/dim]
    """
    document = given.read_address(context.params, os.environ.get("BATON_ACCOUNT"))
    return ask(patience, lambda client: client.create_address(document), partial(print_source, as_json=as_json))


@app.command("show")
@command
def show(
    reference: AddressReference, account: Account = "default", patience: Patience = 5.0, as_json: AsJson = False
) -> int:
    """Show an address: what to pay, its fixed terms, what needs attention.

    [dim]baton address show till-7[/dim]
    """
    return ask(patience, lambda client: client.address(reference, account), partial(print_source, as_json=as_json))


@app.command("list")
@command
def list_addresses(
    account: AnyAccount = None,
    phase: InPhase = None,
    limit: Limit = 50,
    patience: Patience = 10.0,
    as_json: AsJson = False,
) -> int:
    """List addresses, open ones first, the newest on top; the list lags a moment behind.

    With [bold]--json[/bold] each address is one line.

    [dim]baton address list --phase enabled[/dim]
    """
    none = "no addresses found; see `baton address create --help` to create one"
    return ask(
        patience,
        lambda client: client.addresses(account=account, phase=phase, limit=limit),
        partial(print_sources, none=none, as_json=as_json),
    )


@app.command("deposits")
@command
def deposits(
    reference: AddressReference,
    account: Account = "default",
    limit: Limit = 50,
    patience: Patience = 10.0,
    as_json: AsJson = False,
) -> int:
    """List the orders that came of deposits to an address, open ones first; see each with [bold]baton show[/bold].

    With [bold]--json[/bold] each order is one line.

    [dim]baton address deposits till-7[/dim]
    """
    return ask(
        patience,
        lambda client: client.address_deposits(reference, account, limit=limit),
        partial(print_orders, none=f"no deposit to {reference} is known", as_json=as_json),
    )


@app.command("refund")
@command
def refund(
    order: Annotated[
        str,
        typer.Argument(metavar="ORDER", help="Reference of the deposit's order, as `deposits` lists it."),
    ],
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why, for the record.", show_default=False)],
    refund_address: Annotated[
        str | None,
        typer.Option(
            "--refund-address",
            metavar="ADDRESS",
            help="Where the money goes; default: the address's own refund address on that chain.",
            show_default=False,
        ),
    ] = None,
    account: Account = "default",
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Have Orchestra refund a deposit that it made no order of, such as a held one or one of another asset.

    Exits 1 if Orchestra refuses, or if there is nothing to refund.

    [dim]baton address refund '~addr:till-7:1f0c...' --note "the payer asked"[/dim]
    """
    return ask(
        patience,
        lambda client: client.refund_deposit(order, account, note=note, refund_address=refund_address),
        lambda standing: print_standing(order, account, standing, as_json=as_json),
    )


@app.command("update")
@command
def update(
    reference: AddressReference,
    label: NewLabel = None,
    metadata: NewMetadata = None,
    policy: NewPolicy = None,
    account: Account = "default",
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Change label, metadata or policy of an address; orders that are made afterwards carry them.

    What Orchestra fixed at the creation stays. Exits 1 if the address is disabled.

    [dim]baton address update till-7 --metadata shop=8 --metadata floor=2[/dim]
    """
    changes = changes_of(metadata, policy)
    return ask(
        patience,
        lambda client: client.update_address(reference, account, label=label, **changes),
        partial(print_source, as_json=as_json),
    )


@app.command("enable")
@command
def enable(
    reference: AddressReference, account: Account = "default", patience: Patience = 60.0, as_json: AsJson = False
) -> int:
    """Enable a disabled standing address again; deposits that were held because of that may become orders.

    Orchestra enables standing addresses alone. Exits 1 if the address is of another type, or if Orchestra refuses.

    [dim]baton address enable customer-4711[/dim]
    """
    return ask(
        patience, lambda client: client.enable_address(reference, account), partial(print_source, as_json=as_json)
    )


@app.command("disable")
@command
def disable(
    reference: AddressReference,
    reason: DisableReason = "disabled by the business",
    account: Account = "default",
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Disable an address: no further deposit becomes an order; orders that exist continue.

    Exits 1 if Orchestra refuses, or if it is disabled already.

    [dim]baton address disable till-7 --reason "the shop closed"[/dim]
    """
    return ask(
        patience,
        lambda client: client.disable_address(reference, account, reason=reason),
        partial(print_source, as_json=as_json),
    )


@app.command("resolve")
@command
def resolve(
    reference: AddressReference,
    note: ResolveNote,
    reason: ResolvedReason = None,
    account: Account = "default",
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Clear an attention of an address with a note; what was found is not raised again.

    [dim]baton address resolve till-7 --note "Orchestra lowered our fee, ticket 1311"[/dim]
    """
    return ask(
        patience,
        lambda client: client.resolve_address(reference, account, note=note, reason=reason),
        partial(print_source, as_json=as_json),
    )
