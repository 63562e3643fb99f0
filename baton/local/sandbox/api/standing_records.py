"""Deposits of standing addresses as their endpoint writes them."""

from collections.abc import Mapping
from typing import Any

from baton.local.sandbox.engine.address_deposits import deposit_id
from baton.local.sandbox.engine.clock import iso
from baton.local.sandbox.engine.store import SandboxDeposit, SandboxOrder
from baton.orchestra.lifecycle import Status

_REVIEW = "provider_review"
_STATUS_OF: Mapping[Status, str] = {
    Status.PAUSED: "held",
    Status.COMPLETED: "completed",
    Status.FAILED: "failed",
    Status.REFUNDING: "refunding",
    Status.REFUNDED: "refunded",
}


def deposit_record(deposit: SandboxDeposit, order: SandboxOrder | None) -> dict[str, Any]:
    """Return a deposit as the API shows it.

    Args:
        deposit: The deposit.
        order: The order that it became, if it did.
    """
    record = {
        "id": deposit_id(deposit),
        "chain": deposit.chain,
        "asset": deposit.asset,
        "amount": str(deposit.amount),
        "sourceTxId": deposit.transaction,
        "sourceTxIndex": None if deposit.vout is None else str(deposit.vout),
        "senderAddress": deposit.sender,
        "observedAt": iso(deposit.visible_at),
        "status": _status(deposit, order),
        "code": deposit.held if order is None else _code(order),
        "batchId": deposit.batch_id,
        "orderId": deposit.order_id,
        "quoteId": None,
        "batchState": _batch_state(deposit, order),
        "refundTxId": order.facts.get("refundTxHash") if order else None,
    }
    offer = order.facts.get("zeroconfOffer") if order else None
    return {**record, "zeroconfOffer": _offer(offer)} if offer and "quoteId" in offer else record


def _status(deposit: SandboxDeposit, order: SandboxOrder | None) -> str:
    if order is not None:
        return _STATUS_OF.get(order.status, "processing")
    if deposit.refund_to is not None:
        return "refund_requested"
    return "held" if deposit.held else "processing"


def _code(order: SandboxOrder) -> str | None:
    if order.status is Status.PAUSED:
        return _REVIEW
    code: str | None = order.facts.get("errorCode")
    return code


def _batch_state(deposit: SandboxDeposit, order: SandboxOrder | None) -> str | None:
    if deposit.refund_to is None:
        return None
    ended = order is not None and order.status in (Status.REFUNDING, Status.REFUNDED)
    return _STATUS_OF[order.status] if order is not None and ended else "refund_requested"


def _offer(offer: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": offer["quoteId"],
        "status": offer["status"],
        "expiresAt": offer["expiresAt"],
        "depositSats": offer["depositSats"],
        "feeSats": offer["feeSats"],
        "creditSats": offer["instantSats"],
    }
