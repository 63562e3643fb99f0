"""What a quote request must keep across its fields. Pure. Source: the partner API reference, quotes."""

from baton.encoding.lightning import recipient_objection
from baton.orchestra.models import QuoteRequest


def objections(request: QuoteRequest) -> list[str]:
    """Return everything that is wrong with a request, each sentence beginning with a field; empty if nothing is."""
    return [*_fees(request), *_exact_output(request), *_invoice(request)]


def _fees(request: QuoteRequest) -> list[str]:
    affiliates = request.affiliate_id or request.affiliate_ids
    if request.app_fees and affiliates:
        return ["appFees cannot be combined with affiliateId or affiliateIds; leave one of them out"]
    if request.amount_mode == "exact_out" and (request.app_fees or affiliates):
        return ["fees cannot be combined with amountMode exact_out; leave them out"]
    return []


def _exact_output(request: QuoteRequest) -> list[str]:
    if request.amount_mode != "exact_out":
        return []
    missing = "refundAddress is required with amountMode exact_out"
    fixed = "deliveryMode fixed works with amountMode exact_in only"
    return [
        *([] if request.refund_address else [missing]),
        *([fixed] if request.delivery_mode == "fixed" else []),
    ]


def _invoice(request: QuoteRequest) -> list[str]:
    if request.destination_chain != "lightning":
        return []
    objection = recipient_objection(request.recipient_address, request.amount_mode, request.amount)
    return [f"recipientAddress {objection}"] if objection else []
