"""The API's rules for reusable addresses, checked before the call. Pure; each sentence begins with the field.

Source: the partner API reference, reusable addresses.
"""

from collections.abc import Iterator

from baton.orchestra.address_models import AccumulationRequest, LiquidationRequest, StandingRequest
from baton.orchestra.models import QuoteRequest

AddressRequest = AccumulationRequest | LiquidationRequest | StandingRequest

ACCUMULATION_ASSETS = ("BTC", "USDB")
"""What an accumulation address can deliver on Spark."""

NO_PLAIN_TRANSFER = ("bitcoin", "lightning", "spark")
"""Chains that no accumulation address can be on: it takes plain transfers on the other side of a bridge."""

MAX_FEE_BPS = 9_999
MAX_SLIPPAGE_BPS = 1_000
MAX_STANDING_SLIPPAGE_BPS = 10_000


def address_objections(request: AddressRequest) -> list[str]:
    """Return why the API would refuse a request; empty if nothing is known against it."""
    if isinstance(request, AccumulationRequest):
        return [*_accumulation(request), *_terms(request)]
    if isinstance(request, LiquidationRequest):
        return list(_terms(request))
    return list(_slippage(request.slippage_bps, MAX_STANDING_SLIPPAGE_BPS))


def _accumulation(request: AccumulationRequest) -> Iterator[str]:
    if request.destination_asset not in ACCUMULATION_ASSETS:
        yield f"destinationAsset {request.destination_asset} cannot be accumulated; use BTC or USDB"
    if request.source_chain in NO_PLAIN_TRANSFER:
        remedy = "use a liquidation address for bitcoin" if request.source_chain == "bitcoin" else "use another chain"
        yield f"sourceChain {request.source_chain} has no accumulation addresses; {remedy}"
    elif request.refund_addresses and request.source_chain not in request.refund_addresses:
        yield f"refundAddresses names no address on {request.source_chain}, where the deposits come from; add it"


def _terms(request: AccumulationRequest | LiquidationRequest) -> Iterator[str]:
    if request.fee_bps is not None and not 0 <= request.fee_bps <= MAX_FEE_BPS:
        yield f"feeBps is {request.fee_bps}; use 0 to {MAX_FEE_BPS}"
    passthrough = isinstance(request, LiquidationRequest) and request.destination_asset == "BTC"
    if request.fee_bps and passthrough:
        yield "feeBps is not available where bitcoin is delivered as BTC; leave it out"
    yield from _slippage(request.slippage_bps, MAX_SLIPPAGE_BPS)


def _slippage(bps: int | None, most: int) -> Iterator[str]:
    if bps is not None and not 0 <= bps <= most:
        yield f"slippageBps is {bps}; use 0 to {most}"


def priced_request(request: AddressRequest) -> QuoteRequest | None:
    """Return a quote request with an address's route, to check the route; None for a standing address on any chain."""
    if isinstance(request, AccumulationRequest):
        return QuoteRequest(
            source_chain=request.source_chain,
            source_asset=request.source_asset,
            destination_chain="spark",
            destination_asset=request.destination_asset,
            amount=0,
            recipient_address=request.recipient_spark_address,
        )
    if isinstance(request, LiquidationRequest):
        return QuoteRequest(
            source_chain="bitcoin",
            source_asset="BTC",
            destination_chain=request.destination_chain,
            destination_asset=request.destination_asset,
            amount=0,
            recipient_address=request.destination_address,
        )
    return None
