"""One provider over HTTP: JSON-RPC and REST, with bounds and one tree of errors. Nothing is retried here."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx

from baton.bounded_http import NoResponse, certificates, read_body, retry_after, within
from baton.chains.errors import UNREADABLE, ChainError, NoProvider, ProviderBroken, RpcRefused, Throttled
from baton.chains.throttling import complaint_of, pause_in, says_throttled, text_of, throttled_error, throttled_response
from baton.redaction import Redactor, redacted, remember, remember_url

MAX_BODY = 32 * 1024 * 1024
"""Bytes of an answer that are read; a full block is a few million."""

_MOST_TEXT = 2000
_QUOTING = 64 * 1024
"""Bytes; answers that repeat a key are short, and longer ones are full of numbers."""


class Provider:
    """One provider of chain data.

    Args:
        url: Its base URL, which may hold a key and is therefore never shown: errors name the host.
        headers: Sent with every call, for providers that take their key in a header.
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
        """How many calls were made; for statistics."""
        self._timeout = timeout
        self._ids = count(1)
        self._redactor = Redactor((headers or {}).values())
        self._redactor.add_url(url)
        remember(*(headers or {}).values())
        remember_url(url)
        self._http = httpx.AsyncClient(
            headers={"Accept": "application/json", **(headers or {})},
            verify=certificates(),
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
            path: Path below the base URL, for nodes with several endpoints, such as bitcoind with its wallets.

        Raises:
            RpcRefused: The call was answered with an error.
            ChainError: There was no usable answer.
        """
        body = {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(params)}
        answer = _only_answer(await self._json("POST", self._url + path, method, json=body))
        if not isinstance(answer, dict) or answer.get("id", body["id"]) not in (body["id"], None):
            raise self._unusable(method, answer, "answered another call")
        # Some providers answer an error without the call's id: it is the only call on this connection.
        if answer.get("error") is not None:
            raise self._refused(method, answer["error"])
        if "result" not in answer:
            raise self._unusable(method, answer, "answered neither a result nor an error")
        if answer.get("id") != body["id"]:
            raise self._broken(method, "answered another call")
        return answer["result"]

    async def get(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """Return a resource as JSON; a bare number or text counts as JSON too.

        Raises:
            ChainError: There was no usable answer; a 404 is a `ProviderBroken` with code `not_found`.
        """
        answer = await self._json("GET", self._url + path, f"GET {path}", params=query)
        if says_throttled(complaint_of(answer)):
            raise self._unusable(f"GET {path}", answer, "")
        return answer

    async def _json(self, verb: str, url: str, call: str, **content: Any) -> Any:
        self.calls += 1
        response, body = await self._answer(self._http.build_request(verb, url, **content), call)
        self._check(response, body, call, rpc=verb == "POST")
        try:
            return httpx.Response(200, content=body).json()
        except ValueError:
            text = text_of(body)
        raise self._unusable(call, text, "answered something that is not JSON")

    async def _answer(self, request: httpx.Request, call: str) -> tuple[httpx.Response, bytes]:
        try:
            response, body = await within(self._timeout, self._exchange(request))
        except NoResponse as failure:
            code = "no_answer" if failure.timed_out else "unreachable"
            raise NoProvider(code, f"{self.name}: {call}: {failure}") from None
        if body is None:
            raise self._broken(call, f"answered more than {MAX_BODY} bytes")
        return response, self._redactor.redacted_bytes(body) if len(body) <= _QUOTING else body

    async def _exchange(self, request: httpx.Request) -> tuple[httpx.Response, bytes | None]:
        response = await self._http.send(request, stream=True)
        try:
            return response, await read_body(response, MAX_BODY)
        finally:
            await response.aclose()

    def _check(self, response: httpx.Response, body: bytes, call: str, *, rpc: bool) -> None:
        status = response.status_code
        text = text_of(body)
        if throttled_response(status, text):
            pause = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
            raise self._throttled(call, pause_in(text) if pause is None else pause)
        # bitcoind and some proxies answer a refused call with a 4xx or 5xx, and with a JSON-RPC error in the body.
        if response.is_success or (rpc and "json" in response.headers.get("Content-Type", "")):
            return
        code = "not_found" if status == httpx.codes.NOT_FOUND else f"http_{status}"
        raise ProviderBroken(code, f"{self.name}: {call}: answered {status}")

    def _refused(self, call: str, error: Any) -> ChainError:
        details = error if isinstance(error, dict) else {}
        number, text = details.get("code"), _line(str(details.get("message", error)))
        message = f"{self.name}: {call}: {text}"
        if throttled_error(number, text):
            return Throttled("throttled", message, pause_in(text_of(str(error).encode("utf-8", "replace"))))
        return RpcRefused("rpc_refused", message, number if isinstance(number, int) else 0)

    def _unusable(self, call: str, answer: Any, fault: str) -> ChainError:
        """Return the error for an answer without the expected envelope: some providers throttle with such a one."""
        complaint = complaint_of(answer)
        if says_throttled(complaint):
            return self._throttled(call, pause_in(complaint))
        return self._broken(call, fault)

    def _throttled(self, call: str, pause: float | None) -> Throttled:
        return Throttled("throttled", f"{self.name}: {call}: asks for fewer calls", pause)

    def _broken(self, call: str, fault: str) -> ProviderBroken:
        return ProviderBroken(UNREADABLE, f"{self.name}: {call}: {fault}")


def _only_answer(answer: Any) -> Any:
    """Return the answer in a list of one: some gateways answer a single call as if it were a batch."""
    return answer[0] if isinstance(answer, list) and len(answer) == 1 else answer


def _line(text: str) -> str:
    return " ".join(redacted(text[:_MOST_TEXT])[:300].split())
