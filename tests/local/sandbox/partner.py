"""Helpers of the sandbox's tests: a partner, a webhook receiver, and waits that poll instead of sleeping."""

import asyncio
import itertools
from dataclasses import dataclass, field
from typing import Any

import httpx

from baton.local.sandbox.http import local_client
from tests.eventually import eventually

Document = dict[str, Any]

EVM = "0x" + "ab" * 20
SOLANA = "7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtVa"
SPARK = "spark1pgss9zx2v5"
BITCOIN = "bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh"

USDC_TO_BTC: Document = {
    "sourceChain": "base",
    "sourceAsset": "USDC",
    "destinationChain": "spark",
    "destinationAsset": "BTC",
    "amount": "100000000",
    "recipientAddress": SPARK,
}
SPARK_TO_USDC: Document = {
    "sourceChain": "spark",
    "sourceAsset": "BTC",
    "destinationChain": "base",
    "destinationAsset": "USDC",
    "amount": "100000",
    "recipientAddress": EVM,
}
BITCOIN_TO_USDC = {**SPARK_TO_USDC, "sourceChain": "bitcoin"}
LIGHTNING_TO_USDB = {
    **SPARK_TO_USDC,
    "sourceChain": "lightning",
    "destinationChain": "spark",
    "destinationAsset": "USDB",
    "recipientAddress": SPARK,
}
SOLANA_TO_BASE = {
    **USDC_TO_BTC,
    "sourceChain": "solana",
    "destinationChain": "base",
    "destinationAsset": "USDC",
    "recipientAddress": EVM,
}
EXACT_OUT = {
    **BITCOIN_TO_USDC,
    "amount": "100000000",
    "amountMode": "exact_out",
    "refundAddress": BITCOIN,
}

_keys = itertools.count(1)


class Partner:
    """A partner's plain HTTP client. Each mutating call uses a new idempotency key unless one is given."""

    def __init__(self, base_url: str, key: str | None = "fn_sandbox") -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.http = local_client(base_url=base_url, headers=headers, timeout=10)

    async def post(self, path: str, body: Any, *, key: str | None = None) -> httpx.Response:
        headers = {"X-Idempotency-Key": key or f"key-{next(_keys)}"}
        return await self.http.post(path, json=body, headers=headers)

    async def request_quote(self, body: Document, *, key: str | None = None) -> httpx.Response:
        return await self.post("/v1/orchestration/quote", body, key=key)

    async def quote(self, body: Document = USDC_TO_BTC) -> Document:
        answer = await self.request_quote(body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def submit(self, quote: Document, proof: Document, *, key: str | None = None) -> httpx.Response:
        return await self.post("/v1/orchestration/submit", {"quoteId": quote["quoteId"], **proof}, key=key)

    async def status(self, **query: str) -> httpx.Response:
        return await self.http.get("/v1/orchestration/status", params=query)

    async def order(self, quote: Document) -> Document:
        """The order of a quote in the status API; its status is `none` while there is no order."""
        answer = await self.status(quoteId=quote["quoteId"])
        return answer.json()["order"] if answer.status_code == 200 else {"status": "none"}

    async def wait_until(self, quote: Document, status: str) -> Document:
        return await eventually(lambda: self.order(quote), lambda order: order["status"] == status)


@dataclass
class ReceivedWebhook:
    """One webhook that the receiver got."""

    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A webhook receiver. It answers with the statuses in `answers`, one for each webhook, then with 200."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    received: list[ReceivedWebhook] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self._answer(reader, writer)
        self.at_once -= 1

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[1:-2]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.received.append(ReceivedWebhook(headers, body))
        status = self.answers.pop(0) if self.answers else 200
        writer.write(f"HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def wait_for(self, count: int) -> list[ReceivedWebhook]:
        async def read() -> list[ReceivedWebhook]:
            return self.received

        return await eventually(read, lambda received: len(received) >= count)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """The HTTP status and the code of a refusal."""
    return answer.status_code, answer.json()["error"]["code"]
