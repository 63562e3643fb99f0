"""Listening to an order's event stream, for accounts that no webhook reaches.

The stream only wakes: what it tells is never believed, the order is read instead. Streams are a courtesy of the API,
30 connects a minute and address at most, so this process keeps below that by itself, and an account whose streams are
refused is left in peace for a while. Whoever cannot listen reads by plan. Source: the partner API reference, SSE and
rate limits.
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

HOLD = 300.0
"""Longest time in seconds that one stream is held; a read follows, in case the stream missed something."""
SHORTEST_HOLD = 5.0
"""A stream that could be held for less than these seconds is not worth its connect."""
CONNECTS_PER_MINUTE = 25
"""Streams that this process opens in a minute, for all accounts; the API allows 30 an address."""
COOLDOWN = 60.0
"""Seconds without a new stream after the API had too many, where it names no time."""
LONG_PEACE = 600.0
"""Seconds without a new stream after the API refused one for good, as it does where the key lacks the right."""

_log = get_logger(__name__)


class Heard(StrEnum):
    """How listening ended."""

    NEWS = "news"
    """The stream tells another status than the known one: worth a read."""
    NOTHING = "nothing"
    """The time was over, or the worker stops; the stream was in order, so listening goes on at the next attempt."""
    UNAVAILABLE = "deaf"
    """There is no stream, or it broke off: the plan of reads stands in."""


class Streams:
    """Opens streams within their limits.

    Args:
        clock: Seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._connects: deque[float] = deque(maxlen=CONNECTS_PER_MINUTE)
        # By client: a new key gets a new one, and with it another chance.
        self._closed_until: WeakKeyDictionary[OrchestraClient, float] = WeakKeyDictionary()

    async def listen(self, account: str, client: OrchestraClient, order_id: str, known: str, hold: float) -> Heard:
        """Listen to an order for at most `hold` seconds, inside an activity, until it is no longer in the known status.

        Args:
            account: Name of the account, for the log.
            client: Its client, whose streams rest together after a refusal.
            order_id: The order.
            known: The status that is no news.
            hold: Seconds to listen.
        """
        if hold < SHORTEST_HOLD or is_hard_end(known) or is_soft_end(known) or not self._may_connect(client):
            return Heard.UNAVAILABLE
        self._connects.append(self._clock())
        try:
            return await _listen(client, order_id, known, min(hold, HOLD))
        except OrchestraError as error:
            self._rest(client, error)
            _log.info("planned reads stand in for a stream", account=account, order_id=order_id, reason=error.code)
            return Heard.UNAVAILABLE

    def _may_connect(self, client: OrchestraClient) -> bool:
        now = self._clock()
        full = len(self._connects) == CONNECTS_PER_MINUTE and self._connects[0] > now - 60
        return not full and now >= self._closed_until.get(client, now)

    def _rest(self, client: OrchestraClient, error: OrchestraError) -> None:
        if isinstance(error, RateLimited):
            self._closed_until[client] = self._clock() + (error.retry_after or COOLDOWN)
        elif isinstance(error, Unauthorized):
            self._closed_until[client] = self._clock() + LONG_PEACE


async def _listen(client: OrchestraClient, order_id: str, known: str, hold: float) -> Heard:
    listening = asyncio.create_task(_until_other(client, order_id, known))
    stopping = asyncio.create_task(activity.wait_for_worker_shutdown())
    try:
        await asyncio.wait({listening, stopping}, timeout=hold, return_when=asyncio.FIRST_COMPLETED)
        return listening.result() if listening.done() else Heard.NOTHING
    finally:
        listening.cancel()
        stopping.cancel()
        await asyncio.gather(listening, stopping, return_exceptions=True)


async def _until_other(client: OrchestraClient, order_id: str, known: str) -> Heard:
    async with aclosing(client.statuses(order_id)) as statuses:
        async for status in statuses:
            if public(status) != known:
                return Heard.NEWS
    return Heard.UNAVAILABLE
