"""The effects of a move on an order's record: transactions, amounts, refund, error, stages. Pure except for new ids."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from baton.local.sandbox.engine import documents
from baton.local.sandbox.engine.addresses import new_transaction
from baton.local.sandbox.engine.assets import SandboxFamily
from baton.local.sandbox.engine.pricing import BPS, dollars
from baton.local.sandbox.engine.reprice import new_reprice, resolved_reprice
from baton.local.sandbox.engine.store import SandboxOrder
from baton.local.sandbox.engine.zeroconf import is_credited_unconfirmed, new_offer, offer_stages, resolution
from baton.local.sandbox.scenarios.scenario import SLIPPAGE
from baton.orchestra.lifecycle import Status

_STAGE_OF: Mapping[Status, str] = {
    Status.BRIDGING: "bridged",
    Status.SWAPPING: "swapped",
    Status.DELIVERING: "delivered",
}
_ENDS = frozenset({Status.COMPLETED, Status.FAILED, Status.EXPIRED, Status.REFUNDED})
_AFTER_SWAP = (Status.BRIDGING, Status.DELIVERING, Status.COMPLETED)


def new_facts(order: SandboxOrder, status: Status, now: datetime) -> dict[str, Any]:
    """Return the facts that the move to `status` adds to the record; facts already there do not change."""
    added = _FACTS_OF.get(status)
    facts = added(order) if added else {}
    if order.status is Status.SWAPPING and status in _AFTER_SWAP:
        facts["swap"] = documents.swap(order, now)
    return {name: value for name, value in facts.items() if order.facts.get(name) is None}


def changed_facts(order: SandboxOrder, status: Status, now: datetime) -> dict[str, Any]:
    """Return the facts that the move to `status` replaces in the record: pending decisions, their results, payouts."""
    if status is Status.AWAITING_APPROVAL:
        if order.quote.scenario.reprice:
            return new_reprice(order, now)
        return _present(zeroconfOffer=new_offer(order, now))
    payouts = None
    if status in (Status.DELIVERING, Status.COMPLETED):
        payouts = documents.fee_payouts(order, now, completed=status is Status.COMPLETED)
    offer, reprice = resolution(order, status, now), resolved_reprice(order, status, now)
    return _present(zeroconfOffer=offer, reprice=reprice, feePayouts=payouts)


def completed_stages(order: SandboxOrder, status: Status) -> list[str]:
    """Return the names of the stages that are complete in `status`, in order."""
    if status is Status.REFUNDING:
        return ["refund_requested"]
    if status is Status.REFUNDED:
        return ["refund_requested", "refunded"]
    path = order.quote.route.path
    passed = path[: path.index(status)] if status in path else ()
    # While the order waits for confirmations, the deposit does not count yet.
    if not passed or status is Status.CONFIRMING:
        return list(offer_stages(order))
    return [*_deposit_stages(order), *(_STAGE_OF[previous] for previous in passed if previous in _STAGE_OF)]


def is_end(status: Status) -> bool:
    """Whether the record gets its `completedAt` with this status."""
    return status in _ENDS


def _deposit_stages(order: SandboxOrder) -> list[str]:
    source = order.quote.route.source.chain
    stages = [] if is_credited_unconfirmed(order) else ["deposit_confirmed"]
    if source.family is SandboxFamily.BITCOIN:
        stages.append("deposit_claimed")
    if order.price.amount_in != order.quote.price.amount_in:
        stages.append("amount_reconciled")
    if source.is_foreign:
        stages.append("swept")
    return stages


def _sweep(order: SandboxOrder) -> dict[str, Any]:
    source = order.quote.route.source.chain
    return {"sweepTxHash": new_transaction(source.family)} if source.is_foreign else {}


def _swapped(_: SandboxOrder) -> dict[str, Any]:
    return {"sparkTxHash": str(uuid.uuid4()), "flashnetRequestId": f"req_{uuid.uuid4()}"}


def _delivery(order: SandboxOrder) -> dict[str, Any]:
    chain = order.quote.route.destination.chain
    if chain.family is SandboxFamily.SPARK:
        return {"sparkTxHash": str(uuid.uuid4())}
    return {"destinationTxHash": new_transaction(chain.family)}


def _completion(order: SandboxOrder) -> dict[str, Any]:
    out, asset = order.price.amount_out, order.quote.route.destination
    return {**_delivery(order), "amountOut": str(out), "amountOutUsd": dollars(out, asset, order.prices)}


def _slippage(_: SandboxOrder) -> dict[str, Any]:
    return dict(SLIPPAGE)


def _refund(order: SandboxOrder) -> dict[str, Any]:
    source = order.quote.route.source
    amount = order.deposit.amount if order.deposit else order.price.amount_in
    return {
        "refundAsset": source.symbol,
        "refundAmount": str(amount * order.quote.scenario.refund_bps // BPS),
        "refundTxHash": new_transaction(source.chain.family),
        **SLIPPAGE,
    }


_FACTS_OF: Mapping[Status, Callable[[SandboxOrder], dict[str, Any]]] = {
    Status.BRIDGING: _sweep,
    Status.SWAPPING: _swapped,
    Status.DELIVERING: _delivery,
    Status.COMPLETED: _completion,
    Status.FAILED: _slippage,
    Status.REFUNDING: _slippage,
    Status.REFUNDED: _refund,
}


def _present(**facts: Any) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
