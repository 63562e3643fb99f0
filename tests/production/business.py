"""A business that places orders and looks at them, over HTTP and in Python, and notes every call that got no answer."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

import httpx

from baton.client import BatonClient
from baton.errors import BatonError, OrderRefused
from baton.local.sandbox.control import SandboxControl
from baton.local.stack.progress import Progress
from baton.orchestra.proofs import DepositProof
from baton.orders.answers import Placement, Snapshot
from baton.orders.events import CLOSED
from bench.fleet import Fleet

T = TypeVar("T")

LOOK_SECONDS = 1.0
"""Seconds between two looks at an order, or at a list."""

RETRY_SECONDS = 0.3
ORDER_SECONDS = 240.0
"""Seconds after which the business gives up on an order."""


class NoAnswer(Exception):
    """A call was answered with a status that no business expects."""


class Tally:
    """The calls of a business.

    Attributes:
        made: How many there were of each kind.
        failed: One sentence for each that got no answer.
        slowest: Seconds of the slowest of each kind.
    """

    def __init__(self) -> None:
        self.made: Counter[str] = Counter()
        self.failed: list[str] = []
        self.slowest: dict[str, float] = {}

    async def call(self, kind: str, make: Callable[[], Awaitable[T]]) -> T:
        """Make a call until it is answered; each time that it is not is noted."""
        while True:
            began = time.monotonic()
            self.made[kind] += 1
            try:
                return await make()
            except OrderRefused:
                raise
            except (httpx.HTTPError, BatonError, NoAnswer) as error:
                self.failed.append(f"{kind} after {time.monotonic() - began:.1f} s: {type(error).__name__} {error}")
                await asyncio.sleep(RETRY_SECONDS)
            finally:
                self.slowest[kind] = max(self.slowest.get(kind, 0), time.monotonic() - began)


class App(Protocol):
    """A business app."""

    async def place(self, document: dict[str, Any]) -> Placement: ...
    async def report(self, placed: Placement, proof: DepositProof) -> object: ...
    async def show(self, reference: str) -> Snapshot: ...
    async def list(self) -> object: ...
    async def events(self) -> object: ...


class HttpApp:
    """It uses the order API through the load balancer.

    Attributes:
        event_ids: The events that it read.
        closed: The orders whose end was among them.
        repeated: The calls whose connection a gateway closed just then; each is made once more, as scaling.md says.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http
        self._cursor: str | None = None
        self.event_ids: list[str] = []
        self.closed = 0
        self.repeated = 0

    async def place(self, document: dict[str, Any]) -> Placement:
        return Placement.model_validate(await self._json("POST", "/v1/orders", json=document))

    async def report(self, placed: Placement, proof: DepositProof) -> object:
        return await self._json("POST", f"/v1/orders/{placed.reference}/deposit", json=proof.wire())

    async def show(self, reference: str) -> Snapshot:
        return Snapshot.model_validate(await self._json("GET", f"/v1/orders/{reference}"))

    async def list(self) -> object:
        return await self._json("GET", "/v1/orders?limit=20")

    async def events(self) -> object:
        query = {"limit": "500", **({"after": self._cursor} if self._cursor else {})}
        page = await self._json("GET", "/v1/events", params=query)
        self._cursor = page["cursor"]
        self.event_ids += [event["id"] for event in page["events"]]
        self.closed += sum(event["type"] == CLOSED for event in page["events"])
        return page

    async def _json(self, method: str, path: str, **details: Any) -> dict[str, Any]:
        try:
            response = await self._http.request(method, path, **details)
        except httpx.RemoteProtocolError:
            self.repeated += 1
            response = await self._http.request(method, path, **details)
        if not response.is_success:
            raise NoAnswer(f"{method} {path}: {response.status_code} {response.text[:300]}")
        return dict(response.json())


class PythonApp:
    """It uses the client, straight to Temporal."""

    def __init__(self, baton: BatonClient) -> None:
        self._baton = baton

    async def place(self, document: dict[str, Any]) -> Placement:
        return await self._baton.place(document)

    async def report(self, placed: Placement, proof: DepositProof) -> object:
        return await self._baton.report_deposit(placed.reference, proof)

    async def show(self, reference: str) -> Snapshot:
        return await self._baton.snapshot(reference)

    async def list(self) -> object:
        return await self._baton.list_orders(limit=20)

    async def events(self) -> object:
        """Return nothing: the feed is of the order API alone."""
        return None


def http_client(fleet: Fleet) -> httpx.AsyncClient:
    """Return a client of the order API, through the load balancer."""
    headers = {"Authorization": f"Bearer {fleet.api_token}"}
    return httpx.AsyncClient(base_url=fleet.gateway_url, headers=headers, timeout=30, trust_env=False)


async def run_order(app: App, sandbox: SandboxControl, order: Progress, tally: Tally, kind: str) -> None:
    """Place an order, pay it, and look at it until it has ended; if it does not, that is noted in it."""
    try:
        async with asyncio.timeout(ORDER_SECONDS):
            await _run_order(app, sandbox, order, tally, kind)
    except TimeoutError:
        order.error = f"not ended within {ORDER_SECONDS:g} s"


async def _run_order(app: App, sandbox: SandboxControl, order: Progress, tally: Tally, kind: str) -> None:
    document = {"reference": order.reference, **order.piece.document}
    placed = await tally.call(f"{kind} place", lambda: app.place(document))
    assert placed.quote_id, placed
    if order.piece.scenario:
        await sandbox.set_scenario(order.piece.scenario, placed.quote_id)
    order.step = "depositing"
    order.pay(await sandbox.deposit(placed.quote_id, detect=not order.piece.reported), time.monotonic())
    if order.piece.reported and (proof := order.proof):
        await tally.call(f"{kind} report", lambda: app.report(placed, proof))
    order.step = "watching"
    while order.outcome is None:
        order.record(await tally.call(f"{kind} show", lambda: app.show(order.reference)), time.monotonic())
        await asyncio.sleep(LOOK_SECONDS)


async def look_around(app: App, tally: Tally, kind: str) -> None:
    """Read lists and events until cancelled."""
    while True:
        await tally.call(f"{kind} list", app.list)
        await tally.call(f"{kind} events", app.events)
        await asyncio.sleep(LOOK_SECONDS)


class Listener:
    """Listens to the stream of events, and resumes it where it ended, as browsers do.

    Attributes:
        event_ids: The events that it got.
        connected: Set once the first stream has begun.
        ended: How often the stream ended as it should.
        broken: One sentence for each time that it ended otherwise.
    """

    def __init__(self) -> None:
        self._last = ""
        self._retry = 1.0
        self.event_ids: list[str] = []
        self.connected = asyncio.Event()
        self.ended = 0
        self.broken: list[str] = []

    async def listen(self, http: httpx.AsyncClient) -> None:
        """Listen until cancelled."""
        while True:
            try:
                await self._read(http)
                self.ended += 1
            except httpx.HTTPError as error:
                self.broken.append(f"{type(error).__name__} {error}")
            await asyncio.sleep(self._retry)

    async def _read(self, http: httpx.AsyncClient) -> None:
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": self._last} if self._last else {})}
        async with http.stream("GET", "/v1/events", headers=headers) as response:
            response.raise_for_status()
            async for line in response.aiter_lines():
                self._take(*line.partition(": ")[::2])

    def _take(self, field: str, value: str) -> None:
        if field == "id":
            self._last = value
        elif field == "retry":
            self._retry = int(value) / 1000
            self.connected.set()
        elif field == "data":
            self.event_ids.append(json.loads(value)["id"])
