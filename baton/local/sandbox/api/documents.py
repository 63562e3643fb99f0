"""The documents inside an order's record: swap, fee plan, fee payouts, payment intent. Pure but for new ids.

Source: the partner API reference, sub-objects of the order.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from baton.local.sandbox.api.quote_records import exact_out_fields, taken_fee
from baton.local.sandbox.engine.addresses import new_transaction
from baton.local.sandbox.engine.clock import iso
from baton.local.sandbox.engine.pricing import dollars, lowest_accepted
from baton.local.sandbox.engine.store import SandboxOrder


def swap(order: SandboxOrder, now: datetime) -> dict[str, Any]:
    """Return the record of the order's swap."""
    output = order.price.amount_out + (order.price.total_fee if _fee_on_output(order) else 0)
    slippage = order.quote.request.slippage_bps
    rate = _execution_price(order)
    leg = {
        "provider": "flashnet",
        "poolId": "pool_btc_usdb",
        "assetInAddress": order.quote.route.source.symbol,
        "assetOutAddress": order.quote.route.destination.symbol,
        "amountIn": str(order.price.amount_in),
        "expectedAmountOut": str(output),
        "minAmountOut": str(lowest_accepted(output, slippage)),
        "amountOut": str(output),
        "slippageBpsRequested": slippage,
        "slippageBpsUsed": slippage,
        "simulation": {
            "executionPrice": rate,
            "priceImpactPct": "0.01",
            "feePaidAssetIn": None,
            "warningMessage": None,
        },
        "execution": {
            "executionPrice": rate,
            "feeAmount": None,
            "requestId": f"req_{uuid.uuid4()}",
            "outboundTransferId": None,
        },
        "recordedAt": iso(now),
    }
    return {"version": 1, "legs": {"full": leg}}


def payment_intent(order: SandboxOrder) -> dict[str, Any] | None:
    """Return what the payer is held to: the bounds of an exact-out order, or the dollars of one that named them."""
    quote = order.quote
    if quote.fiat is not None:
        paid = str(order.deposit.amount) if order.deposit else None
        return {"version": 1, "amountMode": "exact_in", "actualAmountIn": paid, **quote.fiat.fields}
    if not quote.request.is_exact_out:
        return None
    return {
        "version": 1,
        **exact_out_fields(quote.price),
        "actualAmountIn": str(order.deposit.amount) if order.deposit else None,
        "refundAddress": quote.request.refund_address,
        "exactOutExecution": "strict",
    }


def fee_plan(order: SandboxOrder) -> dict[str, Any] | None:
    """Return who gets which fee, if anybody does."""
    if not order.price.app_fees:
        return None
    fees = [one.fee for one in order.price.app_fees]
    return {
        "version": 1,
        "settlementChain": order.price.fee_asset.chain.name,
        "settlementAsset": order.price.fee_asset.symbol,
        "appFees": [{"affiliateId": fee.affiliate_id, "recipient": fee.recipient, "feeBps": fee.bps} for fee in fees],
    }


def fee_payouts(order: SandboxOrder, now: datetime, *, all_of_them: bool) -> dict[str, Any] | None:
    """Return the payments of an order with app fees so far.

    The first fee is paid when the order is delivered, the others and the recipient when it completes; what is recorded
    stays as it was.
    """
    if not order.price.app_fees:
        return None
    wanted = [*_fee_entries(order, now), _payout_entry(order, now)] if all_of_them else _fee_entries(order, now)[:1]
    known: Mapping[str, Any] = order.facts.get("feePayouts") or {}
    entries = {entry["idempotencyKey"]: entry for entry in (*wanted, *known.get("entries", ()))}
    return {"version": 1, "entries": list(entries.values())}


def _fee_entries(order: SandboxOrder, now: datetime) -> list[dict[str, Any]]:
    chain = order.price.fee_asset.chain
    return [
        {
            "idempotencyKey": f"order:{order.id}:full:appfee:{number}",
            "leg": "full",
            "chain": chain.name,
            "role": "app_fee",
            **taken_fee(taken),
            "txHash": new_transaction(chain.family),
            "recordedAt": iso(now),
        }
        for number, taken in enumerate(order.price.app_fees)
    ]


def _payout_entry(order: SandboxOrder, now: datetime) -> dict[str, Any]:
    chain = order.quote.route.destination.chain
    return {
        "idempotencyKey": f"order:{order.id}:full:payout",
        "leg": "full",
        "chain": chain.name,
        "role": "recipient_payout",
        "recipient": order.quote.request.recipient,
        "feeBps": None,
        "amount": str(order.price.amount_out),
        "platformCutAmount": None,
        "recipientAmount": None,
        "txHash": order.facts.get("destinationTxHash") or order.facts.get("sparkTxHash"),
        "recordedAt": iso(now),
    }


def _fee_on_output(order: SandboxOrder) -> bool:
    return order.price.fee_asset is order.quote.route.destination


def _execution_price(order: SandboxOrder) -> str:
    """Return dollars for one whole of what is not a dollar, or the dollar's own price."""
    route = order.quote.route
    asset = route.source if route.source.cent is None else route.destination
    return dollars(asset.unit, asset, order.prices)
