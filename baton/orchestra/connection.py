"""The way to the partner API: one HTTP connection pool, one bearer key, one error tree.

Every changing call takes its idempotency key from the caller, who alone knows whether a call is a retry. Nothing is
retried here and no redirect is followed: both would hide what happened from whoever has to decide.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote as quote_path

import httpx
from pydantic import SecretStr

from baton.orchestra import answers
from baton.orchestra.errors import NoAnswer

IDEMPOTENCY_HEADER = "X-Idempotency-Key"
MAX_BODY = 4 * 1024 * 1024
"""Bytes of an answer that are read; more is a malformed answer."""

_SHORTEST_SECRET = 8
# An open event stream holds its connection for as long as its order lives; a cap would let streams starve the calls.
_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=20)

T = TypeVar("T")


def path_part(name: str, value: str) -> str:
    """Return `value` as one segment of a path.

    Args:
        name: What the caller knows the value as, for the error.
        value: An id, escaped here.

    Raises:
        ValueError: The value is empty or would name another path.
    """
    if value in ("", ".", ".."):
        raise ValueError(f"{name} is empty or no id; give the one that the API told")
    return quote_path(value, safe="")


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


def _what_happened(error: Exception, silence: str) -> str:
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return silence
    if isinstance(error, httpx.ConnectError):
        return "the host could not be reached"
    return f"the connection failed ({type(error).__name__})"


class Connection:
    """One partner account's way to the API; the calls build on it. Use it as an async context manager.

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
            limits=_LIMITS,
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
        call = f"{method} {path}"
        return await self._within(self._timeout, call, self._exchange(request, call))

    async def _exchange(self, request: httpx.Request, call: str) -> answers.RawAnswer:
        response = await self._http.send(request, stream=True)
        try:
            return await self._raw_answer(response, call)
        finally:
            await response.aclose()

    async def _raw_answer(self, response: httpx.Response, call: str) -> answers.RawAnswer:
        body = self._without_key(response, await _read_body(response))
        return answers.RawAnswer(call, response.status_code, response.headers, body)

    async def _within(self, seconds: float, call: str, step: Awaitable[T], silence: str | None = None) -> T:
        try:
            async with asyncio.timeout(seconds):
                return await step
        except (TimeoutError, httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
            what = _what_happened(error, silence or f"no answer within {seconds:g} s")
        # Raised out here, so that no error in its chain quotes the URL.
        raise NoAnswer("no_answer", f"{call}: {what}")

    @asynccontextmanager
    async def _opened(self, path: str, accept: str, call: str) -> AsyncIterator[httpx.Response]:
        """Open an answer that is read as it grows.

        Raises:
            OrchestraError: The API said no, or did not answer.
        """
        headers = {"Accept": accept, "Accept-Encoding": "identity", "Cache-Control": "no-store"}
        patience = httpx.Timeout(self._timeout, read=None)
        request = self._http.build_request("GET", self._base_url + path, headers=headers, timeout=patience)
        response = await self._within(self._timeout, call, self._http.send(request, stream=True))
        try:
            if not response.is_success:
                refusal = self._raw_answer(response, call)
                answers.check(await self._within(self._timeout, call, refusal))
            yield response
        finally:
            await response.aclose()

    async def _chunks(self, response: httpx.Response, call: str, patience: float) -> AsyncGenerator[bytes, None]:
        """Yield what comes in, as it comes; silence for longer than `patience` seconds is a `NoAnswer`."""
        incoming = response.aiter_bytes()
        silence = f"the stream was silent for {patience:g} s"
        while (chunk := await self._within(patience, call, anext(incoming, None), silence)) is not None:
            yield chunk

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
