"""`baton estimate`: what an order would pay out at the moment; nothing is placed or guaranteed."""

from typing import TYPE_CHECKING

import typer

from baton.cli import start_options as given
from baton.cli.errors import DONE, REFUSED, CommandFailed, command
from baton.cli.files.route_cache import cache_file, load_routes
from baton.cli.options import AsJson
from baton.cli.order_document import read_estimate, with_option
from baton.cli.output import print_json, print_note, print_text
from baton.cli.partner import find_account, open_partner
from baton.cli.session import join_stack

if TYPE_CHECKING:
    from baton.orchestra.client import OrchestraClient
    from baton.orchestra.models import Estimate, EstimateRequest, QuoteRequest
    from baton.orchestra.rules.objections import OrderObjection, Routes
    from baton.orders.document import SwapDocument
    from baton.settings import PartnerAccount, Settings


@command
def estimate(
    context: typer.Context,
    file: given.File = None,
    source_chain: given.SourceChain = None,
    source_asset: given.SourceAsset = None,
    destination_chain: given.DestinationChain = None,
    destination_asset: given.DestinationAsset = None,
    amount: given.Amount = None,
    amount_mode: given.AmountMode = None,
    recipient_address: given.RecipientAddress = None,
    slippage_bps: given.SlippageBps = None,
    affiliate_id: given.AffiliateId = None,
    delivery_mode: given.DeliveryMode = None,
    account: given.Account = None,
    as_json: AsJson = False,
) -> int:
    """Show what an order would pay out at the moment; exits 1 for an order that is not possible.

    Nothing is placed or guaranteed. The recipient is optional. Your own fees are not part of the price.

    [dim]baton estimate --source-chain base --source-asset USDC --amount 100000000 --destination-chain spark
    --destination-asset BTC[/dim]
    """
    from baton.process.lifecycle import run_main

    # The options have the names of the document's fields, so the context holds them all.
    order, request = read_estimate(context.params)
    settings = join_stack()
    return run_main(_estimate(settings, order, request, as_json=as_json))


async def _estimate(settings: "Settings", order: "SwapDocument", request: "EstimateRequest", *, as_json: bool) -> int:
    account = find_account(settings, order.account)
    async with open_partner(account) as client:
        routes = await known_routes(client, settings, account)
        if objection := await _objection(client, routes, order):
            raise CommandFailed(REFUSED, objection.code, with_option(objection.message))
        price = await client.estimate(request)
    _print_estimate(order, price, routes, as_json=as_json)
    return DONE


async def known_routes(client: "OrchestraClient", settings: "Settings", account: "PartnerAccount") -> "Routes | None":
    """Return the cached or fetched route list; None, with a note, if there is neither."""
    from baton.orchestra.errors import OrchestraError

    try:
        return await load_routes(client, cache_file(settings.home, account.base_url), warn=print_note)
    except OrchestraError as error:
        print_note(f"the routes could not be fetched: {error.message}")
        return None


async def _objection(
    client: "OrchestraClient", routes: "Routes | None", request: "QuoteRequest"
) -> "OrderObjection | None":
    from baton.accounts.route_book import limits_of
    from baton.orchestra.errors import OrchestraError
    from baton.orchestra.rules.objections import object_to_amount, object_to_route

    if routes is not None and (objection := object_to_route(routes, request)):
        return objection
    try:
        return object_to_amount(await limits_of(client, request), request, routes.decimals if routes else {})
    except OrchestraError:
        # The price shows whether the amount fits; a refused price says why.
        return None


def _print_estimate(order: "SwapDocument", price: "Estimate", routes: "Routes | None", *, as_json: bool) -> None:
    from baton.cli.views.estimate import estimate_view
    from baton.cli.views.units import order_decimals
    from baton.orders.price import ends, estimate_document

    decimals = order_decimals(routes, *ends(order))
    if as_json:
        print_json(estimate_document(order, price, decimals).model_dump(mode="json"))
    else:
        print_text(estimate_view(order, price, decimals))
