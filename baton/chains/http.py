"""One provider over HTTP: JSON-RPC and REST, bounded, with one error tree. Nothing is retried here."""

import asyncio
import re
from collections.abc import Awaitable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Any

import httpx

from baton.chains.errors import ChainError, NoProvider, ProviderBroken, RpcRefused, Throttled

MAX_BODY = 32 * 1024 * 1024
"""Bytes of an answer that are read; a full block is a few million."""

_THROTTLED = 429
_RPC_THROTTLED = frozenset({-32029, 429})
# -32005 and others stand for "too many results" as well, so the words decide.
_THROTTLING = re.compile(r"\brate\b|too many requests|(requests?|compute units) per", re.IGNORECASE)
_SECRET_LENGTH = 8


class Provider:
    """One provider of chain data.

    Args:
        url: Its base URL, which may hold a key and is therefore never told: errors name the host.
        headers: Sent with every call, for providers that take their key so.
        timeout: Seconds that one call may take.
        transport: An httpx transport in place of the network, for tests.
    """

    def __init__(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float = 20.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self.name = httpx.URL(url).host
        self.calls = 0
        """How many calls were made; for figures."""
        self._timeout = timeout
        self._ids = count(1)
        self._secrets = _secrets(url, headers or {})
        self._http = httpx.AsyncClient(
            headers={"Accept": "application/json", **(headers or {})},
            timeout=timeout,
            transport=transport,
            follow_redirects=False,
        )

    def __repr__(self) -> str:
        return f"Provider({self.name!r})"

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def rpc(self, method: str, *params: Any, path: str = "") -> Any:
        """Make one JSON-RPC 2.0 call and return its result.

        Args:
            method: What to call.
            *params: Its parameters by position.
            path: Below the base URL, for nodes with several endpoints such as bitcoind with its wallets.

        Raises:
            RpcRefused: The call was answered with an error.
            ChainError: There was no answer to build on.
        """
        body = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(params)}
        answer = await self._json("POST", self._url + path, method, json=body)
        if not isinstance(answer, dict) or answer.get("id") != body["id"]:
            raise self._broken(method, "answered something else than the call")
        if answer.get("error") is not None:
            raise self._refused(method, answer["error"])
        if "result" not in answer:
            raise self._broken(method, "answered neither a result nor an error")
        return answer["result"]

    async def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """Read a resource as JSON; a bare number or text counts as JSON too.

        Raises:
            ChainError: There was no answer to build on; a 404 is a `ProviderBroken` with code `not_found`.
        """
        return await self._json("GET", self._url + path, f"GET {path}", params=query)

    async def _json(self, verb: str, url: str, call: str, **what: Any) -> Any:
        self.calls += 1
        response, body = await self._within(call, self._exchange(self._http.build_request(verb, url, **what)))
        self._check(response, call, rpc=verb == "POST")
        try:
            return httpx.Response(200, content=body).json()
        except ValueError:
            raise self._broken(call, "answered something that is not JSON") from None

    async def _exchange(self, request: httpx.Request) -> tuple[httpx.Response, bytes]:
        response = await self._http.send(request, stream=True)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > MAX_BODY:
                    raise self._broken(request.method, f"answered more than {MAX_BODY} bytes")
            return response, bytes(body)
        finally:
            await response.aclose()

    async def _within(self, call: str, step: Awaitable[tuple[httpx.Response, bytes]]) -> tuple[httpx.Response, bytes]:
        try:
            async with asyncio.timeout(self._timeout):
                return await step
        except (TimeoutError, httpx.TimeoutException):
            told = NoProvider("no_answer", f"{self.name}: {call}: no answer within {self._timeout:g} s")
        except (httpx.HTTPError, httpx.StreamError) as error:
            told = NoProvider("unreachable", f"{self.name}: {call}: the connection failed ({type(error).__name__})")
        # Raised out here, so that no error in its chain quotes the URL.
        raise told

    def _check(self, response: httpx.Response, call: str, *, rpc: bool) -> None:
        status = response.status_code
        if status == _THROTTLED:
            pause = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
            raise Throttled("throttled", f"{self.name}: {call}: asks for fewer calls", pause)
        # bitcoind and some proxies answer a refused call with a 4xx or 5xx and a JSON-RPC error in the body.
        if response.is_success or (rpc and "json" in response.headers.get("Content-Type", "")):
            return
        code = "not_found" if status == httpx.codes.NOT_FOUND else f"http_{status}"
        raise ProviderBroken(code, f"{self.name}: {call}: answered {status}")

    def _refused(self, call: str, error: Any) -> ChainError:
        told = error if isinstance(error, dict) else {}
        number, text = told.get("code"), self._harmless(str(told.get("message", error)))
        message = f"{self.name}: {call}: {text}"
        if number in _RPC_THROTTLED or _THROTTLING.search(text):
            return Throttled("throttled", message)
        return RpcRefused("rpc_refused", message, number if isinstance(number, int) else 0)

    def _harmless(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "[...]")
        return " ".join(text[:300].split())

    def _broken(self, call: str, what: str) -> ProviderBroken:
        return ProviderBroken("unreadable", f"{self.name}: {call}: {what}")


def _secrets(url: str, headers: Mapping[str, str]) -> list[str]:
    """Return what a provider's error text must not repeat: the URL, its longer parts, and the values of headers."""
    parts = httpx.URL(url)
    pieces = [*parts.path.split("/"), *parts.params.values(), parts.username, parts.password, *headers.values()]
    long = {piece for piece in pieces if len(piece) >= _SECRET_LENGTH}
    return [url.rstrip("/"), *sorted(long, key=len, reverse=True)]


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds that a `Retry-After` header asks for, as a number or a date; None where it says nothing."""
    if not value:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return float(value)
    try:
        return max((parsedate_to_datetime(value) - now).total_seconds(), 0.0)
    except (ValueError, TypeError):
        return None
