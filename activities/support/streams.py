"""Listens to an order's event stream, for accounts that no webhook reaches.

The stream only triggers a read; the statuses it sends are never used as such. The API allows 30 connects a minute for
each IP address, so this process stays below that limit, and an account whose streams are refused opens no new one for a
while. Without a stream, orders are polled as planned. Source: the partner API reference, SSE and rate limits.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import aclosing
from enum import StrEnum
from weakref import WeakKeyDictionary

from temporalio import activity

from baton.orchestra.client import OrchestraClient
from baton.orchestra.errors import OrchestraError, RateLimited, Unauthorized
from baton.orchestra.lifecycle import is_hard_end, is_soft_end, public
from baton.process.logs import get_logger

MAX_HOLD = 300.0
"""Longest time in seconds that one stream is held; a read follows, in case the stream missed an event."""
MIN_HOLD = 5.0
"""Shortest time in seconds for which a stream is worth a connect."""
CONNECTS_PER_MINUTE = 25
"""Streams that this process opens in a minute, for all accounts together; the API allows 30 for each IP address."""
COOLDOWN = 60.0
"""Seconds without a new stream after the API rate-limited one without a `Retry-After`."""
REFUSAL_COOLDOWN = 600.0
"""Seconds without a new stream after the API refused the key, for instance because its scope is missing."""

_log = get_logger(__name__)


class StreamResult(StrEnum):
    """How listening ended."""

    NEWS = "news"
    """The stream sent another status than the known one: time for a read."""
    NOTHING = "nothing"
    """The time is over, or the worker stops. The stream was fine, so the next attempt listens again."""
    UNAVAILABLE = "unavailable"
    """There is no stream, or it broke: polls replace it."""


class EventStreams:
    """Opens event streams within the API's limits.

    Args:
        clock: A monotonic clock, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._connects: deque[float] = deque(maxlen=CONNECTS_PER_MINUTE)
        # By client: a new key comes with a new client, which has no cooldown.
        self._closed_until: WeakKeyDictionary[OrchestraClient, float] = WeakKeyDictionary()

    async def listen(
        self, account: str, client: OrchestraClient, order_id: str, known: str, hold: float
    ) -> StreamResult:
        """Listen to an order for at most `hold` seconds, until its status is not the known one. Needs an activity.

        Args:
            account: Name of the account, for the log.
            client: Its client; after a refusal, all its streams share the cooldown.
            order_id: The order.
            known: The known status.
            hold: Seconds to listen.
        """
        if hold < MIN_HOLD or is_hard_end(known) or is_soft_end(known) or not self._may_connect(client):
            return StreamResult.UNAVAILABLE
        self._connects.append(self._clock())
        try:
            return await _listen(client, order_id, known, min(hold, MAX_HOLD))
        except OrchestraError as error:
            self._cool_down(client, error)
            _log.info("polls replace an event stream", account=account, order_id=order_id, reason=error.code)
            return StreamResult.UNAVAILABLE

    def _may_connect(self, client: OrchestraClient) -> bool:
        now = self._clock()
        full = len(self._connects) == CONNECTS_PER_MINUTE and self._connects[0] > now - 60
        return not full and now >= self._closed_until.get(client, now)

    def _cool_down(self, client: OrchestraClient, error: OrchestraError) -> None:
        if isinstance(error, RateLimited):
            self._closed_until[client] = self._clock() + (error.retry_after or COOLDOWN)
        elif isinstance(error, Unauthorized):
            self._closed_until[client] = self._clock() + REFUSAL_COOLDOWN


async def _listen(client: OrchestraClient, order_id: str, known: str, hold: float) -> StreamResult:
    listening = asyncio.create_task(_wait_for_change(client, order_id, known))
    stopping = asyncio.create_task(activity.wait_for_worker_shutdown())
    try:
        await asyncio.wait({listening, stopping}, timeout=hold, return_when=asyncio.FIRST_COMPLETED)
        return listening.result() if listening.done() else StreamResult.NOTHING
    finally:
        listening.cancel()
        stopping.cancel()
        await asyncio.gather(listening, stopping, return_exceptions=True)


async def _wait_for_change(client: OrchestraClient, order_id: str, known: str) -> StreamResult:
    async with aclosing(client.statuses(order_id)) as statuses:
        async for status in statuses:
            if public(status) != known:
                return StreamResult.NEWS
    return StreamResult.UNAVAILABLE
