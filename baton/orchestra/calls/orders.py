"""Calls of an order's ordinary life: price it, hand in the deposit, look it up."""

from typing import Annotated

from baton.orchestra import answers
from baton.orchestra.connection import Connection
from baton.orchestra.models import (
    Estimate,
    EstimateRequest,
    OrderOfQuote,
    OrderRecord,
    OrderStatus,
    Quote,
    QuoteRequest,
    Submitted,
    Wire,
)
from baton.orchestra.proofs import DepositProof
from baton.orchestra.tolerant_fields import readable

HISTORY_PARAMETER = "address"
"""Name of the query parameter that carries the address; the API's pages do not show it."""


class OrderHistory(Wire):
    """Answer of `GET /v1/orchestration/history`; orders that cannot be read are left out."""

    orders: Annotated[list[OrderRecord], readable(OrderRecord)]


def _order_query(order_id: str | None, quote_id: str | None, tx: str | None, chain: str | None) -> dict[str, str]:
    ways = [order_id is not None, quote_id is not None, tx is not None or chain is not None]
    if sum(ways) != 1 or (ways[2] and not (tx and chain)):
        raise ValueError("look an order up by order_id, by quote_id, or by tx_hash with source_chain")
    given = {"id": order_id, "quoteId": quote_id, "txHash": tx, "sourceChain": chain}
    return {name: value for name, value in given.items() if value is not None}


class OrderCalls(Connection):
    """Quote, submit, status, order of a quote, estimate and history."""

    async def quote(self, request: QuoteRequest, key: str) -> Quote:
        """Price an order and get the instruction where to deposit.

        Args:
            request: What to turn into what, amounts in smallest units.
            key: Idempotency key; the same key with the same request returns the same quote.
        """
        answer = await self._call("POST", "/v1/orchestration/quote", key=key, json=request.wire())
        return answers.read(answer, Quote)

    async def submit(self, quote_id: str, proof: DepositProof, key: str) -> Submitted:
        """Hand in the evidence of a deposit, which makes an order out of a quote.

        Args:
            quote_id: The quote that the deposit pays.
            proof: Evidence in the shape of the source chain; `DepositProof.check` tells beforehand whether it fits.
            key: Idempotency key.
        """
        body = {"quoteId": quote_id, **proof.wire()}
        return answers.read(await self._call("POST", "/v1/orchestration/submit", key=key, json=body), Submitted)

    async def status(
        self,
        order_id: str | None = None,
        quote_id: str | None = None,
        tx_hash: str | None = None,
        source_chain: str | None = None,
    ) -> OrderStatus:
        """Read an order by its id, by its quote, or by its deposit (`tx_hash` with `source_chain`).

        Raises:
            ValueError: Not exactly one of the three ways is given.
        """
        query = _order_query(order_id, quote_id, tx_hash, source_chain)
        return answers.read(await self._call("GET", "/v1/orchestration/status", query=query), OrderStatus)

    async def order_of_quote(self, quote_id: str) -> OrderOfQuote:
        """Read a quote together with its order, which is None until a deposit is detected."""
        query = {"quoteId": quote_id}
        return answers.read(await self._call("GET", "/v1/orchestration/order", query=query), OrderOfQuote)

    async def estimate(self, request: QuoteRequest | EstimateRequest) -> Estimate:
        """Ask for a price without an address or a promise. Fees of your own (`app_fees`) are not part of it."""
        query = EstimateRequest.model_validate(request.wire()).wire()
        return answers.read(await self._call("GET", "/v1/orchestration/estimate", query=query), Estimate)

    async def history(self, address: str, parameter: str = HISTORY_PARAMETER) -> OrderHistory:
        """List the orders of a recipient. Needs a server key.

        Args:
            address: The recipient's address.
            parameter: Name of the query parameter that carries it, where an account's API wants another.

        Raises:
            ValueError: `address` or `parameter` is empty.
        """
        if not address or not parameter:
            raise ValueError("history needs the recipient's address and the name of its query parameter")
        answer = await self._call("GET", "/v1/orchestration/history", query={parameter: address})
        return answers.read(answer, OrderHistory)
