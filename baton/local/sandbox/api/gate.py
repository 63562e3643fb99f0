"""What every call of the partner API passes on its way in and out.

Journal, faults, size and type of the body, key, idempotency; then the handler; then the answer, whole or spoiled.
"""

import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from baton.local.sandbox.admin.fault_board import Fault, take_call_fault
from baton.local.sandbox.admin.faults import FaultKind, FaultSpec
from baton.local.sandbox.admin.journal import JournalEntry
from baton.local.sandbox.api.answers import Silence, hold, spoiled
from baton.local.sandbox.api.idempotency import KEY_HEADER, REPLAYED_HEADER, Answer, fingerprint, read_key
from baton.local.sandbox.engine.world import SandboxWorld
from baton.local.sandbox.errors import ApiError, invalid

MAX_BODY = 1 << 20
"""Bytes of the largest body."""


@dataclass(frozen=True)
class Call:
    """A call as its handler sees it. `partner` is None on public endpoints without a key."""

    partner: str | None
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Mapping[str, Any]
    base_url: str

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
"""Decides a call: the body of a 200, or a whole answer."""
RouteEndpoint = Callable[[Request], Awaitable[Response]]


class Gate:
    """Makes handlers into endpoints of one sandbox."""

    def __init__(self, world: SandboxWorld) -> None:
        self._world = world

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
            name: What faults and the journal call it.
            handler: Decides the call; raises `ApiError` to refuse it.
            mutating: It changes something, and so needs an idempotency key.
            public: It needs no API key.
            key_in_query: The API key may come as the query's `token`.
        """
        rules = _Rules(mutating=mutating, public=public, key_in_query=key_in_query)

        async def answer(request: Request) -> Response:
            return cast(Response, await self._pass(request, name, handler, rules))

        return answer

    async def _pass(self, request: Request, name: str, handler: Handler, rules: _Rules) -> ASGIApp:
        raw = await _read(request)
        entry = self._world.journal.write(name, request, raw)
        fault = take_call_fault(self._world.call_faults, name, self._quote_spoken_of(request, entry.body))
        entry.fault = fault.id if fault else None
        if (
            fault
            and fault.spec.kind is FaultKind.TIMEOUT_BEFORE
            and not await hold(fault, request.receive, self._world.clock)
        ):
            return Silence()
        answer = await self._decide(request, raw, entry, handler, fault, rules)
        return spoiled(answer, fault, self._world.clock)

    async def _decide(
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
                str(request.base_url).rstrip("/"),
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
        print_ = fingerprint([dict(call.path), call.body])
        return await self._world.idempotency.once(scope, print_, lambda: self._execute(call, handler, fault))

    async def _execute(self, call: Call, handler: Handler, fault: Fault[FaultSpec] | None) -> Answer:
        spec = fault.spec if fault else None
        try:
            if spec and spec.kind is FaultKind.SLOW:
                await self._world.clock.sleep(1.0 if spec.seconds is None else spec.seconds)
            if spec and spec.kind is FaultKind.ERROR and not spec.after_effect:
                raise spec.error
            decided = handler(call)
            answer = decided if isinstance(decided, Answer) else Answer(200, decided)
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

    def _quote_spoken_of(self, request: Request, body: Any) -> str | None:
        """Return the quote that a call is about, for faults that are bound to one."""
        named = (body.get("quoteId") if isinstance(body, dict) else None) or request.query_params.get("quoteId")
        if named:
            return str(named)
        spoken_of = body.get("orderId") if isinstance(body, dict) else None
        spoken_of = spoken_of or request.query_params.get("id") or request.path_params.get("orderId")
        order = self._world.store.orders.get(spoken_of) if isinstance(spoken_of, str) else None
        return order.quote.id if order else None


async def _read(request: Request) -> bytes:
    """Read the body. Beyond the limit it is drained and dropped, so that the caller gets to read the refusal."""
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
