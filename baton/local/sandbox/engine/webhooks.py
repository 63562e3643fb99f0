"""Outgoing webhooks: their endpoints, the faults that hit them, and the deliveries that are held back.

The body, with its timestamp, is made once per event; the header timestamp and the signature are made per attempt.
"""

import itertools
import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import replace
from random import Random
from typing import Literal

from baton.local.sandbox.engine.active_faults import ActiveFaults, number_of, take_webhook_faults
from baton.local.sandbox.engine.clock import SandboxClock, iso
from baton.local.sandbox.engine.deliveries import Delivery, Endpoint, Topic, WebhookSender
from baton.local.sandbox.engine.memory import Memory, Table
from baton.local.sandbox.engine.records import nested
from baton.local.sandbox.engine.store import SandboxOrder
from baton.local.sandbox.errors import unknown
from baton.local.sandbox.scenarios.faults import WebhookFaultSpec

LOG_LENGTH = 50_000
"""Number of deliveries that the log keeps."""

RECOVERY_EVENTS = frozenset({"order.recovery_required"})
"""Events that only recovery subscriptions get."""

_ORDERS: tuple[Topic, ...] = ("orders",)

_CONFIGURED = "wh_configured"
"""Id of the endpoint that the sandbox is started with."""

_JSON = json.JSONEncoder(separators=(",", ":"))

ReleaseOrder = Literal["as_is", "reversed", "shuffled"]


