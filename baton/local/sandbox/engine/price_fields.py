"""A price as the API writes it: fees, app fees, and the bounds of an exact-out input."""

from typing import Any

from baton.local.sandbox.engine.assets import INPUT_BUFFER_BPS
from baton.local.sandbox.engine.pricing import ChargedFee, Price, Prices, dollars, highest_accepted_input
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
            "appFees": [charged_fee(charged) for charged in price.app_fees],
        }
    return fields


def charged_fee(charged: ChargedFee) -> dict[str, Any]:
    """Return an app fee with the platform's share and the recipient's share."""
    return {
        "affiliateId": charged.fee.affiliate_id,
        "recipient": charged.fee.recipient,
        "feeBps": charged.fee.bps,
        "amount": str(charged.amount),
        "platformCutAmount": str(charged.platform_cut),
        "recipientAmount": str(charged.amount - charged.platform_cut),
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
