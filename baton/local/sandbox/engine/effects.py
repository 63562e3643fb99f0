"""What an order learns by its moves: transactions, amounts, refund, error, stages. Pure but for new ids."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from baton.local.sandbox.api import documents
from baton.local.sandbox.engine.addresses import new_transaction
from baton.local.sandbox.engine.assets import SandboxFamily
from baton.local.sandbox.engine.pricing import BPS, dollars
from baton.local.sandbox.engine.reprice import answered, question
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


def learned(order: SandboxOrder, status: Status, now: datetime) -> dict[str, Any]:
    """Return what the record says anew once the order is in `status`; what it knows already stays."""
    teach = _TEACHERS.get(status)
    facts = teach(order) if teach else {}
    if order.status is Status.SWAPPING and status in _AFTER_SWAP:
        facts["swap"] = documents.swap(order, now)
    return {name: value for name, value in facts.items() if order.facts.get(name) is None}


def revised(order: SandboxOrder, status: Status, now: datetime) -> dict[str, Any]:
    """Return what the record says otherwise once the order is in `status`: questions asked and answered, payouts."""
    if status is Status.AWAITING_APPROVAL:
        if order.quote.scenario.reprice:
            return question(order, now)
        return _present(zeroconfOffer=new_offer(order, now))
    payouts = None
    if status in (Status.DELIVERING, Status.COMPLETED):
        payouts = documents.fee_payouts(order, now, all_of_them=status is Status.COMPLETED)
    offer, reprice = resolution(order, status, now), answered(order, status, now)
    return _present(zeroconfOffer=offer, reprice=reprice, feePayouts=payouts)


def stages_behind(order: SandboxOrder, status: Status) -> list[str]:
    """Return the names of the stages that are complete once the order is in `status`, in order."""
    if status is Status.REFUNDING:
        return ["refund_requested"]
    if status is Status.REFUNDED:
        return ["refund_requested", "refunded"]
    path = order.quote.route.path
    behind = path[: path.index(status)] if status in path else ()
    # A wait for confirmations comes before the deposit counts.
    if not behind or status is Status.CONFIRMING:
        return list(offer_stages(order))
    return [*_deposit_stages(order), *(_STAGE_OF[one] for one in behind if one in _STAGE_OF)]


def ends(status: Status) -> bool:
    """Tell whether the record gets its `completedAt` with this status."""
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
    paid = order.deposit.amount if order.deposit else order.price.amount_in
    return {
        "refundAsset": source.symbol,
        "refundAmount": str(paid * order.quote.scenario.refund_bps // BPS),
        "refundTxHash": new_transaction(source.chain.family),
        **SLIPPAGE,
    }


_TEACHERS: Mapping[Status, Callable[[SandboxOrder], dict[str, Any]]] = {
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
