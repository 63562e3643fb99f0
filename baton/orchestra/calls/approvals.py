"""Calls that answer an order's question: a ZeroConf offer or a repricing.

A decision that comes too late is refused with `invalid_state`, `expired` or `conflict`, depending on the API's
generation; a status read then shows the order's status. Source: the partner API reference, ZeroConf decisions and
reprice decisions.
"""

from pydantic import Field

from baton.orchestra import answers
from baton.orchestra.connection import Connection
from baton.orchestra.models import KeyedAnswer, Text, Wire


class ZeroConfDecision(Wire):
    """Body of `POST /v1/orchestration/zeroconf/accept` and `/decline`; only a decline has a reason."""

    order_id: str
    reason: str | None = None


class ZeroConfDecided(KeyedAnswer):
    """Answer to a ZeroConf decision, with the order's next status."""

    order_id: str = Field(min_length=1)
    status: str = Field(min_length=1)


class RepriceDecided(KeyedAnswer):
    """Answer to a reprice decision. Only two of the three answers are documented, so every field is optional."""

    order_id: Text = None
    status: Text = None


def _body(order_id: str, **optional: str | None) -> dict[str, str]:
    return {"orderId": order_id, **{name: value for name, value in optional.items() if value is not None}}


class ApprovalCalls(Connection):
    """Accept and decline ZeroConf offers; approve, reject and refund the repricings of older accounts."""

    async def accept_zeroconf(self, order_id: str, key: str) -> ZeroConfDecided:
        """Accept the order's pending ZeroConf offer: its deposit is credited without a confirmation.

        Never call this for an order that awaits approval without a pending offer: an operator is holding that order.
        """
        body = ZeroConfDecision(order_id=order_id).wire()
        answer = await self._call("POST", "/v1/orchestration/zeroconf/accept", key=key, json=body)
        return answers.read(answer, ZeroConfDecided)

    async def decline_zeroconf(self, order_id: str, key: str, reason: str | None = None) -> ZeroConfDecided:
        """Decline the order's pending ZeroConf offer: the order waits for one confirmation instead."""
        body = ZeroConfDecision(order_id=order_id, reason=reason).wire()
        answer = await self._call("POST", "/v1/orchestration/zeroconf/decline", key=key, json=body)
        return answers.read(answer, ZeroConfDecided)

    async def approve_reprice(self, order_id: str, approved_min_amount_out: int, key: str) -> RepriceDecided:
        """Continue at a worse price.

        Args:
            order_id: The order that waits.
            approved_min_amount_out: The least output to accept, in smallest destination units; at most the minimum
                that was locked before (`Reprice.previous_locked_min_amount_out`).
            key: Idempotency key.

        Raises:
            ValueError: The minimum is not above 0.
        """
        if approved_min_amount_out < 1:
            raise ValueError("approved_min_amount_out must be above 0; a minimum of 0 would accept any price")
        body = _body(order_id, approvedMinAmountOut=str(approved_min_amount_out))
        return await self._decide_reprice("approve", body, key)

    async def reject_reprice(self, order_id: str, key: str, reason: str | None = None) -> RepriceDecided:
        """Refuse the worse price: the order fails."""
        return await self._decide_reprice("reject", _body(order_id, reason=reason), key)

    async def refund_reprice(
        self, order_id: str, key: str, reason: str | None = None, refund_address: str | None = None
    ) -> RepriceDecided:
        """Refuse the worse price and ask for the deposit back. Possible for a Bitcoin source only.

        Args:
            order_id: The order that waits.
            key: Idempotency key.
            reason: A note for the partner's own records.
            refund_address: Where to send it; the quote's refund address when left out.
        """
        body = _body(order_id, reason=reason, refundAddress=refund_address)
        return await self._decide_reprice("refund", body, key)

    async def _decide_reprice(self, decision: str, body: dict[str, str], key: str) -> RepriceDecided:
        answer = await self._call("POST", f"/v1/orchestration/reprice/{decision}", key=key, json=body)
        return answers.read(answer, RepriceDecided)
