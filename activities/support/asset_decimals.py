"""Decimals of an order's assets, for the amounts that people read."""

from baton.accounts.route_book import RouteBook
from baton.orchestra.models import OrderRecord, Quote
from baton.orders.place_order import Request


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
