"""`baton start`: place an order and say where to deposit."""

import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from baton.cli import start_options as given
from baton.cli.errors import DONE, INTERRUPTED, REFUSED, UNREACHABLE, USAGE, CommandFailed, command
from baton.cli.options import AsJson, Patience
from baton.cli.order_document import FIELDS, POLICY_FIELDS, read_order
from baton.cli.output import print_json, print_note, print_text
from baton.cli.payer_page import with_payer_page
from baton.cli.qr_options import Qr, QrRequest, QrSvg, read_qr_request, show_qr_code
from baton.cli.session import join_stack, open_client
from baton.cli.views.values import clean, named

if TYPE_CHECKING:
    from baton.cli.sandbox.payer import Payments
    from baton.cli.sandbox.story import Story
    from baton.client import BatonClient
    from baton.orders.answers import Placement
    from baton.orders.document import OrderDocument
    from baton.settings import Settings


@command
def start(
    context: typer.Context,
    file: given.File = None,
    batch: given.Batch = None,
    skip_bad: given.SkipBad = False,
    results: given.Results = None,
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
    metadata: given.Metadata = None,
    on_quote_expiry: given.OnQuoteExpiry = None,
    max_requotes: given.MaxRequotes = None,
    deposit_window: given.DepositWindow = None,
    submit_at: given.SubmitAt = None,
    reprice: given.Reprice = None,
    max_loss_bps: given.MaxLossBps = None,
    reference: given.Reference = None,
    account: given.Account = None,
    scenario: given.Scenario = None,
    qr: Qr = False,
    qr_svg: QrSvg = None,
    watch: given.Watch = False,
    patience: Patience = 60.0,
    as_json: AsJson = False,
) -> int:
    """Place an order and print where to deposit; placing the same order again prints the same.

    [dim]baton start --file order.json[/dim]
    [dim]baton start --source-chain base --source-asset USDC --amount 100000000 --destination-chain spark
    --destination-asset BTC --recipient-address spark1...[/dim]
    [dim]baton start --kind onramp --amount-fiat-usd 25.00 --destination-chain spark --destination-asset USDB
    --recipient-address spark1... --qr[/dim]
    [dim]baton start --kind offramp --source-chain base --source-asset USDC --amount 50000000
    --recipient-address '$name' --refund-address 0x...[/dim]
    [dim]baton start --scenario refund_slippage --watch[/dim]
    [dim]baton start --batch orders.csv --skip-bad --results placed.csv[/dim]
    """
    from baton.process.lifecycle import run_main

    settings = join_stack()
    if batch or skip_bad or results:
        return _start_batch(context.params)
    story = _story(scenario, settings, account) if scenario else None
    # The options have the names of the document's fields, so the context holds them all.
    document = read_order(context.params, story.example(context.params) if story else None)
    if story:
        story.note_misfit(document)
    qr_request = read_qr_request(qr, qr_svg, as_json=as_json)
    code = run_main(_start(document, story, qr_request, settings, patience, watch=watch, as_json=as_json))
    if code == INTERRUPTED:
        print_note(
            f"stopped; the order may have been placed: `baton show {named(document.reference, document.account)}`"
        )
    return code


def _start_batch(options: dict[str, Any]) -> int:
    from baton.cli.batch_run import BatchCommand

    batch: Path | None = options["batch"]
    others = [name for name in (*FIELDS, *POLICY_FIELDS, "file", "scenario") if options.get(name) and name != "account"]
    if batch is None:
        raise CommandFailed(USAGE, "usage", "--skip-bad and --results belong to --batch FILE; add it")
    if others:
        option = others[0].replace("_", "-")
        raise CommandFailed(USAGE, "usage", f"--{option} is about one order; write it into the rows of {batch}")
    shared = {name: options[name] for name in ("skip_bad", "results", "patience", "account", "as_json")}
    return BatchCommand(batch, **shared).run()


def _story(scenario: str, settings: "Settings", account: str | None) -> "Story":
    from baton.cli.sandbox.story import open_story

    return open_story(scenario, settings, account or os.environ.get("BATON_ACCOUNT") or "default")


async def _start(
    document: "OrderDocument",
    story: "Story | None",
    qr_request: QrRequest,
    settings: "Settings",
    patience: float,
    *,
    watch: bool,
    as_json: bool,
) -> int:
    from baton.cli.commands.watch import follow

    client = await open_client(patience)
    place = partial(_place, client, document)
    placement = with_payer_page(await (story.place(document, place) if story else place()), settings)
    refused = placement.outcome is not None and placement.outcome != "completed"
    qr_failure = None
    if not as_json:
        _print_text(placement, refused=refused)
    if qr_request and not refused:
        qr_failure = await _show_qr_code(client, placement, qr_request, settings)
    payments = await story.pay(client, placement, patience) if story else None
    if as_json:
        _print_json(placement, qr_failure, payments, refused=refused)
    elif payments:
        _print_payments(payments)
    if qr_failure and not as_json:
        raise qr_failure
    if watch and not (refused or qr_failure):
        return await follow(client, document.reference, document.account, as_json=as_json)
    return REFUSED if refused or qr_failure else DONE


async def _place(client: "BatonClient", document: "OrderDocument") -> "Placement":
    """Place the order; return the placement of a refused or closed order too, because programs read it as JSON."""
    from baton.errors import OrderRefused, Unreachable
    from baton.orders.snapshot import placement_of_snapshot

    try:
        return await client.place(document)
    except OrderRefused as error:
        # Only of an order that ended: an address of any other refused order must not be shown.
        if error.standing is None or error.standing.outcome is None or error.code == "reference_conflict":
            raise
        return placement_of_snapshot(await client.snapshot(document.reference, document.account))
    except Unreachable as error:
        message = f"{str(error).rstrip('.')}. The order's reference is {document.reference}; starting it again is safe."
        raise CommandFailed(UNREACHABLE, error.code, message, reference=document.reference) from None


async def _show_qr_code(
    client: "BatonClient", placement: "Placement", qr_request: QrRequest, settings: "Settings"
) -> CommandFailed | None:
    """Draw or write the order's code; return the failure instead of raising it, so that the placement is printed."""
    from baton.errors import BatonError

    try:
        show_qr_code(await client.snapshot(placement.reference, placement.account), qr_request, settings)
    except CommandFailed as error:
        return error
    except BatonError as error:
        return CommandFailed(REFUSED, error.code, f"no code: {error}")
    return None


def _print_json(
    placement: "Placement", qr_failure: CommandFailed | None, payments: "Payments | None", *, refused: bool
) -> None:
    reason = placement.reason if refused else qr_failure
    error = {"error": {"code": reason.code, "message": reason.message}} if reason else {}
    paid = {"paid": payments.document()} if payments else {}
    print_json(placement.model_dump(mode="json") | paid | error)


def _print_payments(payments: "Payments") -> None:
    from baton.cli.views.sandbox import payments_view

    print_text("")
    print_text(payments_view(payments))


def _print_text(placement: "Placement", *, refused: bool) -> None:
    from baton.cli.views.placement import placement_view

    if refused and placement.quote_id is None:
        raise CommandFailed(REFUSED, *_refusal(placement))
    print_text(placement_view(placement, datetime.now(UTC)))


def _refusal(placement: "Placement") -> tuple[str, str]:
    reason = placement.reason
    if reason is None:
        return "closed", f"order {placement.reference} is closed without a quote"
    return reason.code, clean(f"no quote for order {placement.reference}, {reason.code}: {reason.message}")