class Webhooks:
    """Endpoints and deliveries of all partners.

    Args:
        clock: The sandbox's clock.
        faults: The active faults of webhooks.
        memory: Keeps the endpoints and the deliveries.
        retry_scale: Factor on the documented retry delays.
        receiver_timeout: Real seconds that a receiver has to answer.
    """

    def __init__(
        self,
        clock: SandboxClock,
        faults: ActiveFaults[WebhookFaultSpec],
        memory: Memory,
        *,
        retry_scale: float,
        receiver_timeout: float,
    ) -> None:
        self._clock = clock
        self._faults = faults
        self._memory = memory
        self._sender = WebhookSender(clock, self._record, retry_scale=retry_scale, receiver_timeout=receiver_timeout)
        self._endpoints: Table[Endpoint] = memory.table("endpoints", Endpoint)
        self._log: Table[Delivery] = memory.table("deliveries", Delivery, self._endpoints)
        self._numbers = itertools.count(1 + max(map(number_of, self._log), default=0))
        self._held = [delivery for delivery in self.deliveries if delivery.state == "held"]

    @property
    def deliveries(self) -> list[Delivery]:
        """Return the newest deliveries, oldest first."""
        return list(self._log.values())

    def resume(self) -> None:
        """Continue every pending delivery after a restart."""
        for delivery in self.deliveries:
            if delivery.state == "pending":
                self._sender.resume(delivery)

    def register(
        self,
        partner: str,
        url: str,
        secret: str | None = None,
        *,
        topics: Collection[Topic] = _ORDERS,
        endpoint_id: str | None = None,
    ) -> Endpoint:
        """Register an endpoint and return it; without a secret or an id it gets new ones."""
        endpoint = Endpoint(
            id=endpoint_id or f"wh_{secrets.token_hex(8)}",
            partner=partner,
            url=url,
            secret=secret or f"whsec_{secrets.token_urlsafe(24)}",
            created_at=self._clock.now(),
            topics=frozenset(topics),
        )
        self._endpoints[endpoint.id] = endpoint
        return endpoint

    def configure(self, partner: str, url: str, secret: str) -> None:
        """Register the endpoint that the sandbox is started with.

        After a restart it is the same endpoint, at its present address and with its present secret: what is still to
        be delivered goes there.
        """
        endpoint = self._endpoints.get(_CONFIGURED) or self.register(
            partner, url, topics=("orders", "recovery"), endpoint_id=_CONFIGURED
        )
        endpoint.partner, endpoint.url, endpoint.secret, endpoint.enabled = partner, url, secret, True
        self._endpoints.changed(_CONFIGURED)

    def endpoints_of(self, partner: str, topic: Topic) -> list[Endpoint]:
        """Return a partner's endpoints for a topic, disabled ones included."""
        endpoints = self._endpoints.values()
        return [endpoint for endpoint in endpoints if endpoint.partner == partner and topic in endpoint.topics]

    def disable(self, partner: str, endpoint_id: str) -> None:
        """Stop sending to an endpoint.

        Raises:
            ApiError: `not_found`.
        """
        endpoint = self._endpoints.get(endpoint_id)
        if endpoint is None or endpoint.partner != partner:
            raise unknown(f"no webhook {endpoint_id}")
        endpoint.enabled = False
        self._endpoints.changed(endpoint_id)

    def announce(self, order: SandboxOrder, event: str) -> None:
        """Send an event to every enabled endpoint of the order's partner."""
        topic: Topic = "recovery" if event in RECOVERY_EVENTS else "orders"
        endpoints = [endpoint for endpoint in self.endpoints_of(order.quote.partner, topic) if endpoint.enabled]
        if not endpoints:
            return
        hits = take_webhook_faults(self._faults, event, order.quote.id)
        faults: dict[str, WebhookFaultSpec] = {fault.kind: fault for fault in hits}
        body = _body(order, event)
        copies = faults["duplicate"].copies if "duplicate" in faults else 1
        for endpoint in endpoints:
            for _ in range(copies):
                delivery = self._add(Delivery("", endpoint, event, order.id, body, tampered="tamper" in faults))
                self._dispatch(delivery, _delay(faults, delivery), drop="drop" in faults, hold="hold" in faults)

    async def release(self, order: ReleaseOrder, copies: int, seed: int) -> int:
        """Send every held delivery, one after the other, and stop holding new ones.

        Args:
            order: `as_is`, `reversed` or `shuffled`.
            copies: How many times each is sent.
            seed: Makes a shuffle repeatable.

        Returns:
            The number of deliveries sent.
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
            await self._sender.send_now(delivery)
        return len(queue)

    async def close(self) -> None:
        """Cancel every running delivery."""
        await self._sender.close()

    def _dispatch(self, delivery: Delivery, delay: float, *, drop: bool, hold: bool) -> None:
        if drop:
            delivery.state = "dropped"
        elif hold:
            delivery.state = "held"
            self._held.append(delivery)
        else:
            self._sender.send(delivery, delay)

    def _add(self, delivery: Delivery) -> Delivery:
        delivery.id = f"dl_{next(self._numbers)}"
        self._log[delivery.id] = delivery
        if len(self._log) > LOG_LENGTH:
            del self._log[next(iter(self._log))]
        return delivery

    def _record(self, delivery: Delivery) -> None:
        self._log.changed(delivery.id)
        if _is_under_way(delivery):
            self._memory.flush()
        else:
            self._memory.flush_soon()

    def _copy(self, delivery: Delivery) -> Delivery:
        """Return a held delivery itself at the first call, and a new copy of it at each further call."""
        if delivery.state == "held":
            delivery.state = "pending"
            self._log.changed(delivery.id)
            return delivery
        copy = replace(delivery, id="", state="pending", attempts=[])
        return self._add(copy)


def _is_under_way(delivery: Delivery) -> bool:
    """Whether an attempt is just about to be made."""
    last = delivery.attempts[-1]
    return delivery.state == "pending" and last["status"] is None and "error" not in last


def _body(order: SandboxOrder, event: str) -> bytes:
    document = {"event": event, "timestamp": iso(order.updated_at), "data": nested(order)}
    return _JSON.encode({**order.quote.scenario.extra_fields, **document}).encode()


def _delay(faults: Mapping[str, WebhookFaultSpec], delivery: Delivery) -> float:
    """Return the delay of a delivery in seconds."""
    delay = faults["delay"].seconds if "delay" in faults else 0.0
    if "reorder" in faults:
        spec = faults["reorder"]
        random = Random(f"{spec.seed}/{delivery.id}")  # noqa: S311 - a repeatable order, not a secret
        delay += random.uniform(0, spec.seconds)
    return delay
