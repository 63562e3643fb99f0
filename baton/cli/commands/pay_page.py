"""`baton pay-page`: the link to the page that shows a payer an order."""

from typing import TYPE_CHECKING, Annotated

import typer

from baton.cli.errors import DONE, USAGE, CommandFailed, command
from baton.cli.options import Account, AsJson, Patience, Reference
from baton.cli.output import print_json, print_text
from baton.cli.payer_page import with_payer_page
from baton.cli.session import join_stack, open_client

if TYPE_CHECKING:
    from baton.settings import Settings


@command
def pay_page(
    reference: Reference,
    qr: Annotated[bool, typer.Option("--qr", help="Draw the link as a QR code too, for a payer beside you.")] = False,
    account: Account = "default",
    patience: Patience = 60,
    as_json: AsJson = False,
) -> int:
    """Print the link to the page that shows a payer how to pay an order, and how far it is.

    Anybody with the link sees the page; it is good for as many days as BATON_PAGE_DAYS says.

    [dim]baton pay-page invoice-42[/dim]
    """
    from baton.process.lifecycle import run_main

    return run_main(_print_link(join_stack(), reference, account, patience, qr=qr, as_json=as_json))


async def _print_link(
    settings: "Settings", reference: str, account: str, patience: float, *, qr: bool, as_json: bool
) -> int:
    order = with_payer_page(await (await open_client(patience)).snapshot(reference, account), settings)
    if order.payer_page is None:
        message = "there are no payer pages; set BATON_PUBLIC_URL and BATON_PAGE_KEY for the gateway and this command"
        raise CommandFailed(USAGE, "no_payer_pages", message)
    if as_json:
        print_json({"reference": reference, "account": account, "payer_page": order.payer_page})
        return DONE
    print_text(order.payer_page)
    if qr:
        from baton.cli.views.qr import QUIET_ZONE, code_view, make_code

        print_text(code_view(make_code(order.payer_page), QUIET_ZONE))
    return DONE
