"""Quotes as the API writes them: the answer of a quote, its record, and what a price costs."""

from datetime import datetime
from typing import Any

from baton.local.sandbox.engine.assets import INPUT_BUFFER_BPS
from baton.local.sandbox.engine.clock import iso
from baton.local.sandbox.engine.pricing import Price, Prices, TakenFee, dollars, highest_accepted_input, lowest_accepted
from baton.local.sandbox.engine.routes import Direction, asset_details
from baton.local.sandbox.engine.store import SandboxQuote


def fee_fields(price: Price, prices: Prices) -> dict[str, Any]:
    """Return what a price costs, as quotes and estimates say it."""
    fields: dict[str, Any] = {
        "feeAmount": str(price.fee),
        "feeBps": price.fee_bps,
        "feeAsset": price.fee_asset.symbol,
        "totalFeeAmount": str(price.total_fee),
        "roundingFeeAmount": str(price.rounding_fee),
        "feeAssetDetails": asset_details(price.fee_asset),
        "feeAmountUsd": dollars(price.fee, price.fee_asset, prices),
        "totalFeeAmountUsd": dollars(price.total_fee, price.fee_asset, prices),
    }
    if price.app_fees:
        fields |= {
            "appFeeAmount": str(price.app_fee_amount),
            "appFeePlatformCutAmount": str(price.platform_cut),
            "appFees": [taken_fee(taken) for taken in price.app_fees],
        }
    return fields


def taken_fee(taken: TakenFee) -> dict[str, Any]:
    """Return an app fee with its share for the platform and its share for the recipient."""
    return {
        "affiliateId": taken.fee.affiliate_id,
        "recipient": taken.fee.recipient,
        "feeBps": taken.fee.bps,
        "amount": str(taken.amount),
        "platformCutAmount": str(taken.platform_cut),
        "recipientAmount": str(taken.amount - taken.platform_cut),
    }


def exact_out_fields(price: Price) -> dict[str, Any]:
    """Return what an exact-out price says besides, for the input as required."""
    return {
        "amountMode": "exact_out",
        "targetAmountOut": str(price.amount_out),
        "requiredAmountIn": str(price.amount_in),
        "maxAcceptedAmountIn": str(highest_accepted_input(price.amount_in)),
        "inputBufferBps": INPUT_BUFFER_BPS,
    }


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
    """Return the quote as `GET /order` tells it."""
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
