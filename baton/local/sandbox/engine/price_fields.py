"""A price as the API writes it: fees, app fees, and the bounds of an exact-out input."""

from typing import Any

from baton.local.sandbox.engine.assets import INPUT_BUFFER_BPS
from baton.local.sandbox.engine.pricing import Price, Prices, TakenFee, dollars, highest_accepted_input
from baton.local.sandbox.engine.routes import asset_details


def fee_fields(price: Price, prices: Prices) -> dict[str, Any]:
    """Return the fees of a price, as quotes and estimates write them."""
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
    """Return an app fee with the platform's share and the recipient's share."""
    return {
        "affiliateId": taken.fee.affiliate_id,
        "recipient": taken.fee.recipient,
        "feeBps": taken.fee.bps,
        "amount": str(taken.amount),
        "platformCutAmount": str(taken.platform_cut),
        "recipientAmount": str(taken.amount - taken.platform_cut),
    }


def exact_out_fields(price: Price) -> dict[str, Any]:
    """Return the further fields of an exact-out price: the output and the accepted input."""
    return {
        "amountMode": "exact_out",
        "targetAmountOut": str(price.amount_out),
        "requiredAmountIn": str(price.amount_in),
        "maxAcceptedAmountIn": str(highest_accepted_input(price.amount_in)),
        "inputBufferBps": INPUT_BUFFER_BPS,
    }
