"""Quotes as the API writes them: the answer of a quote, and its record."""

from datetime import datetime
from typing import Any

from baton.local.sandbox.engine.clock import iso
from baton.local.sandbox.engine.price_fields import exact_out_fields, fee_fields
from baton.local.sandbox.engine.pricing import lowest_accepted
from baton.local.sandbox.engine.routes import Direction
from baton.local.sandbox.engine.store import SandboxQuote


def quote_answer(quote: SandboxQuote) -> dict[str, Any]:
    """Return the answer of `POST /quote`."""
    answer: dict[str, Any] = {
        "quoteId": quote.id,
        "depositAddress": quote.deposit_address,
        "amountIn": str(quote.price.amount_in),
        "estimatedOut": str(quote.price.amount_out),
        **fee_fields(quote.price, quote.prices),
        "route": quote.route.display,
        "expiresAt": iso(quote.expires_at),
    }
    if quote.receive_request is not None:
        answer["lightningReceiveRequestId"] = quote.receive_request
    if quote.request.zeroconf_enabled is not None:
        answer["zeroconfEnabled"] = quote.request.zeroconf_enabled
    if quote.request.is_exact_out:
        answer |= exact_out_fields(quote.price)
    if quote.scenario.legacy or quote.scenario.reprice:
        least = lowest_accepted(quote.price.amount_out, quote.request.slippage_bps)
        answer |= {"priceLockMode": "approval_required", "lockedMinAmountOut": str(least)}
    return answer


def quote_record(quote: SandboxQuote, now: datetime) -> dict[str, Any]:
    """Return the quote as `GET /order` writes it."""
    route, price = quote.route, quote.price
    return {
        "id": quote.id,
        "kind": "buy" if route.direction is Direction.BUY else "sell",
        "sourceChain": route.source.chain.name,
        "sourceAsset": route.source.symbol,
        "destinationChain": route.destination.chain.name,
        "destinationAsset": route.destination.symbol,
        "amountIn": str(price.amount_in),
        "estimatedOut": str(price.amount_out),
        "feeBps": price.fee_bps,
        "feeAmount": str(price.fee),
        "feeAsset": price.fee_asset.symbol,
        "roundingFeeAmount": str(price.rounding_fee),
        "depositAddress": quote.deposit_address,
        "recipientAddress": quote.request.recipient,
        "slippageBps": quote.request.slippage_bps,
        "expiresAt": iso(quote.expires_at),
        "expired": now > quote.expires_at,
        "createdAt": iso(quote.created_at),
    }
