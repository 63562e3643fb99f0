"""What every request of the order API passes first: the check of its token, and the limit of its body.

A path under `/v1` is served to known tokens alone, whatever its route does; nothing of a request is read before.
"""

import re

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from baton.accounts.tokens import Caller, TokenBook
from baton.errors import BatonError
from baton.gateway.api.errors import response_of
from baton.gateway.body import BodyReader
from baton.gateway.errors import EdgeError
from baton.process.logs import get_logger

PROTECTED = "/v1"
"""Paths below it need a token."""
MAX_BODY = 256 * 1024
"""Bytes of a request; an order document has some kilobytes at most."""

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST_PATH = 300
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_log = get_logger(__name__)
_ORDER_PATH = re.compile(r"/v1/orders/(?!lookup(?:$|/))([^/]+)")


class ApiEdge:
    """ASGI middleware for the requests of the order API.

    Args:
        app: The application behind it.
        tokens: The tokens that may call.
    """

    def __init__(self, app: ASGIApp, tokens: TokenBook) -> None:
        self._app = app
        self._tokens = tokens
        self._bodies = BodyReader(limit=MAX_BODY)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        with bound_contextvars(**_order_of(request)):
            await self._serve(request, receive, _observed(send, request))

    async def _serve(self, request: Request, receive: Receive, reply: Send) -> None:
        scope = request.scope
        try:
            body = await self._admit(request)
        except (BatonError, EdgeError) as error:
            await response_of(request, error)(scope, receive, reply)
        except ClientDisconnect:
            return
        else:
            await self._app(scope, receive if body is None else _replayed(body, receive), reply)

    async def _admit(self, request: Request) -> bytes | None:
        """Return the body of a request that may pass; None if it has none to be read."""
        path = request.scope["path"]
        if path == PROTECTED or path.startswith(f"{PROTECTED}/"):
            request.state.caller = self._tokens.authenticate(request.headers.get("authorization"))
        return await self._bodies.read(request) if request.method in _WITH_BODY else None


def _order_of(request: Request) -> dict[str, str]:
    """Return the reference of the order that a request is about, for every line that it logs."""
    found = _ORDER_PATH.match(request.scope["path"])
    return {"reference": found[1][:_LONGEST_PATH]} if found else {}


def _observed(send: Send, request: Request) -> Send:
    """Return a `send` that logs what changes something."""

    async def reply(message: Message) -> None:
        if message["type"] == "http.response.start":
            _log_act(request, message["status"])
        await send(message)

    return reply


def _log_act(request: Request, status: int) -> None:
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None or request.method in _READING:
        return
    path = request.scope["path"]
    call = f"{request.method} {path[:_LONGEST_PATH]}"
    address = request.client.host if request.client else ""
    _log.info("order API called", token=caller.name, call=call, status=status, address=address)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that hands out the body that was read already, and then waits for the disconnect."""
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay
