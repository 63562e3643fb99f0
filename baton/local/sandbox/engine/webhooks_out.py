"""Webhooks on their way out: who is told, what may go wrong on purpose, and what is held back.

The body, with its timestamp, is made once per event; the header timestamp and the signature are made per attempt.
"""

import itertools
import json
import secrets
from collections import deque
from collections.abc import Collection, Mapping
from random import Random
from typing import Literal

from baton.local.sandbox.admin.fault_board import FaultBoard, take_webhook_faults
from baton.local.sandbox.admin.faults import WebhookFaultSpec
from baton.local.sandbox.api.records import nested
from baton.local.sandbox.engine.clock import Clock, iso
from baton.local.sandbox.engine.deliveries import Courier, Delivery, Endpoint, Topic
from baton.local.sandbox.engine.store import SandboxOrder
from baton.local.sandbox.errors import unknown

LOG_LENGTH = 50_000
"""How many deliveries the log keeps."""

RECOVERY_EVENTS = frozenset({"order.recovery_required"})
"""Events that only subscriptions for recovery get."""

_ORDERS: tuple[Topic, ...] = ("orders",)

ReleaseOrder = Literal["as_is", "reversed", "shuffled"]


class Webhooks:
    """Endpoints and deliveries of all partners.

    Args:
        clock: The sandbox's time.
        faults: What goes wrong on purpose.
        courier: Brings what is to be sent.
    """

    def __init__(self, clock: Clock, faults: FaultBoard[WebhookFaultSpec], courier: Courier) -> None:
        self._clock = clock
        self._faults = faults
        self._courier = courier
        self._numbers = itertools.count(1)
        self._endpoints: dict[str, Endpoint] = {}
        self._held: list[Delivery] = []
        self.deliveries: deque[Delivery] = deque(maxlen=LOG_LENGTH)

    def register(
        self, partner: str, url: str, secret: str | None = None, *, topics: Collection[Topic] = _ORDERS
    ) -> Endpoint:
        """Add an endpoint; a secret is made unless one is given."""
        endpoint = Endpoint(
            id=f"wh_{secrets.token_hex(8)}",
            partner=partner,
            url=url,
            secret=secret or f"whsec_{secrets.token_urlsafe(24)}",
            created_at=self._clock.now(),
            topics=frozenset(topics),
        )
        self._endpoints[endpoint.id] = endpoint
        return endpoint

    def endpoints_of(self, partner: str, topic: Topic) -> list[Endpoint]:
        """Return a partner's endpoints for a topic, disabled ones included."""
        return [one for one in self._endpoints.values() if one.partner == partner and topic in one.topics]

    def disable(self, partner: str, endpoint_id: str) -> None:
        """Stop sending to an endpoint.

        Raises:
            ApiError: `not_found`.
        """
        endpoint = self._endpoints.get(endpoint_id)
        if endpoint is None or endpoint.partner != partner:
            raise unknown(f"no webhook {endpoint_id}")
        endpoint.enabled = False

    def announce(self, order: SandboxOrder, event: str) -> None:
        """Tell every enabled endpoint of the order's partner about an event."""
        topic: Topic = "recovery" if event in RECOVERY_EVENTS else "orders"
        endpoints = [one for one in self.endpoints_of(order.quote.partner, topic) if one.enabled]
        if not endpoints:
            return
        hit = take_webhook_faults(self._faults, event, order.quote.id)
        rules: dict[str, WebhookFaultSpec] = {rule.kind: rule for rule in hit}
        body = _body(order, event)
        copies = rules["duplicate"].copies if "duplicate" in rules else 1
        for endpoint in endpoints:
            for _ in range(copies):
                delivery = self._log(Delivery("", endpoint, event, order.id, body, tampered="tamper" in rules))
                self._dispatch(delivery, _delay(rules, delivery), drop="drop" in rules, hold="hold" in rules)

    async def release(self, order: ReleaseOrder, copies: int, seed: int) -> int:
        """Send every held delivery, one after the other, and hold no more.

        Args:
            order: `as_is`, `reversed` or `shuffled`.
            copies: How often each is sent.
            seed: Makes a shuffle repeatable.

        Returns:
            How many deliveries were sent.
        """
        for fault in self._faults.matching_kind("hold"):
            self._faults.release(fault.id)
        queue = [self._copy(delivery) for delivery in self._held for _ in range(copies)]
        self._held.clear()
        if order == "reversed":
            queue.reverse()
        elif order == "shuffled":
            Random(seed).shuffle(queue)  # noqa: S311 - a repeatable order, not a secret
        for delivery in queue:
            await self._courier.send_now(delivery)
        return len(queue)

    async def close(self) -> None:
        """Stop every delivery where it is."""
        await self._courier.close()

    def _dispatch(self, delivery: Delivery, delay: float, *, drop: bool, hold: bool) -> None:
        if drop:
            delivery.state = "dropped"
        elif hold:
            delivery.state = "held"
            self._held.append(delivery)
        else:
            self._courier.send(delivery, delay)

    def _log(self, delivery: Delivery) -> Delivery:
        delivery.id = f"dl_{next(self._numbers)}"
        self.deliveries.append(delivery)
        return delivery

    def _copy(self, held: Delivery) -> Delivery:
        """Return the held delivery for its first sending and a new one for each further copy."""
        if held.state == "held":
            held.state = "pending"
            return held
        copy = Delivery("", held.endpoint, held.event, held.order_id, held.body, tampered=held.tampered)
        return self._log(copy)


def _body(order: SandboxOrder, event: str) -> bytes:
    document = {"event": event, "timestamp": iso(order.updated_at), "data": nested(order)}
    return json.dumps({**order.quote.scenario.extra_fields, **document}, separators=(",", ":")).encode()


def _delay(rules: Mapping[str, WebhookFaultSpec], delivery: Delivery) -> float:
    """Return after how many seconds a delivery is sent."""
    delay = rules["delay"].seconds if "delay" in rules else 0.0
    if "reorder" in rules:
        spec = rules["reorder"]
        chance = Random(f"{spec.seed}/{delivery.id}")  # noqa: S311 - a repeatable order, not a secret
        delay += chance.uniform(0, spec.seconds)
    return delay
