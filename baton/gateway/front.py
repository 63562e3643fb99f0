"""What every request passes first, whatever its path, and what every response gets.

A request gets its id, the address that sent it, and a few rules that no route should have to know. A response gets the
id and the security headers. Refusals of one address are limited, and what a route fails with is logged, not shown.
"""

import math

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from baton.gateway.errors import EdgeError, failure, refusal
from baton.gateway.refusal_limit import RefusalLimit
from baton.gateway.request_rules import check_request, host_name
from baton.metrics.instruments import REFUSALS_LIMITED
from baton.process.log_rates import RateLimitedLog
from baton.process.logs import get_logger
from baton.process.request_ids import REQUEST_ID, request_id_of
from baton.process.security_headers import HSTS, SECURITY_HEADERS
from baton.process.trusted_proxies import TrustedProxies
from baton.settings import Settings

_REQUEST_ID = REQUEST_ID.lower().encode()
_log = get_logger(__name__)


class Front:
    """ASGI application around the gateway's own.

    Args:
        app: The gateway's routes.
        settings: Its settings: proxies, hosts, limits, and whether it is reached over TLS.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._proxies = TrustedProxies(settings.trusted_proxies)
        self._hosts = frozenset(map(host_name, settings.allowed_hosts))
        self._limit = RefusalLimit(settings.requests_per_address)
        headers = [*SECURITY_HEADERS.items(), *([HSTS] if settings.public_url.startswith("https:") else [])]
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers]
        self._rare_log = RateLimitedLog(_log)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._name_sender(scope)
        request = Request(scope)
        request.state.request_id = request_id_of(request.headers)
        reply = _Reply(request, receive, send, self._headers, self._limit, self._rare_log)
        with bound_contextvars(request_id=request.state.request_id):
            await self._serve(request, receive, reply)

    def _name_sender(self, scope: Scope) -> None:
        """Put the address that sent a request in the place of its proxy's."""
        peer, port = scope["client"] or ("", 0)
        if self._proxies.trusts(peer):
            sender = self._proxies.client_of(peer, scope["headers"])
            scope["client"] = (sender, port if sender == peer else 0)
            if self._proxies.is_https(peer, scope["headers"]):
                scope["scheme"] = "https"

    async def _serve(self, request: Request, receive: Receive, reply: "_Reply") -> None:
        scope = request.scope
        # A server leaves the body of a response to HEAD out, so every path that can be read has HEAD too.
        served = {**scope, "method": "GET"} if request.method == "HEAD" else scope
        try:
            check_request(request, self._hosts)
            await self._app(served, receive, reply.send)
        except EdgeError as error:
            await refusal(request, error)(scope, receive, reply.send)
        except ClientDisconnect:
            await Response(status_code=400)(scope, receive, reply.send)  # nobody reads it
        except Exception:
            _log.exception("the gateway failed on a request", method=request.method, area=_area(request.scope["path"]))
            if not reply.started:
                await failure(request)(scope, receive, reply.send)


class _Reply:
    """The way back of one request."""

    def __init__(
        self,
        request: Request,
        receive: Receive,
        send: Send,
        headers: list[tuple[bytes, bytes]],
        limit: RefusalLimit,
        log: RateLimitedLog,
    ) -> None:
        self.started = False
        self._request = request
        self._receive = receive
        self._send = send
        self._headers = headers
        self._limit = limit
        self._log = log
        self._is_over = False

    async def send(self, message: Message) -> None:
        """Send a part of the response, or drop it once another response was sent in its place."""
        if self._is_over:
            return
        if message["type"] != "http.response.start":
            await self._send(message)
            return
        self.started = True
        if wait := self._wait_after(message["status"]):
            self._is_over = True
            await self._too_many(wait)
        else:
            await self._start(message)

    def _wait_after(self, status: int) -> float:
        """Count a refusal of somebody unknown; return the seconds that its sender must wait, or 0."""
        if not 400 <= status < 500 or status == 429:
            return 0.0
        state = self._request.state
        if hasattr(state, "caller") or hasattr(state, "signed"):
            return 0.0
        return self._limit.take(_address(self._request))

    async def _too_many(self, wait: float) -> None:
        REFUSALS_LIMITED.inc()
        self._log.warning(
            "an address gets no more refusals in this minute", address=_address(self._request), area=self._area
        )
        error = EdgeError(
            429,
            "too_many_refusals",
            "too many requests of this address were refused",
            remedy="correct what is refused, and wait as Retry-After says",
            headers={"Retry-After": str(math.ceil(wait))},
        )
        await refusal(self._request, error)(self._request.scope, self._receive, self._start_or_pass)

    async def _start_or_pass(self, message: Message) -> None:
        await (self._start(message) if message["type"] == "http.response.start" else self._send(message))

    async def _start(self, message: Message) -> None:
        own = [header for header in message.get("headers", ()) if header[0] != _REQUEST_ID]
        named = {name for name, _ in own}
        usual = [header for header in self._headers if header[0] not in named]
        request_id = self._request.state.request_id.encode()
        await self._send({**message, "headers": [*own, *usual, (_REQUEST_ID, request_id)]})
        if self._request.method == "HEAD":
            # A stream would never end: nobody gets what it sends.
            self._is_over = True
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    @property
    def _area(self) -> str:
        return _area(self._request.scope["path"])


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _area(path: str) -> str:
    """Return the first part of a path, as the rest may be a secret."""
    return ascii(path.lstrip("/").partition("/")[0][:20])
