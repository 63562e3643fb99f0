"""Webhook deliveries: one event on its way to one endpoint, signed anew for each attempt, retried by the schedule."""

import asyncio
import json
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import httpx

from baton.local.sandbox.engine.clock import Clock, iso, wall_milliseconds
from baton.local.sandbox.http import local_client
from baton.orchestra.webhooks import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign

logger = logging.getLogger(__name__)

RETRY_SECONDS = (10, 30, 120, 600, 1_800, 7_200, 21_600, 86_400)
"""Pauses before the attempts that follow a failed one; after the last the delivery has failed."""


Topic = Literal["orders", "recovery"]
"""What an endpoint subscribes to: the life of orders, or the calls for an operator."""


@dataclass
class Endpoint:
    """Where a partner wants its events. The secret is told at creation and never again."""

    id: str
    partner: str
    url: str
    secret: str = field(repr=False)
    created_at: datetime
    enabled: bool = True
    topics: frozenset[Topic] = frozenset({"orders"})

    @property
    def document(self) -> dict[str, Any]:
        """Return the endpoint as the API lists it."""
        return {"id": self.id, "url": self.url, "enabled": self.enabled, "createdAt": iso(self.created_at)}


@dataclass
class Delivery:
    """One event on its way to one endpoint."""

    id: str
    endpoint: Endpoint
    event: str
    order_id: str
    body: bytes
    tampered: bool = False
    state: Literal["pending", "held", "dropped", "delivered", "failed"] = "pending"
    attempts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def document(self) -> dict[str, Any]:
        """Return the delivery as the admin API shows it."""
        return {
            "id": self.id,
            "endpointId": self.endpoint.id,
            "url": self.endpoint.url,
            "event": self.event,
            "orderId": self.order_id,
            "state": self.state,
            "tampered": self.tampered,
            "body": json.loads(self.body),
            "attempts": self.attempts,
        }

    def signed_headers(self, timestamp: int) -> dict[str, str]:
        """Return the headers of an attempt at that time, in milliseconds since the epoch."""
        secret = self.endpoint.secret + ("-tampered" if self.tampered else "")
        return {
            "Content-Type": "application/json",
            TIMESTAMP_HEADER: str(timestamp),
            SIGNATURE_HEADER: sign(secret, timestamp, self.body),
        }


class Courier:
    """Brings deliveries.

    Args:
        clock: The sandbox's time.
        retry_scale: Factor on the documented retry pauses.
        receiver_timeout: Real seconds that a receiver has to answer.
    """

    def __init__(self, clock: Clock, *, retry_scale: float, receiver_timeout: float) -> None:
        self._clock = clock
        self._retry_scale = retry_scale
        self._client = local_client(timeout=receiver_timeout)
        self._under_way: set[asyncio.Task[None]] = set()

    def send(self, delivery: Delivery, delay: float) -> None:
        """Send in the background after a delay in seconds, with retries."""
        self._spawn(self._send(delivery, delay))

    async def send_now(self, delivery: Delivery) -> None:
        """Send and wait for the first attempt; retries follow in the background."""
        if not await self._attempt(delivery):
            self._spawn(self._retry(delivery))

    async def close(self) -> None:
        """Stop every delivery where it is."""
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self._client.aclose()

    async def _send(self, delivery: Delivery, delay: float) -> None:
        await self._clock.sleep(delay)
        if not await self._attempt(delivery):
            await self._retry(delivery)

    async def _retry(self, delivery: Delivery) -> None:
        for pause in RETRY_SECONDS:
            await self._clock.sleep(pause * self._retry_scale)
            if not delivery.endpoint.enabled:
                break
            if await self._attempt(delivery):
                return
        delivery.state = "failed"

    async def _attempt(self, delivery: Delivery) -> bool:
        """Send once; tell whether the receiver took it."""
        timestamp = wall_milliseconds()
        attempt: dict[str, Any] = {"at": iso(self._clock.now()), "timestamp": timestamp, "status": None}
        delivery.attempts.append(attempt)
        headers = delivery.signed_headers(timestamp)
        try:
            answer = await self._client.post(delivery.endpoint.url, content=delivery.body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            attempt["error"] = type(error).__name__
            return False
        attempt["status"] = answer.status_code
        if answer.is_success:
            delivery.state = "delivered"
        return answer.is_success

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("a delivery stopped", exc_info=error)
