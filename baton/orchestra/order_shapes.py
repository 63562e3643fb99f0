"""The two shapes of an order's record: flat in status reads, in groups in webhooks. Pure."""

from typing import Any

_NESTED = {
    "source": {
        "chain": "sourceChain",
        "asset": "sourceAsset",
        "address": "sourceAddress",
        "txHash": "sourceTxHash",
        "sweepTxHash": "sweepTxHash",
    },
    "destination": {
        "chain": "destinationChain",
        "asset": "destinationAsset",
        "address": "destinationAddress",
        "txHash": "destinationTxHash",
    },
    "refund": {"asset": "refundAsset", "amount": "refundAmount", "txHash": "refundTxHash"},
    "error": {"code": "errorCode", "message": "errorMessage"},
}


def flat(data: dict[str, Any]) -> dict[str, Any]:
    """Return an order's fields without groups, as status reads have them."""
    fields = dict(data)
    for group, names in _NESTED.items():
        inner = fields.pop(group, None)
        if isinstance(inner, dict):
            fields.update({flat_name: inner[name] for name, flat_name in names.items() if name in inner})
    return fields
