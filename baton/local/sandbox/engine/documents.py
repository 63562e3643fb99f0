"""The documents inside an order's record: swap, fee plan, fee payouts, payment intent. Pure except for new ids.

Source: the partner API reference, sub-objects of the order.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from baton.local.sandbox.engine.addresses import new_transaction
from baton.local.sandbox.engine.clock import iso
from baton.local.sandbox.engine.price_fields import charged_fee, exact_out_fields
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
    """Return the payment that is expected: the bounds of an exact-out order, or the dollars of a fiat order."""
    quote = order.quote
    if quote.fiat is not None:
        amount = str(order.deposit.amount) if order.deposit else None
        return {"version": 1, "amountMode": "exact_in", "actualAmountIn": amount, **quote.fiat.fields}
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
    """Return the planned app fees; None if there are none."""
    if not order.price.app_fees:
        return None
    fees = [charged.fee for charged in order.price.app_fees]
    return {
        "version": 1,
        "settlementChain": order.price.fee_asset.chain.name,
        "settlementAsset": order.price.fee_asset.symbol,
        "appFees": [{"affiliateId": fee.affiliate_id, "recipient": fee.recipient, "feeBps": fee.bps} for fee in fees],
    }


def fee_payouts(order: SandboxOrder, now: datetime, *, completed: bool) -> dict[str, Any] | None:
    """Return the payouts so far of an order with app fees; None if it has no app fees.

    The first fee is paid when the order is delivered, the other fees and the recipient when it completes. An entry that
    is already recorded does not change.
    """
    if not order.price.app_fees:
        return None
    due = [*_fee_entries(order, now), _payout_entry(order, now)] if completed else _fee_entries(order, now)[:1]
    previous: Mapping[str, Any] = order.facts.get("feePayouts") or {}
    entries = {entry["idempotencyKey"]: entry for entry in (*due, *previous.get("entries", ()))}
    return {"version": 1, "entries": list(entries.values())}


def _fee_entries(order: SandboxOrder, now: datetime) -> list[dict[str, Any]]:
    chain = order.price.fee_asset.chain
    return [
        {
            "idempotencyKey": f"order:{order.id}:full:appfee:{number}",
            "leg": "full",
            "chain": chain.name,
            "role": "app_fee",
            **charged_fee(charged),
            "txHash": new_transaction(chain.family),
            "recordedAt": iso(now),
        }
        for number, charged in enumerate(order.price.app_fees)
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
    """Return the source asset's price in dollars, or the destination's if the source is a dollar."""
    route = order.quote.route
    asset = route.source if route.source.cent is None else route.destination
    return dollars(asset.unit, asset, order.prices)
