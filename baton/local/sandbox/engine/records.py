"""Orders as the API writes them: flat from the status API, nested in webhooks."""

from typing import Any

from baton.local.sandbox.engine.clock import iso
from baton.local.sandbox.engine.documents import fee_plan, payment_intent
from baton.local.sandbox.engine.price_fields import fee_fields
from baton.local.sandbox.engine.pricing import dollars
from baton.local.sandbox.engine.reprice import price_lock
from baton.local.sandbox.engine.store import SandboxOrder

_CONDITIONAL = (
    *("paymentIntent", "feePlan", "feePayouts", "swap", "zeroconfOffer", "priceLock", "reprice"),
    *("amountFiatUsd", "amountFiatCurrency", "spotUsdPerBtc"),
    *("supersededByOperationId", "recoveredFromOperationId", "reviewStatus"),
)


def flat(order: SandboxOrder) -> dict[str, Any]:
    """Return the order as the status API writes it. The order's facts override the initial values."""
    return {
        **_identity(order),
        **_source_and_destination(order),
        **_amounts(order),
        **_conditions(order),
        **order.quote.scenario.extra_fields,
        **order.facts,
    }


def nested(order: SandboxOrder) -> dict[str, Any]:
    """Return the order as webhooks write it."""
    record = flat(order)
    plain = (
        *("id", "type", "status", "quoteId", "amountIn", "amountOut", "feeBps", "feeAmount", "slippageBps"),
        *("depositAddress", "recipientAddress", "flashnetRequestId", "sparkTxHash"),
        *("createdAt", "updatedAt", "completedAt"),
    )
    return {
        **{name: record.get(name) for name in plain},
        "source": {
            "chain": record["sourceChain"],
            "asset": record["sourceAsset"],
            "address": record["sourceAddress"],
            "txHash": record["sourceTxHash"],
            "sweepTxHash": record["sweepTxHash"],
            **order.quote.scenario.extra_fields,
        },
        "destination": {
            "chain": record["destinationChain"],
            "asset": record["destinationAsset"],
            "address": record["destinationAddress"],
            "txHash": record["destinationTxHash"],
        },
        "refund": {part: record[f"refund{part[0].upper()}{part[1:]}"] for part in ("asset", "amount", "txHash")},
        "error": _error(record),
        **_pay_link(order),
        **order.quote.scenario.extra_fields,
        **{name: record[name] for name in _CONDITIONAL if name in record},
    }


def stages(order: SandboxOrder) -> list[dict[str, Any]]:
    """Return the completed stages of the order."""
    return [{"name": name, "status": "completed", "completedAt": iso(at)} for name, at in order.stages]


def _pay_link(order: SandboxOrder) -> dict[str, Any]:
    """Return the pay link of the order, if any; only webhooks show it."""
    link = order.quote.pay_link
    return {} if link is None else {"payLinkId": link.id, "payLinkLabel": link.label}


def _error(record: dict[str, Any]) -> dict[str, Any] | None:
    if record["errorCode"] is None:
        return None
    return {"code": record["errorCode"], "message": record["errorMessage"]}


def _identity(order: SandboxOrder) -> dict[str, Any]:
    return {
        "id": order.id,
        "type": "order",
        "status": order.public_status,
        "quoteId": order.quote.id if order.quote.is_shown else None,
        "errorCode": None,
        "errorMessage": None,
        "flashnetRequestId": None,
        "sparkTxHash": None,
        "createdAt": iso(order.created_at),
        "updatedAt": iso(order.updated_at),
        "completedAt": iso(order.completed_at) if order.completed_at else None,
    }


def _source_and_destination(order: SandboxOrder) -> dict[str, Any]:
    quote, deposit = order.quote, order.deposit
    return {
        "sourceChain": quote.route.source.chain.name,
        "sourceAsset": quote.route.source.symbol,
        "sourceAddress": deposit.sender if deposit else None,
        # A Lightning payment has no transaction; its receive request is not one.
        "sourceTxHash": deposit.transaction if deposit and not quote.receive_request else None,
        "sourceTxVout": deposit.vout if deposit else None,
        "sweepTxHash": None,
        "destinationChain": quote.route.destination.chain.name,
        "destinationAsset": quote.route.destination.symbol,
        "destinationAddress": quote.request.recipient,
        "destinationTxHash": None,
        "depositAddress": quote.deposit_address,
        "recipientAddress": quote.request.recipient,
        "refundAsset": None,
        "refundAmount": None,
        "refundTxHash": None,
    }


def _amounts(order: SandboxOrder) -> dict[str, Any]:
    price, quote = order.price, order.quote
    costs = fee_fields(price, quote.prices)
    costs.pop("appFees", None)
    return {
        "amountIn": str(price.amount_in),
        "amountOut": None,
        "amountInUsd": dollars(price.amount_in, quote.route.source, quote.prices),
        "slippageBps": quote.request.slippage_bps,
        **costs,
        **(quote.fiat.fields if quote.fiat else {}),
    }


def _conditions(order: SandboxOrder) -> dict[str, Any]:
    scenario = order.quote.scenario
    documents = {
        "paymentIntent": payment_intent(order),
        "feePlan": fee_plan(order),
        "priceLock": price_lock(order) if scenario.legacy or scenario.reprice else None,
    }
    return {name: document for name, document in documents.items() if document is not None}
