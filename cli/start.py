"""`baton start`: place an order and say where to deposit."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from cli import start_options as given
from cli.errors import DONE, INTERRUPTED, REFUSED, UNREACHABLE, CommandFailed, command
from cli.options import AsJson, Patience
from cli.order_document import read_order
from cli.output import print_json, print_note, print_text
from cli.session import join_stack, open_client
from cli.wording import clean, named

if TYPE_CHECKING:
    from workflows.document import OrderDocument
    from workflows.models import Placement


@command
def start(
    context: typer.Context,
    file: given.File = None,
    source_chain: given.SourceChain = None,
    source_asset: given.SourceAsset = None,
    destination_chain: given.DestinationChain = None,
    destination_asset: given.DestinationAsset = None,
    amount: given.Amount = None,
    amount_mode: given.AmountMode = None,
    recipient_address: given.RecipientAddress = None,
    refund_address: given.RefundAddress = None,
    refund_chain: given.RefundChain = None,
    slippage_bps: given.SlippageBps = None,
    affiliate_id: given.AffiliateId = None,
    app_fee: given.AppFee = None,
    delivery_mode: given.DeliveryMode = None,
    zeroconf: given.Zeroconf = None,
    on_quote_expiry: given.OnQuoteExpiry = None,
    max_requotes: given.MaxRequotes = None,
    deposit_window: given.DepositWindow = None,
    reference: given.Reference = None,
    account: given.Account = None,
    watch: given.Watch = False,
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Place an order and print where to deposit; placing it again prints the same.

    [dim]baton start --file order.json[/dim]
    [dim]baton start --source-chain base --source-asset USDC --amount 100000000 --destination-chain spark
    --destination-asset BTC --recipient-address spark1...[/dim]
    """
    from runtime.processes import run_main

    # The options are named like the document's fields: what was given is read from the context as a whole.
    document = read_order(context.params)
    join_stack()
    code = run_main(_start(document, patience, watch=watch, as_json=as_json))
    if code == INTERRUPTED:
        print_note(f"stopped; the order may be under way: `baton show {named(document.reference, document.account)}`")
    return code


async def _start(document: "OrderDocument", patience: float, *, watch: bool, as_json: bool) -> int:
    from cli.watch import follow
    from starter import Unreachable

    client = await open_client(patience)
    try:
        placement = await client.place(document)
    except Unreachable as error:
        again = f"{error.message} The order's reference is {document.reference}; starting it again is safe."
        raise CommandFailed(UNREACHABLE, error.code, again, reference=document.reference) from None
    code = _tell(placement, as_json=as_json)
    if watch and code == DONE:
        return await follow(client, document.reference, document.account, as_json=as_json)
    return code


def _tell(placement: "Placement", *, as_json: bool) -> int:
    from cli.rendering import placement_view

    refused = placement.outcome is not None and placement.outcome != "completed"
    if as_json:
        reason = {"error": placement.reason.model_dump()} if refused and placement.reason else {}
        print_json(placement.model_dump(mode="json") | reason)
    elif refused and placement.quote_id is None:
        raise CommandFailed(REFUSED, *_refusal(placement))
    else:
        print_text(placement_view(placement, datetime.now(UTC)))
    return REFUSED if refused else DONE


def _refusal(placement: "Placement") -> tuple[str, str]:
    reason = placement.reason
    if reason is None:
        return "closed", f"order {placement.reference} is closed without a quote"
    return reason.code, clean(f"no quote for order {placement.reference}, {reason.code}: {reason.message}")
