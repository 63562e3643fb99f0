"""What Orchestra's books say: the history of each recipient, and single orders that no history shows.

Reads are spread by a pause, so that they leave room in the account's read budget for orders that wait.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import TypeVar

from baton.orchestra.client import OrchestraClient
from baton.orchestra.errors import NotFound, OrchestraError, Retry
from baton.orchestra.models import OrderRecord

ATTEMPTS = 5
"""How often a read is tried while Orchestra gives no usable answer."""

_LONGEST_PAUSE = 60.0
"""Seconds; a longer `Retry-After` ends the reconciliation instead of holding it up."""

T = TypeVar("T")


class OrchestraSide:
    """Reads one account's orders at Orchestra, each recipient once.

    Args:
        client: The account's client of the partner API.
        pause: Seconds between two reads.
    """

    def __init__(self, client: OrchestraClient, pause: float) -> None:
        self._client = client
        self._pause = pause
        self._by_id: dict[str, OrderRecord] = {}
        self._by_quote: dict[str, OrderRecord] = {}
        self._recipients: set[str] = set()
        self.reads = 0
        """How many reads were made."""

    async def learn(self, recipients: Iterable[str]) -> None:
        """Read the history of recipients that were not read yet.

        Raises:
            OrchestraError: Orchestra refuses, or gives no usable answer.
        """
        for recipient in recipients:
            if recipient not in self._recipients:
                self._recipients.add(recipient)
                self._note((await self._read(partial(self._client.history, recipient))).orders)

    async def order(self, order_id: str | None, quote_id: str | None) -> tuple[OrderRecord | None, bool]:
        """Return an order and whether it is missing for certain.

        Raises:
            OrchestraError: Orchestra refuses, or gives no usable answer.
        """
        found = self._by_id.get(order_id or "") or self._by_quote.get(quote_id or "")
        if found is not None or order_id is None:
            return found, False
        try:
            status = await self._read(partial(self._client.status, order_id))
        except NotFound:
            return None, True
        self._note([status.order])
        return status.order, False

    async def complete(self, record: OrderRecord) -> OrderRecord:
        """Return an order with everything that a status read shows; a history entry lacks the refund.

        Raises:
            OrchestraError: Orchestra refuses, or gives no usable answer.
        """
        return (await self._read(partial(self._client.status, record.id))).order

    def known(self) -> list[OrderRecord]:
        """Return every order that was read."""
        return list(self._by_id.values())

    def _note(self, records: Iterable[OrderRecord]) -> None:
        for record in records:
            self._by_id[record.id] = record
            if record.quote_id:
                self._by_quote.setdefault(record.quote_id, record)

    async def _read(self, call: Callable[[], Awaitable[T]]) -> T:
        for attempts_left in reversed(range(ATTEMPTS)):
            if self.reads:
                await asyncio.sleep(self._pause)
            self.reads += 1
            try:
                return await call()
            except OrchestraError as error:
                pause = error.retry_after or self._pause
                if error.retry is Retry.NEVER or not attempts_left or pause > _LONGEST_PAUSE:
                    raise
                await asyncio.sleep(pause)
        raise AssertionError("the last attempt returns or raises")
