"""`baton address`: create, show, list and disable reusable deposit addresses, and list their orders."""

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from baton.cli import address_options as given
from baton.cli.errors import DONE, command
from baton.cli.options import Account, AsJson, Patience
from baton.cli.output import print_json, print_note, print_standing, print_table, print_text
from baton.cli.session import join_stack, open_client

if TYPE_CHECKING:
    from baton.sources.answers import SourceSnapshot

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
    from baton.process.lifecycle import run_main

    document = given.read_address(context.params, os.environ.get("BATON_ACCOUNT"))

    async def main() -> int:
        client = await open_client(patience)
        _print(await client.create_address(document), as_json=as_json)
        return DONE

    join_stack()
    return run_main(main())


@app.command("show")
@command
def show(
    reference: AddressReference, account: Account = "default", patience: Patience = 5.0, as_json: AsJson = False
) -> int:
    """Show an address: what to pay, its fixed terms, what needs attention.

    [dim]baton address show till-7[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        client = await open_client(patience)
        _print(await client.address(reference, account), as_json=as_json)
        return DONE

    join_stack()
    return run_main(main())


@app.command("list")
@command
def list_addresses(
    account: Annotated[
        str | None,
        typer.Option("--account", metavar="NAME", envvar="BATON_ACCOUNT", help="Only this account's; default: all."),
    ] = None,
    phase: Annotated[
        Literal["creating", "enabled", "disabled", "refused"] | None,
        typer.Option(
            "--phase",
            metavar="PHASE",
            help="Only addresses in this phase: creating, enabled, disabled or refused.",
            show_default=False,
        ),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of addresses.")] = 50,
    patience: Patience = 10.0,
    as_json: AsJson = False,
) -> int:
    """List addresses, open ones first, the newest on top; the list lags a moment behind.

    With [bold]--json[/bold] each address is one line.

    [dim]baton address list --phase enabled[/dim]
    """
    from baton.cli.views.source import sources_table
    from baton.process.lifecycle import run_main

    async def main() -> int:
        client = await open_client(patience)
        lines = await client.addresses(account=account, phase=phase, limit=limit)
        for line in lines if as_json else []:
            print_json(line.model_dump(mode="json"))
        if not as_json and lines:
            print_table(sources_table(lines))
        elif not as_json:
            print_note("no addresses found; see `baton address create --help` to create one")
        return DONE

    join_stack()
    return run_main(main())


@app.command("deposits")
@command
def deposits(
    reference: AddressReference,
    account: Account = "default",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of orders.")] = 50,
    patience: Patience = 10.0,
    as_json: AsJson = False,
) -> int:
    """List the orders that came of deposits to an address, open ones first; see each with [bold]baton show[/bold].

    With [bold]--json[/bold] each order is one line.

    [dim]baton address deposits till-7[/dim]
    """
    from baton.cli.views.order_list import orders_table
    from baton.process.lifecycle import run_main

    async def main() -> int:
        client = await open_client(patience)
        orders = await client.address_deposits(reference, account, limit=limit)
        for order in orders if as_json else []:
            print_json(order.model_dump(mode="json"))
        if not as_json and orders:
            print_table(orders_table(orders, datetime.now(UTC)))
        elif not as_json:
            print_note(f"no deposit to {reference} is known")
        return DONE

    join_stack()
    return run_main(main())


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
    from baton.process.lifecycle import run_main

    async def main() -> int:
        client = await open_client(patience)
        standing = await client.refund_deposit(order, account, note=note, refund_address=refund_address)
        print_standing(order, account, standing, as_json=as_json)
        return DONE

    join_stack()
    return run_main(main())


@app.command("disable")
@command
def disable(
    reference: AddressReference,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why, for the record; at most 500 characters.")
    ] = "disabled by the business",
    account: Account = "default",
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Disable an address for good: no further deposit becomes an order; orders that exist continue.

    Exits 1 if Orchestra refuses, or if it is disabled already.

    [dim]baton address disable till-7 --reason "the shop closed"[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        client = await open_client(patience)
        _print(await client.disable_address(reference, account, reason=reason), as_json=as_json)
        return DONE

    join_stack()
    return run_main(main())


@app.command("resolve")
@command
def resolve(
    reference: AddressReference,
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
    """Clear an attention of an address with a note; what was found is not raised again.

    [dim]baton address resolve till-7 --note "Orchestra lowered our fee, ticket 1311"[/dim]
    """
    from baton.process.lifecycle import run_main

    async def main() -> int:
        client = await open_client(patience)
        _print(await client.resolve_address(reference, account, note=note, reason=reason), as_json=as_json)
        return DONE

    join_stack()
    return run_main(main())


def _print(address: "SourceSnapshot", *, as_json: bool) -> None:
    from baton.cli.views.source import source_view

    if as_json:
        print_json(address.model_dump(mode="json"))
    else:
        print_text(source_view(address, datetime.now(UTC)))
