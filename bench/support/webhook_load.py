"""The verified webhooks a second that the gateway accepts, and the duration of its answers.

The webhooks are about real open orders. The orders stand still at the sandbox while their webhooks alternate between
bridging and swapping, which the published table of statuses allows without end.
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
from bench.support.history import read_history
from bench.support.machine import cpu_between, cpu_seconds
from bench.support.orders import pay, place, until_tracked
from bench.support.workbench import Workbench

_OPENED_AT_ONCE = 8
_HISTORIES = 20
"""How many histories are read for the lag."""

_TIMEOUT = 15.0
"""Seconds for one answer."""

_NO_ANSWER = 0
"""Stands for the HTTP status if a connection broke."""


@dataclass
class WebhookTarget:
    """An open order, with a genuine webhook of it as the template of further ones."""

    reference: str
    document: dict[str, Any]
    turns: Iterator[Status] = field(default_factory=lambda: itertools.cycle([Status.BRIDGING, Status.SWAPPING]))

    def next_body(self) -> bytes:
        """Return the body of the order's next webhook, with the current time."""
        status, now = next(self.turns).value, datetime.now(UTC).isoformat(timespec="milliseconds")
        data = {**self.document["data"], "status": status, "updatedAt": now}
        document = {**self.document, "event": f"order.{status}", "timestamp": now, "data": data}
        return json.dumps(document, separators=(",", ":")).encode()


class WebhookLoad(NamedTuple):
    """The result of one load of webhooks.

    Attributes:
        name: The kind of webhooks.
        coalesce: The gateway's coalescing window, in seconds.
        senders: Concurrent webhooks.
        orders: How many orders they were about.
        seconds: Duration of the load.
        answers: Number of answers by HTTP status; 0 stands for no answer.
        per_second: Expected answers a second.
        answer: Time from sending a webhook to its expected answer.
        lag: Time from the change in a webhook until a snapshot shows it; None if no webhook was accepted.
        cpu_seconds: CPU seconds of each process; empty if the system does not report them.
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


async def open_targets(bench: Workbench, count: int, name: str) -> list[WebhookTarget]:
    """Open that many orders that stand still once Orchestra has them; `name` becomes part of their references.

    Raises:
        OrderNotPlaced: One of them got no quote.
        BatonError: One of them was refused, or Baton did not answer.
    """
    limit = asyncio.Semaphore(_OPENED_AT_ONCE)
    piece = SHOWPIECES[0]

    async def open_one(number: int) -> WebhookTarget:
        async with limit:
            placed = await place(bench, piece, f"bench-{name}-{number}")
            await pay(bench, piece, placed, "stepped")
            order_id = await until_tracked(bench, placed.reference)
            first, *_ = await bench.sandbox.deliveries(order_id)
            return WebhookTarget(placed.reference, first["body"])

    return list(await asyncio.gather(*(open_one(number) for number in range(count))))


class _Senders:
    """Senders that post one webhook after the other to each order in turn, up to a deadline or a number of webhooks."""

    def __init__(self, url: str, secret: str, targets: list[WebhookTarget], most: int) -> None:
        self._url, self._secret = url, secret
        self._targets = itertools.islice(itertools.cycle(targets), most)
        self.answered: list[tuple[int, float]] = []

    async def send_until(self, deadline: float) -> None:
        """Send webhooks as one sender, on its own connection: a shared pool would cost more than what is measured."""
        async with local_client(timeout=_TIMEOUT) as http:
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
    bench: Workbench, targets: list[WebhookTarget], *, senders: int, seconds: float, most: int, forged: bool = False
) -> WebhookLoad:
    """Send webhooks and count the answers.

    Args:
        bench: The stack whose gateway gets the load.
        targets: The orders that the webhooks are about.
        senders: Concurrent webhooks.
        seconds: How long to send.
        most: Maximum number of webhooks.
        forged: Sign with a wrong secret; the expected answer is then 401, not 200.
    """
    secret = f"{bench.webhook_secret}-forged" if forged else bench.webhook_secret
    crowd = _Senders(bench.webhook_url, secret, targets, most)
    since, began, used = datetime.now(UTC), time.monotonic(), cpu_seconds(bench.processes)
    await asyncio.gather(*(crowd.send_until(began + seconds) for _ in range(senders)))
    took = time.monotonic() - began
    used = cpu_between(used, cpu_seconds(bench.processes))
    expected = [duration for status, duration in crowd.answered if status == (401 if forged else 200)]
    return WebhookLoad(
        name="forged, refused" if forged else "genuine",
        coalesce=bench.coalesce,
        senders=senders,
        orders=len(targets),
        seconds=round(took, 1),
        answers=dict(sorted(Counter(status for status, _ in crowd.answered).items())),
        per_second=round(len(expected) / took, 1),
        answer=Spread.of_seconds(expected),
        lag=Spread.of_seconds(await _lags(bench, targets, since)),
        cpu_seconds=used,
    )


async def _lags(bench: Workbench, targets: list[WebhookTarget], since: datetime) -> list[float]:
    lags: list[float] = []
    for target in targets[:_HISTORIES]:
        # A query is answered after every earlier signal, so from here on every webhook has been handled.
        await bench.baton.snapshot(target.reference)
        handle = bench.temporal.get_workflow_handle(order_workflow_id("default", target.reference))
        lags += (await read_history(handle, since=since)).lags
    return lags
