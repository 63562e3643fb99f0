"""A provider in front of a real node, served over HTTP, with switchable faults and a list of its calls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from baton.process.http_server import address_of, listen, serving
from tests.local.nodes.fault_proxy import FaultProxy


@asynccontextmanager
async def running_proxy(node_url: str) -> AsyncIterator[tuple[str, FaultProxy]]:
    """Serve a provider; yield its URL and its faults. While it is down, it answers 502, as a gateway would."""
    faults = FaultProxy()
    async with httpx.AsyncClient(transport=faults) as client:

        async def forward(request: Request) -> Response:
            try:
                body, kind = await request.body(), {"content-type": "application/json"}
                answer = await client.post(node_url, content=body, headers=kind)
            except httpx.ConnectError:
                return Response(status_code=502)
            return Response(answer.content, answer.status_code)

        app = Starlette(routes=[Route("/", forward, methods=["POST"])])
        with closing(listen("127.0.0.1", 0)) as listener:
            async with serving(app, listener, grace=1):
                yield address_of(listener), faults
