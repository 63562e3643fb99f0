"""`baton start`: place an order and say where to deposit."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from baton.cli import start_options as given
from baton.cli.errors import DONE, INTERRUPTED, REFUSED, UNREACHABLE, CommandFailed, command
from baton.cli.options import AsJson, Patience
from baton.cli.order_document import read_order
from baton.cli.output import print_json, print_note, print_text
from baton.cli.session import join_stack, open_client
from baton.cli.views.qr import Qr, QrSvg, Wish, read_wish, show_code
from baton.cli.views.wording import clean, named

if TYPE_CHECKING:
    from baton.client import BatonClient
    from baton.orders.answers import Placement
    from baton.orders.document import OrderDocument
    from baton.settings import Settings


@command
def start(
    context: typer.Context,
    file: given.File = None,
    kind: given.Kind = None,
    source_chain: given.SourceChain = None,
    source_asset: given.SourceAsset = None,
    destination_chain: given.DestinationChain = None,
    destination_asset: given.DestinationAsset = None,
    amount: given.Amount = None,
    amount_fiat_usd: given.AmountFiatUsd = None,
    amount_mode: given.AmountMode = None,
    recipient_address: given.RecipientAddress = None,
    refund_address: given.RefundAddress = None,
    refund_chain: given.RefundChain = None,
    slippage_bps: given.SlippageBps = None,
    affiliate_id: given.AffiliateId = None,
    app_fee: given.AppFee = None,
    delivery_mode: given.DeliveryMode = None,
    zeroconf: given.Zeroconf = None,
    payer: given.Payer = None,
    payer_region: given.PayerRegion = None,
    on_quote_expiry: given.OnQuoteExpiry = None,
    max_requotes: given.MaxRequotes = None,
    deposit_window: given.DepositWindow = None,
    submit_at: given.SubmitAt = None,
    reprice: given.Reprice = None,
    max_loss_bps: given.MaxLossBps = None,
    reference: given.Reference = None,
    account: given.Account = None,
    qr: Qr = False,
    qr_svg: QrSvg = None,
    watch: given.Watch = False,
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Place an order and print where to deposit; placing it again prints the same.

    [dim]baton start --file order.json[/dim]
    [dim]baton start --source-chain base --source-asset USDC --amount 100000000 --destination-chain spark
    --destination-asset BTC --recipient-address spark1...[/dim]
    [dim]baton start --kind onramp --amount-fiat-usd 25.00 --destination-chain spark --destination-asset USDB
    --recipient-address spark1... --qr[/dim]
    """
    from baton.process.lifecycle import run_main

    # The options are named like the document's fields: what was given is read from the context as a whole.
    document = read_order(context.params)
    wish = read_wish(qr, qr_svg, as_json=as_json)
    settings = join_stack()
    code = run_main(_start(document, wish, settings, patience, watch=watch, as_json=as_json))
    if code == INTERRUPTED:
        print_note(f"stopped; the order may be under way: `baton show {named(document.reference, document.account)}`")
    return code


async def _start(
    document: "OrderDocument", wish: Wish, settings: "Settings", patience: float, *, watch: bool, as_json: bool
) -> int:
    from baton.cli.commands.watch import follow

    client = await open_client(patience)
    placement = await _place(client, document)
    refused = placement.outcome is not None and placement.outcome != "completed"
    trouble = None
    if not as_json:
        _tell(placement, refused=refused)
    if wish and not refused:
        trouble = await _code_trouble(client, placement, wish, settings)
    if as_json:
        _print_placement(placement, trouble, refused=refused)
    elif trouble:
        raise trouble
    if watch and not (refused or trouble):
        return await follow(client, document.reference, document.account, as_json=as_json)
    return REFUSED if refused or trouble else DONE


async def _place(client: "BatonClient", document: "OrderDocument") -> "Placement":
    """Place the order; return the placement of a refused or closed one too, as programs read it from the JSON."""
    from baton.errors import OrderRefused, Unreachable
    from baton.orders.snapshot import placement_of_snapshot

    try:
        return await client.place(document)
    except OrderRefused as error:
        if error.standing is None:
            raise
        return placement_of_snapshot(await client.snapshot(document.reference, document.account))
    except Unreachable as error:
        again = f"{error} The order's reference is {document.reference}; starting it again is safe."
        raise CommandFailed(UNREACHABLE, error.code, again, reference=document.reference) from None


async def _code_trouble(
    client: "BatonClient", placement: "Placement", wish: Wish, settings: "Settings"
) -> CommandFailed | None:
    """Draw or write the order's code; return why there is none: the order is placed in any case, and must be told."""
    from baton.errors import BatonError

    try:
        show_code(await client.snapshot(placement.reference, placement.account), wish, settings)
    except CommandFailed as error:
        return error
    except BatonError as error:
        return CommandFailed(REFUSED, error.code, f"no code: {error}")
    return None


def _print_placement(placement: "Placement", trouble: CommandFailed | None, *, refused: bool) -> None:
    reason = placement.reason if refused else trouble
    told = {"error": {"code": reason.code, "message": reason.message}} if reason else {}
    print_json(placement.model_dump(mode="json") | told)


def _tell(placement: "Placement", *, refused: bool) -> None:
    from baton.cli.views.rendering import placement_view

    if refused and placement.quote_id is None:
        raise CommandFailed(REFUSED, *_refusal(placement))
    print_text(placement_view(placement, datetime.now(UTC)))


def _refusal(placement: "Placement") -> tuple[str, str]:
    reason = placement.reason
    if reason is None:
        return "closed", f"order {placement.reference} is closed without a quote"
    return reason.code, clean(f"no quote for order {placement.reference}, {reason.code}: {reason.message}")
