"""A business app's endpoint: a real HTTP server that records what it gets and answers as a test says."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from baton.process.http_server import address_of, listen, serving


@dataclass
class Received:
    """One request."""

    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.body)
        return event

    @property
    def id(self) -> str:
        return str(self.event["id"])


Answer = Callable[[Received], Response | Awaitable[Response]]


def accept(_: Received) -> Response:
    return Response(status_code=204)


def refuse(status: int, **headers: str) -> Answer:
    return lambda _: Response("not now", status_code=status, headers=headers)


@dataclass
class Receiver:
    """An endpoint; `answer` may be changed at any time."""

    url: str = ""
    answer: Answer = accept
    requests: list[Received] = field(default_factory=list)
    accepted: list[Received] = field(default_factory=list)

    async def serve(self, request: Request) -> Response:
        received = Received(dict(request.headers), await request.body(), asyncio.get_running_loop().time())
        self.requests.append(received)
        answered = self.answer(received)
        response = await answered if isinstance(answered, Awaitable) else answered
        if response.status_code < 300:
            self.accepted.append(received)
        return response

    def ids(self) -> list[str]:
        """Return the ids of the accepted events in the order in which they came, each once."""
        return list(dict.fromkeys(received.id for received in self.accepted))

    def types(self) -> list[str]:
        return [str(received.event["type"]) for received in self.accepted]


@asynccontextmanager
async def receiving(answer: Answer = accept, port: int = 0) -> AsyncIterator[Receiver]:
    """Run an endpoint."""
    receiver = Receiver(answer=answer)
    app = Starlette(routes=[Route("/{path:path}", receiver.serve, methods=["POST"])])
    listener = listen("127.0.0.1", port)
    async with serving(app, listener, grace=0.5):
        receiver.url = f"{address_of(listener)}/hooks"
        yield receiver
