"""The steps that every call of the partner API goes through before and after its handler.

Before: journal, faults, size and type of the body, API key, idempotency. After: the answer, broken if a fault says so.
"""

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from baton.local.sandbox.api.answers import SilentResponse, apply_fault, proxy_page, wait_for_release
from baton.local.sandbox.api.idempotency import (
    KEY_HEADER,
    REPLAYED_HEADER,
    Answer,
    IdempotencyStore,
    fingerprint,
    read_key,
)
from baton.local.sandbox.api.journal import Journal, JournalEntry
from baton.local.sandbox.engine.active_faults import Fault, take_call_fault
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.errors import ApiError, invalid
from baton.local.sandbox.scenarios.faults import FaultKind, FaultSpec

MAX_BODY = 1 << 20
"""Largest accepted body, in bytes."""


@dataclass(frozen=True)
class Call:
    """A call as its handler sees it. `partner` is None if a public endpoint is called without a key."""

    partner: str | None
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]
    request: Request

    @property
    def base_url(self) -> str:
        """Return the address under which the caller reaches the sandbox."""
        return str(self.request.base_url).rstrip("/")

    @property
    def owner(self) -> str:
        """Return the partner of an authenticated call.

        Raises:
            ApiError: `unauthorized`.
        """
        if self.partner is None:
            raise ApiError("unauthorized", "this call needs an API key")
        return self.partner


@dataclass(frozen=True)
class _Rules:
    mutating: bool
    public: bool
    key_in_query: bool


Handler = Callable[[Call], dict[str, Any] | Answer]
"""Handles a call; returns the body of a 200, or a whole answer."""
RouteEndpoint = Callable[[Request], Awaitable[Response]]


class Gate:
    """Turns handlers into the endpoints of one sandbox."""

    def __init__(self, world: SandboxWorld, journal: Journal) -> None:
        self._world = world
        self._journal = journal
        self._idempotency = IdempotencyStore(world.memory, world.options.unstored_codes)

    def endpoint(
        self,
        name: str,
        handler: Handler,
        *,
        mutating: bool = False,
        public: bool = False,
        key_in_query: bool = False,
    ) -> RouteEndpoint:
        """Return the endpoint of a handler.

        Args:
            name: Name of the endpoint in faults and in the journal.
            handler: Handles the call; raises `ApiError` to refuse it.
            mutating: Whether the call changes something, so it needs an idempotency key.
            public: Whether the call needs no API key.
            key_in_query: Whether the API key may be the query's `token`.
        """
        rules = _Rules(mutating=mutating, public=public, key_in_query=key_in_query)

        async def endpoint(request: Request) -> Response:
            return cast(Response, await self._respond(request, name, handler, rules))

        return endpoint

    async def _respond(self, request: Request, name: str, handler: Handler, rules: _Rules) -> ASGIApp:
        raw = await _read(request)
        entry = self._journal.write(name, request, raw)
        fault = take_call_fault(self._world.call_faults, name, self._quote_id(request, entry.body))
        entry.fault = fault.id if fault else None
        if (
            fault
            and fault.spec.kind is FaultKind.TIMEOUT_BEFORE
            and not await wait_for_release(fault, request.receive, self._world.clock)
        ):
            return SilentResponse()
        if fault and fault.spec.kind is FaultKind.PROXY_PAGE:
            return proxy_page(fault.spec.status)
        answer = await self._answer(request, raw, entry, handler, fault, rules)
        self._world.memory.flush()
        return apply_fault(answer, fault, self._world.clock)

    async def _answer(
        self,
        request: Request,
        raw: bytes,
        entry: JournalEntry,
        handler: Handler,
        fault: Fault[FaultSpec] | None,
        rules: _Rules,
    ) -> Answer:
        try:
            partner = self._partner(request, rules)
            key = read_key(request.headers.get(KEY_HEADER)) if rules.mutating else None
            call = Call(
                partner,
                request.path_params,
                request.query_params,
                _json(request, raw),
                request,
            )
            answer, replayed = await self._run(call, request, key, handler, fault)
        except ApiError as error:
            answer, replayed = Answer.of(error), False
        entry.status, entry.replayed = answer.status, replayed
        if not replayed:
            return answer
        return Answer(answer.status, answer.body, {**answer.headers, REPLAYED_HEADER: "true"})

    async def _run(
        self, call: Call, request: Request, key: str | None, handler: Handler, fault: Fault[FaultSpec] | None
    ) -> tuple[Answer, bool]:
        if key is None:
            return await self._execute(call, handler, fault), False
        scope = (call.owner, f"{request.method} {request.scope['route'].path}", key)
        digest = fingerprint([dict(call.path), call.body])
        return await self._idempotency.once(scope, digest, lambda: self._execute(call, handler, fault))

    async def _execute(self, call: Call, handler: Handler, fault: Fault[FaultSpec] | None) -> Answer:
        spec = fault.spec if fault else None
        try:
            if spec and spec.kind is FaultKind.SLOW:
                await self._world.clock.sleep(1.0 if spec.seconds is None else spec.seconds)
            if spec and spec.kind is FaultKind.ERROR and not spec.after_effect:
                raise spec.error
            result = handler(call)
            answer = result if isinstance(result, Answer) else Answer(200, result)
            if spec and spec.kind is FaultKind.ERROR:
                raise spec.error
        except ApiError as error:
            return Answer.of(error)
        return answer

    def _partner(self, request: Request, rules: _Rules) -> str | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if not token and rules.key_in_query:
            scheme, token = "bearer", request.query_params.get("token", "")
        if not token and rules.public:
            return None
        if scheme.lower() == "bearer":
            for key, partner in self._world.api_keys.items():
                if hmac.compare_digest(key.encode(), token.strip().encode()):
                    return partner
        raise ApiError("unauthorized", "the API key is missing or not valid; send Authorization: Bearer <key>")

    def _quote_id(self, request: Request, body: Any) -> str | None:
        """Return the id of the quote that a call is about; some faults apply to one quote only."""
        fields = body if isinstance(body, dict) else {}
        quote_id = fields.get("quoteId") or request.query_params.get("quoteId")
        if quote_id:
            return str(quote_id)
        order_id = fields.get("orderId") or request.query_params.get("id") or request.path_params.get("orderId")
        order = self._world.store.orders.get(order_id) if isinstance(order_id, str) else None
        return order.quote.id if order else None


async def _read(request: Request) -> bytes:
    """Return the body, cut off a little beyond the limit.

    The rest of a longer one is read and dropped: a caller that is still sending would not read the refusal.
    """
    kept = bytearray()
    async for chunk in request.stream():
        if len(kept) <= MAX_BODY:
            kept += chunk
    return bytes(kept)


def _json(request: Request, raw: bytes) -> dict[str, Any]:
    if not raw:
        return {}
    if len(raw) > MAX_BODY:
        raise ApiError("payload_too_large", f"the body must not exceed {MAX_BODY} bytes")
    media_type = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise ApiError("unsupported_media_type", "send the body as application/json")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise invalid("the body is not valid JSON") from None
    if not isinstance(body, dict):
        raise invalid("the body must be a JSON object")
    return body
