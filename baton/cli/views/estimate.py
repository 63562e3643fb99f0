"""A price for `baton estimate`. Pure."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from baton.cli.views.layout import QUIET, Row, heading, labelled
from baton.cli.views.units import both_units
from baton.orchestra.models import Estimate, QuoteRequest
from baton.orders.amounts import AssetAmount

Decimals = Mapping[str, int]


def ends(order: QuoteRequest) -> tuple[str, str]:
    """Return source and destination as `chain:asset`."""
    return f"{order.source_chain}:{order.source_asset}", f"{order.destination_chain}:{order.destination_asset}"


def amount_in(order: QuoteRequest, price: Estimate) -> int | None:
    """Return what the payer would send, in smallest units; None if an exact output's price does not state it."""
    return price.required_amount_in if order.amount_mode == "exact_out" else order.amount


def estimate_document(order: QuoteRequest, price: Estimate, decimals: Decimals) -> dict[str, Any]:
    """Return a price as JSON: amounts as strings of digits in smallest units."""
    source, destination = ends(order)
    sent = amount_in(order, price)
    return {
        "source": source,
        "destination": destination,
        "amount_mode": order.amount_mode or "exact_in",
        "amount_in": None if sent is None else str(sent),
        **price.model_dump(mode="json"),
        "source_decimals": decimals.get(source),
        "destination_decimals": decimals.get(destination),
        "amounts": _amounts(order, price, decimals),
    }


def estimate_view(order: QuoteRequest, price: Estimate, decimals: Decimals) -> RenderableType:
    """Return a price for people, with whole units where decimals are known."""
    source, destination = ends(order)
    fee_decimals = _fee_decimals(price, decimals)
    fee = both_units(price.fee_amount, price.fee_asset, fee_decimals)
    rows: list[Row] = [
        ("in", both_units(amount_in(order, price), order.source_asset, decimals.get(source))),
        ("in, at most", both_units(price.max_accepted_amount_in, order.source_asset, decimals.get(source))),
        ("out, about", both_units(price.estimated_out, order.destination_asset, decimals.get(destination))),
        ("fee", f"{fee}, {price.fee_bps} bps" if fee and price.fee_bps is not None else fee),
        ("total fees", both_units(price.total_fee_amount, price.fee_asset, fee_decimals)),
        ("path", " → ".join(price.route) or None),
    ]
    return Group(
        heading("Estimate", f"{source} → {destination}", "cyan"),
        *[labelled(label, value) for label, value in rows if value],
        Text(""),
        Text("The price of this moment, not guaranteed; `baton start` gets a quote.", style=QUIET),
    )


def _fee_decimals(price: Estimate, decimals: Decimals) -> int | None:
    """Return the decimals of the fee's asset: as the price states them, else of a symbol that all chains agree on.

    An asset of the order with that symbol says nothing: fees are often charged on another chain.
    """
    details = price.fee_asset_details
    if details is not None and details.asset == price.fee_asset:
        return details.decimals
    return decimals.get(price.fee_asset or "")


def _amounts(order: QuoteRequest, price: Estimate, decimals: Decimals) -> dict[str, Any]:
    """Return the amounts of a price, each with its asset, decimals and whole units."""
    source, destination = ends(order)
    sides = {
        "in": (amount_in(order, price), order.source_asset, order.source_chain, decimals.get(source)),
        "in_at_most": (
            price.max_accepted_amount_in,
            order.source_asset,
            order.source_chain,
            decimals.get(source),
        ),
        "estimated_out": (
            price.estimated_out,
            order.destination_asset,
            order.destination_chain,
            decimals.get(destination),
        ),
        **{name: (value, *_fee_asset(price, decimals)) for name, value in _fees(price).items()},
    }
    return {name: _document(*side) for name, side in sides.items()}


def _fees(price: Estimate) -> dict[str, int | None]:
    return {"fee": price.fee_amount, "total_fee": price.total_fee_amount}


def _fee_asset(price: Estimate, decimals: Decimals) -> tuple[str | None, str | None, int | None]:
    details = price.fee_asset_details
    return price.fee_asset, details.chain if details else None, _fee_decimals(price, decimals)


def _document(value: int | None, asset: str | None, chain: str | None, decimals: int | None) -> dict[str, Any] | None:
    if value is None or asset is None:
        return None
    return AssetAmount(amount=value, asset=asset, chain=chain, decimals=decimals).model_dump(mode="json")
