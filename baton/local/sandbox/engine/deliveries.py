"""Webhook deliveries: one event for one endpoint, with a new signature for each attempt and retries on a schedule."""

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import PlainSerializer, PlainValidator, ValidationInfo

from baton.local.sandbox.engine.clock import SandboxClock, iso, wall_milliseconds
from baton.local.sandbox.engine.memory import Table
from baton.local.sandbox.engine.posting import NotDelivered, Poster
from baton.orchestra.webhooks import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign

logger = logging.getLogger(__name__)

RETRY_SECONDS = (10, 30, 120, 600, 1_800, 7_200, 21_600, 86_400)
"""Delays before the retries of a failed attempt; after the last retry the delivery has failed."""

AT_ONCE = 40
"""Attempts of one endpoint at the same time: more would only wait for each other at the receiver."""

Topic = Literal["orders", "recovery"]
"""Subjects of a subscription: events of orders, or calls for recovery by an operator."""


@dataclass
class Endpoint:
    """A partner's subscription to events. Its secret is shown once, at creation."""

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


def _stored_endpoint(endpoint_id: str, info: ValidationInfo) -> Endpoint:
    assert isinstance(info.context, Table)
    endpoint: Endpoint = info.context[endpoint_id]
    return endpoint


def _endpoint_id(endpoint: Endpoint) -> str:
    return endpoint.id


@dataclass
class Delivery:
    """One event for one endpoint, and the attempts to deliver it."""

    id: str
    endpoint: Annotated[Endpoint, PlainValidator(_stored_endpoint), PlainSerializer(_endpoint_id)]
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
        """Return the headers of an attempt; `timestamp` is in milliseconds since the epoch."""
        secret = self.endpoint.secret + ("-tampered" if self.tampered else "")
        return {
            "Content-Type": "application/json",
            TIMESTAMP_HEADER: str(timestamp),
            SIGNATURE_HEADER: sign(secret, timestamp, self.body),
        }


class WebhookSender:
    """Sends deliveries, with retries.

    Args:
        clock: The sandbox's clock.
        record: Writes a delivery down; called before and after every attempt.
        retry_scale: Factor on the documented retry delays.
        receiver_timeout: Real seconds that a receiver has to answer.
    """

    def __init__(
        self, clock: SandboxClock, record: Callable[[Delivery], None], *, retry_scale: float, receiver_timeout: float
    ) -> None:
        self._clock = clock
        self._record = record
        self._retry_scale = retry_scale
        self._poster = Poster(receiver_timeout)
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots: dict[str, asyncio.Semaphore] = {}

    def send(self, delivery: Delivery, delay: float) -> None:
        """Send in the background after a delay in seconds, with retries."""
        self._spawn(self._send(delivery, delay))

    def resume(self, delivery: Delivery) -> None:
        """Continue a delivery after a restart: its first attempt follows at once, a retry as the schedule says."""
        self._spawn(self._retry(delivery, since=_last_attempt(delivery)) if delivery.attempts else self._send(delivery))

    async def send_now(self, delivery: Delivery) -> None:
        """Send and wait for the first attempt; retries follow in the background."""
        if not await self._attempt(delivery):
            self._spawn(self._retry(delivery))

    async def close(self) -> None:
        """Cancel every running delivery."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._poster.close()

    async def _send(self, delivery: Delivery, delay: float = 0.0) -> None:
        await self._clock.sleep(delay)
        if not await self._attempt(delivery):
            await self._retry(delivery)

    async def _retry(self, delivery: Delivery, since: datetime | None = None) -> None:
        passed = (self._clock.now() - since).total_seconds() if since else 0.0
        for delay in RETRY_SECONDS[len(delivery.attempts) - 1 :]:
            await self._clock.sleep(delay * self._retry_scale - passed)
            passed = 0.0
            if not delivery.endpoint.enabled:
                break
            if await self._attempt(delivery):
                return
        delivery.state = "failed"
        self._record(delivery)

    async def _attempt(self, delivery: Delivery) -> bool:
        """Send once it is this delivery's turn; return whether the receiver accepted it."""
        async with self._slots.setdefault(delivery.endpoint.id, asyncio.Semaphore(AT_ONCE)):
            return await self._post(delivery)

    async def _post(self, delivery: Delivery) -> bool:
        timestamp = wall_milliseconds()
        attempt: dict[str, Any] = {"at": iso(self._clock.now()), "timestamp": timestamp, "status": None}
        delivery.attempts.append(attempt)
        self._record(delivery)
        headers = delivery.signed_headers(timestamp)
        try:
            status = await self._poster.post(delivery.endpoint.url, delivery.body, headers)
        except NotDelivered as failure:
            attempt["error"] = str(failure)
            self._record(delivery)
            return False
        attempt["status"] = status
        accepted = 200 <= status < 300
        if accepted:
            delivery.state = "delivered"
        self._record(delivery)
        return accepted

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.error("a delivery stopped on an error", exc_info=error)


def _last_attempt(delivery: Delivery) -> datetime:
    return datetime.fromisoformat(delivery.attempts[-1]["at"])
