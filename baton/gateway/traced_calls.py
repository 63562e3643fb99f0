"""Records each call of the order API as a span, in the caller's own trace if the call names one."""

from opentelemetry.trace import SpanKind
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from baton.process.tracing import TRACEPARENT, span

_ATTRIBUTE = "http.response.status_code"


class TracedCalls:
    """ASGI middleware that records calls under `/v1`; where traces are off it does nothing that takes time.

    Args:
        app: The application behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        with span(request.method, SpanKind.SERVER, request.headers.get(TRACEPARENT)) as recorded:

            async def observed(message: Message) -> None:
                if message["type"] == "http.response.start":
                    # The path itself may hold a reference; the route is known once the request was served.
                    route = getattr(scope.get("route"), "path", "/v1")
                    recorded.update_name(f"{request.method} {route}")
                    recorded.set_attribute(_ATTRIBUTE, message["status"])
                await send(message)

            await self._app(scope, receive, observed)
