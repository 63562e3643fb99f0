"""The usual calls of an order: get a quote, submit the deposit, read the status."""

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
"""Name of the query parameter for the address; the API's pages do not give it."""

MAX_HISTORY = 32 * 1024 * 1024
"""Largest list of a recipient's orders in bytes, some 50,000 orders: the API shows no pages of it."""


class OrderHistory(Wire):
    """Answer of `GET /v1/orchestration/history`; orders that cannot be read are left out."""

    orders: Annotated[list[OrderRecord], readable(OrderRecord)]


def _order_query(order_id: str | None, quote_id: str | None, tx: str | None, chain: str | None) -> dict[str, str]:
    ways = [order_id is not None, quote_id is not None, tx is not None or chain is not None]
    if sum(ways) != 1 or (ways[2] and not (tx and chain)):
        raise ValueError("name the order by order_id, by quote_id, or by tx_hash with source_chain")
    given = {"id": order_id, "quoteId": quote_id, "txHash": tx, "sourceChain": chain}
    return {name: value for name, value in given.items() if value is not None}


class OrderCalls(Connection):
    """Quote, submit, status, order of a quote, estimate and history."""

    async def quote(self, request: QuoteRequest, key: str) -> Quote:
        """Return a price for an order and the address to deposit to.

        Args:
            request: The assets to exchange; amounts in smallest units.
            key: Idempotency key; the same key with the same request returns the same quote.
        """
        answer = await self._call("POST", "/v1/orchestration/quote", key=key, json=request.wire())
        return answers.read(answer, Quote)

    async def submit(self, quote_id: str, proof: DepositProof, key: str) -> Submitted:
        """Submit the proof of a deposit, which turns a quote into an order.

        Args:
            quote_id: The quote that the deposit pays.
            proof: Proof in the shape of the source chain; `DepositProof.check` checks the shape beforehand.
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
        """Return an order by its id, by its quote, or by its deposit (`tx_hash` with `source_chain`).

        Raises:
            ValueError: Not exactly one of the three ways is given.
        """
        query = _order_query(order_id, quote_id, tx_hash, source_chain)
        return answers.read(await self._call("GET", "/v1/orchestration/status", query=query), OrderStatus)

    async def order_of_quote(self, quote_id: str) -> OrderOfQuote:
        """Return a quote with its order, which is None until Orchestra detects a deposit."""
        query = {"quoteId": quote_id}
        return answers.read(await self._call("GET", "/v1/orchestration/order", query=query), OrderOfQuote)

    async def estimate(self, request: QuoteRequest | EstimateRequest) -> Estimate:
        """Return a price that is not binding, without a deposit address. Your own `app_fees` are not part of it."""
        query = EstimateRequest.model_validate(request.wire()).wire()
        return answers.read(await self._call("GET", "/v1/orchestration/estimate", query=query), Estimate)

    async def history(self, address: str, parameter: str = HISTORY_PARAMETER) -> OrderHistory:
        """Return the orders of a recipient. Needs a server key.

        Args:
            address: The recipient's address.
            parameter: Name of the query parameter for it, for an API that uses another name.

        Raises:
            ValueError: `address` or `parameter` is empty.
        """
        if not address or not parameter:
            raise ValueError("history needs the recipient's address and the name of its query parameter")
        answer = await self._call("GET", "/v1/orchestration/history", query={parameter: address}, max_body=MAX_HISTORY)
        return answers.read(answer, OrderHistory)
