"""What an order learns by its moves: transactions, amounts, refund, error, stages. Pure but for new ids."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from orchestra.lifecycle import Status
from sandbox.addresses import new_transaction
from sandbox.assets import Family
from sandbox.clock import iso
from sandbox.pricing import lowest_accepted
from sandbox.quote_records import taken_fee
from sandbox.scenarios import SLIPPAGE
from sandbox.store import Order

_STAGE_OF: Mapping[Status, str] = {
    Status.BRIDGING: "bridged",
    Status.SWAPPING: "swapped",
    Status.DELIVERING: "delivered",
}
_ENDS = frozenset({Status.COMPLETED, Status.FAILED, Status.EXPIRED, Status.REFUNDED})


def learned(order: Order, status: Status, now: datetime) -> dict[str, Any]:
    """Return what the record says anew once the order is in `status`; what it knows already stays."""
    teach = _TEACHERS.get(status)
    facts = teach(order) if teach else {}
    if order.status is Status.SWAPPING and status in (Status.BRIDGING, Status.DELIVERING, Status.COMPLETED):
        facts["swap"] = _swap(order, now)
    if status is Status.COMPLETED and order.price.app_fees:
        facts["feePayouts"] = _fee_payouts(order, now)
    return {name: value for name, value in facts.items() if order.facts.get(name) is None}


def stages_behind(order: Order, status: Status) -> list[str]:
    """Return the names of the stages that are complete once the order is in `status`, in order."""
    if status is Status.REFUNDING:
        return ["refund_requested"]
    if status is Status.REFUNDED:
        return ["refund_requested", "refunded"]
    path = order.quote.route.path
    behind = path[: path.index(status)] if status in path else ()
    # A wait for confirmations comes before the deposit counts.
    if not behind or status is Status.CONFIRMING:
        return []
    return [*_deposit_stages(order), *(_STAGE_OF[one] for one in behind if one in _STAGE_OF)]


def ends(status: Status) -> bool:
    """Tell whether the record gets its `completedAt` with this status."""
    return status in _ENDS


def _deposit_stages(order: Order) -> list[str]:
    source = order.quote.route.source.chain
    stages = ["deposit_confirmed"]
    if source.family is Family.BITCOIN:
        stages.append("deposit_claimed")
    if order.price.amount_in != order.quote.price.amount_in:
        stages.append("amount_reconciled")
    if source.is_foreign:
        stages.append("swept")
    return stages


def _sweep(order: Order) -> dict[str, Any]:
    source = order.quote.route.source.chain
    return {"sweepTxHash": new_transaction(source.family)} if source.is_foreign else {}


def _swept_into_spark(order: Order) -> dict[str, Any]:
    return {"sparkTxHash": str(uuid.uuid4())}


def _delivery(order: Order) -> dict[str, Any]:
    chain = order.quote.route.destination.chain
    if chain.family is Family.SPARK:
        return {"sparkTxHash": str(uuid.uuid4())}
    return {"destinationTxHash": new_transaction(chain.family)}


def _completion(order: Order) -> dict[str, Any]:
    return {**_delivery(order), "amountOut": str(order.price.amount_out)}


def _slippage(_: Order) -> dict[str, Any]:
    return dict(SLIPPAGE)


def _refund(order: Order) -> dict[str, Any]:
    source = order.quote.route.source
    return {
        "refundAsset": source.symbol,
        "refundAmount": str(order.deposit.amount),
        "refundTxHash": new_transaction(source.chain.family),
        **SLIPPAGE,
    }


_TEACHERS: Mapping[Status, Callable[[Order], dict[str, Any]]] = {
    Status.BRIDGING: _sweep,
    Status.SWAPPING: _swept_into_spark,
    Status.DELIVERING: _delivery,
    Status.COMPLETED: _completion,
    Status.FAILED: _slippage,
    Status.REFUNDING: _slippage,
    Status.REFUNDED: _refund,
}


def _swap(order: Order, now: datetime) -> dict[str, Any]:
    out = str(order.price.amount_out + (order.price.total_fee if _fee_on_output(order) else 0))
    slippage = order.quote.request.slippage_bps
    leg = {
        "provider": "flashnet",
        "poolId": "pool_btc_usdb",
        "assetInAddress": order.quote.route.source.symbol,
        "assetOutAddress": order.quote.route.destination.symbol,
        "amountIn": str(order.price.amount_in),
        "expectedAmountOut": out,
        "minAmountOut": str(lowest_accepted(int(out), slippage)),
        "amountOut": out,
        "slippageBpsRequested": slippage,
        "slippageBpsUsed": slippage,
        "recordedAt": iso(now),
    }
    return {"version": 1, "legs": {"full": leg}}


def _fee_on_output(order: Order) -> bool:
    return order.price.fee_asset is order.quote.route.destination


def _fee_payouts(order: Order, now: datetime) -> dict[str, Any]:
    settlement = order.price.fee_asset.chain
    entries = [
        {
            "idempotencyKey": f"order:{order.id}:full:appfee:{number}",
            "leg": "full",
            "chain": settlement.name,
            "role": "app_fee",
            **taken_fee(taken),
            "txHash": new_transaction(settlement.family),
            "recordedAt": iso(now),
        }
        for number, taken in enumerate(order.price.app_fees)
    ]
    return {"version": 1, "entries": entries}
