"""A client whose network is a function of the test, and a recorder of its requests."""

import json
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from baton.orchestra.client import OrchestraClient
from baton.orchestra.errors import OrchestraError
from baton.orchestra.models import QuoteRequest
from baton.orchestra.proofs import DepositProof

API_KEY = "fn_very_secret_key"
BASE = "https://api.example"
QUOTE = {
    "quoteId": "q_1",
    "depositAddress": "0xdeposit",
    "amountIn": "100",
    "expiresAt": "2026-01-15T12:06:00.000Z",
}
REQUEST = QuoteRequest(
    source_chain="base",
    source_asset="USDC",
    destination_chain="spark",
    destination_asset="BTC",
    amount=100,
    recipient_address="spark1",
    affiliate_ids=["one", "two"],
)
Handler = Callable[[httpx.Request], httpx.Response] | Callable[[httpx.Request], Coroutine[None, None, httpx.Response]]


def client_of(handler: Handler, base: str = BASE, within: float = 5.0) -> OrchestraClient:
    return OrchestraClient(base, API_KEY, timeout=within, transport=httpx.MockTransport(handler))


class Recorder:
    """Gives every request the same answer and records the requests."""

    def __init__(self, body: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.requests: list[httpx.Request] = []
        self._body = json.dumps(body)
        self._status = status
        self._headers = headers

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self._status, content=self._body, headers=self._headers)

    @property
    def asked(self) -> httpx.Request:
        assert len(self.requests) == 1
        return self.requests[0]


async def error_of(handler: Handler, within: float = 5.0) -> OrchestraError:
    """Return the error that a submit raises."""
    async with client_of(handler, within=within) as api:
        with pytest.raises(OrchestraError) as raised:
            await api.submit("q_1", DepositProof(tx_hash="0x1"), "submit:1")
    return raised.value
