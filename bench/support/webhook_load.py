"""How many verified webhooks a second the gateway accepts, and how long its answers take.

The orders they are for are real and open: they stand still at the sandbox while the webhooks tell of bridging and
swapping in turn, moves that the published table allows for ever.
"""

import asyncio
import itertools
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

import httpx

from baton.local.sandbox.http import local_client
from baton.local.stack.showcase import SHOWPIECES
from baton.orchestra.lifecycle import Status
from baton.orchestra.webhooks import signed_headers
from baton.orders.names import order_workflow_id
from bench.support.figures import Spread
from bench.support.history import read_story
from bench.support.machine import cpu_between, cpu_seconds
from bench.support.orders import pay, place, until_tracked
from bench.support.workbench import Workbench

_OPENED_AT_ONCE = 8
_HISTORIES = 20
"""How many histories are read for the lag."""

_PATIENCE = 15.0
"""Seconds that an answer may take."""

_NO_ANSWER = 0
"""Stands for the HTTP status where a connection broke."""


@dataclass
class Target:
    """An open order, and a genuine webhook of it to make more from."""

    reference: str
    document: dict[str, Any]
    turns: Iterator[Status] = field(default_factory=lambda: itertools.cycle([Status.BRIDGING, Status.SWAPPING]))

    def next_body(self) -> bytes:
        """Return the body of the next webhook of this order, as of now."""
        status, now = next(self.turns).value, datetime.now(UTC).isoformat(timespec="milliseconds")
        data = {**self.document["data"], "status": status, "updatedAt": now}
        document = {**self.document, "event": f"order.{status}", "timestamp": now, "data": data}
        return json.dumps(document, separators=(",", ":")).encode()


class WebhookLoad(NamedTuple):
    """What the gateway did with the webhooks that it got.

    Attributes:
        name: What was sent.
        coalesce: The gateway's coalescing window, in seconds.
        senders: How many webhooks were on their way at any time.
        orders: How many orders they were for.
        seconds: How long it took.
        answers: How many answers of each HTTP status came; 0 stands for none.
        per_second: Wanted answers a second.
        answer: From sending a webhook to holding the answer that was wanted.
        lag: From the change that a webhook tells until a snapshot shows it; None where nothing got in.
        cpu_seconds: CPU seconds that each process used; empty where the system does not tell.
    """

    name: str
    coalesce: float
    senders: int
    orders: int
    seconds: float
    answers: dict[int, int]
    per_second: float
    answer: Spread | None
    lag: Spread | None
    cpu_seconds: dict[str, float]


async def open_targets(bench: Workbench, count: int, name: str) -> list[Target]:
    """Open that many orders, with this name in their references, that stand still once Orchestra has them.

    Raises:
        OrderNotPlaced: One of them got no quote.
        BatonError: One of them was refused, or nobody answered.
    """
    turn = asyncio.Semaphore(_OPENED_AT_ONCE)
    reported = SHOWPIECES[0]

    async def open_one(number: int) -> Target:
        async with turn:
            placed = await place(bench, reported, f"bench-{name}-{number}")
            await pay(bench, reported, placed, "stepped")
            order_id = await until_tracked(bench, placed.reference)
            first, *_ = await bench.sandbox.deliveries(order_id)
            return Target(placed.reference, first["body"])

    return list(await asyncio.gather(*(open_one(number) for number in range(count))))


class _Senders:
    """Senders that post one webhook after the other, round the orders, until the time or the webhooks run out."""

    def __init__(self, url: str, secret: str, targets: list[Target], most: int) -> None:
        self._url, self._secret = url, secret
        self._targets = itertools.islice(itertools.cycle(targets), most)
        self.answered: list[tuple[int, float]] = []

    async def send_until(self, deadline: float) -> None:
        """Be one sender, with a connection of its own: a pool shared by many costs more than what is measured."""
        async with local_client(timeout=_PATIENCE) as http:
            for target in self._targets:
                body = target.next_body()
                began = time.monotonic()
                status = await self._post(http, body)
                self.answered.append((status, time.monotonic() - began))
                if time.monotonic() >= deadline:
                    return

    async def _post(self, http: httpx.AsyncClient, body: bytes) -> int:
        headers = signed_headers(self._secret, time.time_ns() // 1_000_000, body)
        headers["Content-Type"] = "application/json"
        try:
            return (await http.post(self._url, content=body, headers=headers)).status_code
        except httpx.HTTPError:
            return _NO_ANSWER


async def measure_webhooks(
    bench: Workbench, targets: list[Target], *, senders: int, seconds: float, most: int, forged: bool = False
) -> WebhookLoad:
    """Send webhooks and count the answers.

    Args:
        bench: The stack whose gateway is to be loaded.
        targets: The orders to send webhooks for.
        senders: How many are on their way at any time.
        seconds: How long new ones are sent.
        most: Webhooks after which it ends in any case.
        forged: Sign with a secret that is not the gateway's: the wanted answer is then 401, not 200.
    """
    secret = f"{bench.webhook_secret}-forged" if forged else bench.webhook_secret
    crew = _Senders(bench.webhook_url, secret, targets, most)
    since, began, used = datetime.now(UTC), time.monotonic(), cpu_seconds(bench.processes)
    await asyncio.gather(*(crew.send_until(began + seconds) for _ in range(senders)))
    took = time.monotonic() - began
    used = cpu_between(used, cpu_seconds(bench.processes))
    wanted = [duration for status, duration in crew.answered if status == (401 if forged else 200)]
    return WebhookLoad(
        name="forged, refused" if forged else "genuine",
        coalesce=bench.coalesce,
        senders=senders,
        orders=len(targets),
        seconds=round(took, 1),
        answers=dict(sorted(Counter(status for status, _ in crew.answered).items())),
        per_second=round(len(wanted) / took, 1),
        answer=Spread.of_seconds(wanted),
        lag=Spread.of_seconds(await _lags(bench, targets, since)),
        cpu_seconds=used,
    )


async def _lags(bench: Workbench, targets: list[Target], since: datetime) -> list[float]:
    lags: list[float] = []
    for target in targets[:_HISTORIES]:
        # A query is answered after all that came before it: from here on every webhook has been taken in.
        await bench.baton.snapshot(target.reference)
        handle = bench.temporal.get_workflow_handle(order_workflow_id("default", target.reference))
        lags += (await read_story(handle, since=since)).lags
    return lags
