"""A price for `baton estimate`. Pure."""

from rich.console import Group, RenderableType
from rich.text import Text

from baton.cli.views.layout import QUIET, Row, heading, labelled
from baton.cli.views.units import both_units
from baton.orchestra.models import Estimate, QuoteRequest
from baton.orders.price import Decimals, amount_in, ends, fee_decimals


def estimate_view(order: QuoteRequest, price: Estimate, decimals: Decimals) -> RenderableType:
    """Return a price for people, with whole units where decimals are known."""
    source, destination = ends(order)
    of_fee = fee_decimals(price, decimals)
    fee = both_units(price.fee_amount, price.fee_asset, of_fee)
    rows: list[Row] = [
        ("in", both_units(amount_in(order, price), order.source_asset, decimals.get(source))),
        ("in, at most", both_units(price.max_accepted_amount_in, order.source_asset, decimals.get(source))),
        ("out, about", both_units(price.estimated_out, order.destination_asset, decimals.get(destination))),
        ("fee", f"{fee}, {price.fee_bps} bps" if fee and price.fee_bps is not None else fee),
        ("total fees", both_units(price.total_fee_amount, price.fee_asset, of_fee)),
        ("path", " → ".join(price.route) or None),
    ]
    return Group(
        heading("Estimate", f"{source} → {destination}", "cyan"),
        *[labelled(label, value) for label, value in rows if value],
        Text(""),
        Text("The price of this moment, not guaranteed; `baton start` gets a quote.", style=QUIET),
    )
