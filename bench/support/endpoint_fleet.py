"""The endpoints of many business apps, in one server: good ones, a slow one, one that half fails, one that is down."""

import asyncio
import json
import socket
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from random import Random

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from baton.notifications.signing import new_secret
from baton.process.http_server import address_of, listen, serving

DEAD, SLOW, HALF = "dead", "slow", "half"
SLOW_SECONDS = 10.0
"""How long the slow endpoint takes for each event."""


class EndpointFleet:
    """Receives what a worker sends.

    Attributes:
        received: For each endpoint the ids of accepted events, in the order in which they came.
        times: For each good endpoint's event when it came first, on the monotonic clock.
    """

    def __init__(self) -> None:
        self.received: defaultdict[str, list[str]] = defaultdict(list)
        self.times: dict[str, float] = {}
        self._random = Random(7)  # noqa: S311 - repeatable, not secret
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Answer what waits at the slow endpoint, so that the server can end."""
        self._stop.set()

    async def _stopping(self, seconds: float) -> bool:
        """Wait; return whether the fleet stops."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)
        return self._stop.is_set()

    async def serve(self, request: Request) -> Response:
        """Answer one notification as its endpoint does."""
        at, name = time.monotonic(), request.path_params["name"]
        event_id = json.loads(await request.body())["id"]
        if name == HALF and self._random.random() < 0.5:
            return Response(status_code=500)
        if name == SLOW and await self._stopping(SLOW_SECONDS):
            return Response(status_code=503)
        self.received[name].append(event_id)
        if name not in (DEAD, SLOW, HALF):
            self.times.setdefault(event_id, at)
        return Response(status_code=204)

    def app(self) -> Starlette:
        """Return the server's application."""
        return Starlette(routes=[Route("/{name}", self.serve, methods=["POST"])])


@asynccontextmanager
async def fleet_server(fleet: EndpointFleet, port: int = 0) -> AsyncIterator[str]:
    """Run the server; yield its URL."""
    listener = listen("127.0.0.1", port)
    async with serving(fleet.app(), listener, grace=1):
        try:
            yield address_of(listener)
        finally:
            if port == 0:
                fleet.stop()


def free_port() -> int:
    """Return a port on which nobody listens."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_endpoints(file: Path, url: str, dead_url: str, good: int) -> list[str]:
    """Write the file of the endpoints: a good one for each account, three that want everything; return all names."""
    names = [f"good-{number}" for number in range(good)]
    tables = [_table(name, f"{url}/{name}", name.replace("good", "account")) for name in names]
    others = [_table(SLOW, f"{url}/{SLOW}"), _table(HALF, f"{url}/{HALF}"), _table(DEAD, f"{dead_url}/{DEAD}")]
    file.write_text("\n".join([*tables, *others]))
    return [*names, SLOW, HALF, DEAD]


def write_eager_endpoints(file: Path, url: str, *names: str) -> None:
    """Write the file of endpoints that each accept the events of all accounts."""
    file.write_text("\n".join(_table(name, f"{url}/{name}") for name in names))


def _table(name: str, url: str, account: str | None = None) -> str:
    return "\n".join(_lines(name, url, account))


def _lines(name: str, url: str, account: str | None) -> Iterator[str]:
    yield f"[endpoints.{name}]"
    yield f'url = "{url}"'
    yield f'secret = "{new_secret()}"'
    if account is not None:
        yield f'accounts = ["{account}"]'
