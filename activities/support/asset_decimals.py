"""Decimals of an order's assets, for the amounts that people read."""

from activities.support.failures import refused
from baton.accounts.route_book import RouteBook
from baton.orchestra.models import OrderRecord, Quote
from baton.orders.messages import Refusal, RequestOnramp, RequestQuote
from baton.orders.place_order import Request

DECIMALS_DIFFER = "decimals_differ"


def decimals_for(
    routes: RouteBook, account: str, order: Request | OrderRecord, quote: Quote | None = None
) -> dict[str, int]:
    """Return what the routes say of the assets of an order, of a refund and of the fee.

    Args:
        routes: The routes and limits of the API.
        account: Name of the order's account.
        order: What names the assets: the request, or Orchestra's record.
        quote: The quote that names the fee's asset, if there is one.
    """
    fee = quote.fee_asset if quote else getattr(order, "fee_asset", None)
    refund_chain = getattr(order, "refund_chain", None) or order.source_chain
    return routes.decimals(
        account,
        f"{order.source_chain}:{order.source_asset}",
        f"{order.destination_chain}:{order.destination_asset}",
        f"{refund_chain}:{order.source_asset}",
        fee,
    )


def check_decimals(routes: RouteBook, call: RequestQuote | RequestOnramp) -> None:
    """Refuse an amount in whole units that was read with other decimals than Orchestra's routes state.

    Raises:
        ApplicationError: It was, so the smallest units are not what the business meant (not retried).
    """
    request, assumed = call.request, call.amount_decimals
    by_output = request.amount_mode == "exact_out"
    chain = request.destination_chain if by_output else request.source_chain
    asset = request.destination_asset if by_output else request.source_asset
    stated = routes.decimals(call.account, f"{chain}:{asset}").get(f"{chain}:{asset}")
    if assumed is not None and stated not in (None, assumed):
        message = (
            f"amount: it was read with {assumed} decimals of {asset} on {chain}, and Orchestra states {stated};"
            " write the amount in smallest units"
        )
        raise refused(Refusal(code=DECIMALS_DIFFER, message=message))
