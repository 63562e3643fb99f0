"""The price of an order at the moment, as programs read it. Pure."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from baton.orchestra.models import Estimate, QuoteRequest
from baton.orders.amounts import AssetAmount

Decimals = Mapping[str, int]


class EstimateAmounts(BaseModel):
    """The amounts of a price; None where the price does not state one."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    in_: AssetAmount | None = Field(alias="in")
    in_at_most: AssetAmount | None
    estimated_out: AssetAmount | None
    fee: AssetAmount | None
    total_fee: AssetAmount | None


class EstimateDocument(Estimate):
    """A price as JSON: amounts in smallest units, and in `amounts` in whole ones too."""

    # Written under the names of the model's fields, not the partner API's.
    model_config = ConfigDict(alias_generator=None)

    source: str
    destination: str
    amount_mode: str
    amount_in: str | None
    source_decimals: int | None
    destination_decimals: int | None
    amounts: EstimateAmounts


def ends(order: QuoteRequest) -> tuple[str, str]:
    """Return source and destination as `chain:asset`."""
    return f"{order.source_chain}:{order.source_asset}", f"{order.destination_chain}:{order.destination_asset}"


def amount_in(order: QuoteRequest, price: Estimate) -> int | None:
    """Return what the payer would send, in smallest units; None if an exact output's price does not state it."""
    return price.required_amount_in if order.amount_mode == "exact_out" else order.amount


def fee_decimals(price: Estimate, decimals: Decimals) -> int | None:
    """Return the decimals of the fee's asset: as the price states them, else of a symbol that all chains agree on.

    An asset of the order with that symbol says nothing: fees are often charged on another chain.
    """
    details = price.fee_asset_details
    if details is not None and details.asset == price.fee_asset:
        return details.decimals
    return decimals.get(price.fee_asset or "")


def estimate_document(order: QuoteRequest, price: Estimate, decimals: Decimals) -> EstimateDocument:
    """Return a price with what it is the price of, and its amounts with asset, decimals and whole units.

    Args:
        order: What is priced.
        price: Orchestra's answer.
        decimals: Decimals of assets by `chain:asset`, and by symbol where all chains agree.
    """
    source, destination = ends(order)
    sent = amount_in(order, price)
    return EstimateDocument(
        **dict(price),
        source=source,
        destination=destination,
        amount_mode=order.amount_mode or "exact_in",
        amount_in=None if sent is None else str(sent),
        source_decimals=decimals.get(source),
        destination_decimals=decimals.get(destination),
        amounts=_amounts(order, price, decimals),
    )


def _amounts(order: QuoteRequest, price: Estimate, decimals: Decimals) -> EstimateAmounts:
    source, destination = ends(order)
    from_asset = (order.source_asset, order.source_chain, decimals.get(source))
    to_asset = (order.destination_asset, order.destination_chain, decimals.get(destination))
    details = price.fee_asset_details
    fee_asset = (price.fee_asset, details.chain if details else None, fee_decimals(price, decimals))
    return EstimateAmounts(
        in_=_asset_amount(amount_in(order, price), *from_asset),
        in_at_most=_asset_amount(price.max_accepted_amount_in, *from_asset),
        estimated_out=_asset_amount(price.estimated_out, *to_asset),
        fee=_asset_amount(price.fee_amount, *fee_asset),
        total_fee=_asset_amount(price.total_fee_amount, *fee_asset),
    )


def _asset_amount(value: int | None, asset: str | None, chain: str | None, decimals: int | None) -> AssetAmount | None:
    if value is None or asset is None:
        return None
    return AssetAmount(amount=value, asset=asset, chain=chain, decimals=decimals)
