"""The responses of a gateway that is about to stop: each is the last one of its connection."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class LastResponses:
    """Closes each connection after its response once the gateway drains.

    Otherwise a caller, or a load balancer with a pool of connections, would send its next request on a connection that
    the gateway closes at that moment, and could not know whether the request was carried out.

    Args:
        app: The application.
        draining: Set when the gateway drains.
    """

    def __init__(self, app: ASGIApp, draining: asyncio.Event) -> None:
        self._app = app
        self._draining = draining

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_last(message: Message) -> None:
            if message["type"] == "http.response.start" and self._draining.is_set():
                message = {**message, "headers": [*message.get("headers", []), (b"connection", b"close")]}
            await send(message)

        await self._app(scope, receive, send_last)
