"""The swap by which an order of any kind is priced, and the request for its price. Pure."""

from collections.abc import Mapping
from typing import Any

from baton.errors import DocumentError, FieldFault
from baton.orchestra.models import EstimateRequest
from baton.orchestra.rules.offramp import lightning_address_of
from baton.orders.amount_text import with_smallest_units
from baton.orders.document import SwapDocument

_PLACEHOLDER = "none"
"""Stands for an address that a price does not need; it is never sent."""


def priced_swap(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document of the swap that has an order's price; recipient and refund address may be missing.

    An onramp is priced as a swap of BTC on Lightning, an off-ramp as a swap into it.

    Raises:
        DocumentError: The amount is in dollars, which cannot be estimated.
    """
    swap = dict(content)
    if content.get("kind") == "onramp":
        swap = _paid_over_lightning(content)
    elif content.get("kind") == "offramp":
        swap = _paid_out_over_lightning(content)
    return {"recipientAddress": _PLACEHOLDER, "refundAddress": _PLACEHOLDER, **swap}


def estimate_request(swap: SwapDocument, content: Mapping[str, Any]) -> EstimateRequest:
    """Return the request for the price of a swap; `content` is the document it was read from."""
    recipient = content.get("recipientAddress")
    known = None if recipient == _PLACEHOLDER else recipient
    return EstimateRequest.model_validate(swap.wire() | {"recipientAddress": known})


def _paid_over_lightning(onramp: Mapping[str, Any]) -> dict[str, Any]:
    if "amountFiatUsd" in onramp or "amountFiatUsd" in with_smallest_units(onramp, lambda *_: None).content:
        message = "amountFiatUsd: an estimate needs the amount in sats"
        raise DocumentError(message, "give amount instead", [FieldFault("amountFiatUsd", message)])
    shared = {name: value for name, value in onramp.items() if name not in ("kind", "payer", "payerRegion")}
    return {**shared, "sourceChain": "lightning", "sourceAsset": "BTC"}


def _paid_out_over_lightning(offramp: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in offramp.items() if name != "kind"}
    if isinstance(recipient := fields.get("recipientAddress"), str):
        fields["recipientAddress"] = lightning_address_of(recipient)
    return {**fields, "destinationChain": "lightning", "destinationAsset": "BTC"}
