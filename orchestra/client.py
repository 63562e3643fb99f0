"""The partner API over HTTP: one coroutine per call, a model for each answer, one error tree for the rest.

Every changing call takes its idempotency key from the caller, who alone knows whether a call is a retry. The client
retries nothing by itself and follows no redirect: both would hide what happened from whoever has to decide.
"""

import asyncio
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote as quote_path

import httpx
from pydantic import SecretStr

from orchestra import answers
from orchestra.errors import NoAnswer
from orchestra.models import (
    CreatedWebhook,
    Estimate,
    EstimateRequest,
    OrderOfQuote,
    OrderStatus,
    Quote,
    QuoteRequest,
    Submitted,
    WebhookEndpoint,
    WebhookList,
)
from orchestra.proofs import DepositProof

IDEMPOTENCY_HEADER = "X-Idempotency-Key"
MAX_BODY = 4 * 1024 * 1024
"""Bytes of an answer that are read; more is a malformed answer."""

_SHORTEST_SECRET = 8


def _user_agent() -> str:
    try:
        return f"baton/{version('baton')}"
    except PackageNotFoundError:
        return "baton/unknown"


def _checked_url(base_url: str) -> str:
    try:
        url = httpx.URL(base_url.strip())
    except httpx.InvalidURL:
        raise ValueError("base_url cannot be read; it looks like https://host or https://host/prefix") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("base_url must start with http:// or https:// and name a host")
    if url.userinfo or url.query or url.fragment:
        raise ValueError("base_url must not hold a user, a query or a fragment; the key goes into api_key")
    return str(url).rstrip("/")


def _is_printable(value: str) -> bool:
    return value.isascii() and value.isprintable()


def _keyed(key: str) -> dict[str, str]:
    if not (1 <= len(key) <= 255 and _is_printable(key) and key == key.strip()):
        raise ValueError("an idempotency key is 1 to 255 printable ASCII characters without a space at its ends")
    return {IDEMPOTENCY_HEADER: key}


def _auth(api_key: str) -> dict[str, str]:
    if not _is_printable(api_key) or " " in api_key:
        raise ValueError("api_key holds a character that no key has; check it for line ends and spaces")
    return {"Authorization": f"Bearer {api_key}"} if api_key else {}


def _order_query(order_id: str | None, quote_id: str | None, tx: str | None, chain: str | None) -> dict[str, str]:
    ways = [order_id is not None, quote_id is not None, tx is not None or chain is not None]
    if sum(ways) != 1 or (ways[2] and not (tx and chain)):
        raise ValueError("look an order up by order_id, by quote_id, or by tx_hash with source_chain")
    given = {"id": order_id, "quoteId": quote_id, "txHash": tx, "sourceChain": chain}
    return {name: value for name, value in given.items() if value is not None}


def _what_happened(error: Exception, timeout: float) -> str:
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return f"no answer within {timeout:g} s"
    if isinstance(error, httpx.ConnectError):
        return "the host could not be reached"
    return f"the connection failed ({type(error).__name__})"


class OrchestraClient:
    """One partner account's access to the API. Use it as an async context manager, or call `aclose`.

    Every call raises `orchestra.errors.OrchestraError`: `NoAnswer` when the network or the time ran out,
    `MalformedAnswer` when a success cannot be read, and an `ErrorAnswer` for everything the API says no to. Answers to
    keyed calls tell by `replayed` whether the API repeated a stored one.

    Args:
        base_url: Where the API lives, http or https, with or without a path and a trailing slash.
        api_key: The partner's key. Empty leaves the header out, which suits the public calls.
        timeout: Seconds that one call may take, from connecting to the last byte.
        transport: An httpx transport in place of the network, for tests.

    Raises:
        ValueError: `base_url` or `api_key` cannot be used; the text says why and never repeats the key.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        timeout: float = 30.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._base_url = _checked_url(base_url)
        self._secret = SecretStr(api_key)
        self._timeout = timeout
        self._http = httpx.AsyncClient(
            headers={"User-Agent": _user_agent(), "Accept": "application/json", **_auth(api_key)},
            timeout=timeout,
            transport=transport,
            follow_redirects=False,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._base_url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

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

    async def create_webhook(self, url: str, key: str) -> CreatedWebhook:
        """Register an endpoint for webhooks. The answer holds its secret, which is never told again."""
        return answers.read(await self._call("POST", "/v1/webhooks", key=key, json={"url": url}), CreatedWebhook)

    async def webhooks(self) -> list[WebhookEndpoint]:
        """List the registered webhook endpoints."""
        return answers.read(await self._call("GET", "/v1/webhooks"), WebhookList).webhooks

    async def delete_webhook(self, webhook_id: str, key: str) -> None:
        """Disable a webhook endpoint.

        Raises:
            ValueError: `webhook_id` is empty or would name another path.
        """
        if webhook_id in ("", ".", ".."):
            raise ValueError("webhook_id is the id that create_webhook or webhooks told")
        answers.check(await self._call("DELETE", f"/v1/webhooks/{quote_path(webhook_id, safe='')}", key=key))

    async def _call(
        self,
        method: str,
        path: str,
        *,
        key: str | None = None,
        query: Mapping[str, Any] | None = None,
        json: Mapping[str, Any] | None = None,
    ) -> answers.RawAnswer:
        headers = {} if key is None else _keyed(key)
        request = self._http.build_request(method, self._base_url + path, headers=headers, params=query, json=json)
        try:
            async with asyncio.timeout(self._timeout):
                return await self._exchange(request, f"{method} {path}")
        except (TimeoutError, httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            what = _what_happened(error, self._timeout)
        raise NoAnswer("no_answer", f"{method} {path}: {what}")

    async def _exchange(self, request: httpx.Request, call: str) -> answers.RawAnswer:
        response = await self._http.send(request, stream=True)
        try:
            body = await _read_body(response)
        finally:
            await response.aclose()
        return answers.RawAnswer(call, response.status_code, response.headers, self._without_key(response, body))

    def _without_key(self, response: httpx.Response, body: bytes | None) -> bytes | None:
        """Blank out our key in an error that quotes it: error texts end up in logs and histories."""
        key = self._secret.get_secret_value().encode()
        if body is None or response.is_success or len(key) < _SHORTEST_SECRET:
            return body
        return body.replace(key, b"[api key]")


async def _read_body(response: httpx.Response) -> bytes | None:
    """Return the body, or None as soon as it is larger than `MAX_BODY`; empty when its encoding is broken."""
    body = bytearray()
    try:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > MAX_BODY:
                return None
    except httpx.DecodingError:  # the API did answer, only unreadably: the status still counts
        return b""
    return bytes(body)
