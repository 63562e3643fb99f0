"""The connection to the partner API: one pool, one bearer key, one tree of errors.

Every call that changes something takes its idempotency key from the caller, since only the caller knows whether it is a
retry. Nothing is retried here and no redirect is followed: both would hide from the caller what happened.
"""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote as quote_path

import httpx

from baton.bounded_http import NoResponse, certificates, http_date, read_body, within
from baton.orchestra import answers
from baton.orchestra.errors import ErrorAnswer, NoAnswer, ProxyAnswer
from baton.orchestra.operations import CallReport, ObserveCall, operation_of, result_name, result_of
from baton.redaction import Redactor, remember
from baton.version import __version__

IDEMPOTENCY_HEADER = "X-Idempotency-Key"
MAX_BODY = 4 * 1024 * 1024
"""Bytes of an answer that are read; a larger one is a malformed answer."""

# An event stream keeps its connection open for as long as its order runs; a cap would let streams starve the calls.
_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=20)

T = TypeVar("T")


def path_part(name: str, value: str) -> str:
    """Return `value` as one segment of a path.

    Args:
        name: The caller's name for the value, for the error.
        value: An id, not escaped yet.

    Raises:
        ValueError: The value is empty or would change the path.
    """
    if value in ("", ".", ".."):
        raise ValueError(f"{name} is empty or not an id; give the id that the API returned")
    return quote_path(value, safe="")


def _checked_url(base_url: str) -> str:
    try:
        url = httpx.URL(base_url.strip())
    except httpx.InvalidURL:
        raise ValueError("base_url cannot be read; it looks like https://host or https://host/prefix") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("base_url must start with http:// or https:// and name a host")
    if url.userinfo or url.query or url.fragment:
        raise ValueError("base_url must not contain a user, a query or a fragment; the key goes into api_key")
    return str(url).rstrip("/")


def _is_printable(value: str) -> bool:
    return value.isascii() and value.isprintable()


def _keyed(key: str) -> dict[str, str]:
    if not (1 <= len(key) <= 255 and _is_printable(key) and key == key.strip()):
        raise ValueError("an idempotency key is 1 to 255 printable ASCII characters, without a space at either end")
    return {IDEMPOTENCY_HEADER: key}


def _auth(api_key: str) -> dict[str, str]:
    if not _is_printable(api_key) or " " in api_key:
        raise ValueError("api_key contains a character that no key has; check it for line ends and spaces")
    return {"Authorization": f"Bearer {api_key}"} if api_key else {}


class Connection:
    """One partner account's connection to the API, and the base class of all calls. Use it as an async context manager.

    Args:
        base_url: URL of the API, http or https, with or without a path and a trailing slash.
        api_key: The partner's key. Without one no `Authorization` header is sent, which is enough for public calls.
        timeout: Seconds that one call may take, from connecting to the last byte.
        transport: An httpx transport that replaces the network, for tests.
        observe: Gets a report of each call that ended.

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
        observe: ObserveCall | None = None,
    ) -> None:
        self._observe = observe
        self._base_url = _checked_url(base_url)
        self._redactor = Redactor([api_key])
        remember(api_key)
        self._timeout = timeout
        self._last_date: tuple[str | None, float] = (None, 0.0)
        self._http = httpx.AsyncClient(
            headers={"User-Agent": f"baton/{__version__}", "Accept": "application/json", **_auth(api_key)},
            verify=certificates(),
            timeout=timeout,
            limits=_LIMITS,
            transport=transport,
            follow_redirects=False,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._base_url!r})"

    @property
    def clock_offset(self) -> float | None:
        """Seconds that Orchestra's clock was ahead of ours at the last answer, by its `Date`; None if unknown."""
        header, arrived_at = self._last_date
        date = http_date(header)
        return None if date is None else date.timestamp() - arrived_at

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
        max_body: int | None = None,
    ) -> answers.RawAnswer:
        headers = {} if key is None else _keyed(key)
        request = self._http.build_request(method, self._base_url + path, headers=headers, params=query, json=json)
        call, began = f"{method} {path}", time.monotonic()
        try:
            answer = await self._within(self._timeout, call, self._exchange(request, call, max_body))
        except NoAnswer as error:
            self._report(method, path, result_name(error), began)
            raise
        self._report(method, path, result_of(answer), began)
        return answer

    def _report(self, method: str, path: str, result: str, began: float) -> None:
        if self._observe is not None:
            self._observe(CallReport(operation_of(method, path), result, time.monotonic() - began))

    async def _exchange(self, request: httpx.Request, call: str, max_body: int | None) -> answers.RawAnswer:
        response = await self._http.send(request, stream=True)
        try:
            return await self._raw_answer(response, call, max_body)
        finally:
            await response.aclose()

    async def _raw_answer(self, response: httpx.Response, call: str, max_body: int | None = None) -> answers.RawAnswer:
        self._last_date = (response.headers.get("date"), time.time())
        body = await _body_of(response, max_body)
        if body is not None:
            # An answer may quote our key, and its texts end up in logs, histories and the ledger.
            body = self._redactor.redacted_bytes(body)
        return answers.RawAnswer(call, response.status_code, response.headers, body)

    async def _within(self, seconds: float, call: str, step: Awaitable[T], on_timeout: str | None = None) -> T:
        try:
            return await within(seconds, step)
        except NoResponse as failure:
            reason = on_timeout if on_timeout and failure.timed_out else failure
            raise NoAnswer("no_answer", f"{call}: {reason}") from None

    @asynccontextmanager
    async def _opened(self, path: str, accept: str, call: str) -> AsyncIterator[httpx.Response]:
        """Open an answer that is read while it arrives.

        Raises:
            OrchestraError: The API answered with an error, or did not answer.
        """
        headers = {"Accept": accept, "Accept-Encoding": "identity", "Cache-Control": "no-store"}
        timeout = httpx.Timeout(self._timeout, read=None)
        request = self._http.build_request("GET", self._base_url + path, headers=headers, timeout=timeout)
        response = await self._response(path, call, request)
        try:
            yield response
        finally:
            await response.aclose()

    async def _response(self, path: str, call: str, request: httpx.Request) -> httpx.Response:
        """Return an open response with a good status."""
        began = time.monotonic()
        try:
            response = await self._within(self._timeout, call, self._http.send(request, stream=True))
            if not response.is_success:
                try:
                    answers.check(await self._within(self._timeout, call, self._raw_answer(response, call)))
                finally:
                    await response.aclose()
        except (NoAnswer, ErrorAnswer, ProxyAnswer) as error:
            self._report("GET", path, result_name(error), began)
            raise
        self._report("GET", path, "ok", began)
        return response

    async def _chunks(self, response: httpx.Response, call: str, silence: float) -> AsyncGenerator[bytes, None]:
        """Yield the bytes as they arrive; silence for longer than `silence` seconds is a `NoAnswer`."""
        incoming = response.aiter_bytes()
        on_timeout = f"the stream was silent for {silence:g} s"
        while (chunk := await self._within(silence, call, anext(incoming, None), on_timeout)) is not None:
            yield chunk


async def _body_of(response: httpx.Response, max_body: int | None) -> bytes | None:
    """Return the body; None when it is larger than `max_body`, empty when its encoding is broken."""
    try:
        return await read_body(response, max_body or MAX_BODY)
    except httpx.DecodingError:  # the API did answer, even if unreadably: the status still counts
        return b""
