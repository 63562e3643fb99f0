"""Deliveries on their way into the ledger: many in one write, none dropped while the process runs."""

import asyncio
from contextlib import suppress

from baton.gateway.errors import TryLater
from baton.ledger.errors import LedgerError, LedgerRefused
from baton.ledger.ledger import Ledger
from baton.ledger.rows import DeliveryRow
from baton.process.logs import get_logger

MOST_WAITING = 2000
"""Deliveries that may wait; beyond that, webhooks wait themselves, so that an outage cannot fill the memory."""
MOST_BYTES = 32 * 1024 * 1024
"""Bytes of webhook bodies that may wait with them."""
MOST_TOGETHER = 200
"""Deliveries in one write."""
GATHERING = 0.25
"""Seconds that a delivery waits for others, because each write costs the same for one as for many."""
ROOM_PATIENCE = 3.0
"""Seconds that a webhook waits for room; Orchestra waits ten for the response."""
RETRY_DELAY = 0.5
"""Seconds between two attempts to write while the ledger is unavailable."""
FLUSH_PATIENCE = 3.0
"""Seconds that the stop of the gateway waits for the last write."""

_log = get_logger(__name__)


class DeliveryBuffer:
    """The deliveries that are not written yet.

    Args:
        ledger: The ledger that is written.
        most_waiting: How many deliveries may wait.
    """

    def __init__(self, ledger: Ledger, most_waiting: int = MOST_WAITING) -> None:
        self._ledger = ledger
        self._most_waiting = most_waiting
        self._waiting: list[DeliveryRow] = []
        self._bytes = 0
        self._writing: asyncio.Task[None] | None = None
        self._due = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()

    def add(self, delivery: DeliveryRow) -> None:
        """Have a delivery written soon."""
        self._waiting.append(delivery)
        self._bytes += _size(delivery)
        self._note_room()
        if len(self._waiting) >= MOST_TOGETHER:
            self._due.set()
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())

    async def wait_for_room(self) -> None:
        """Wait until another delivery may wait.

        Raises:
            TryLater: There was no room within `ROOM_PATIENCE`.
        """
        if self._has_room.is_set():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(ROOM_PATIENCE):
                await self._has_room.wait()
                return
        raise TryLater("ledger_unavailable", "deliveries cannot be recorded at the moment")

    async def flush(self) -> None:
        """Write what still waits, within `FLUSH_PATIENCE`; what cannot be written is counted in the log."""
        self._due.set()
        if self._writing is not None and not self._writing.done():
            await asyncio.wait({self._writing}, timeout=FLUSH_PATIENCE)
            self._writing.cancel()
        if self._waiting:
            _log.error("deliveries not recorded, because the ledger is unavailable", count=len(self._waiting))

    async def _write_all(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(GATHERING):
                await self._due.wait()
        self._due.clear()
        is_down = False
        while batch := self._waiting[:MOST_TOGETHER]:
            try:
                await self._write(batch)
            except LedgerError as error:
                if not is_down:
                    _log.warning("deliveries wait for the ledger", reason=str(error))
                is_down = True
                await asyncio.sleep(RETRY_DELAY)
            else:
                is_down = False
                del self._waiting[: len(batch)]
                self._bytes -= sum(map(_size, batch))
                self._note_room()

    async def _write(self, batch: list[DeliveryRow]) -> None:
        try:
            await self._ledger.record_deliveries(batch)
        except LedgerRefused as error:
            if len(batch) == 1:
                _log.error("delivery not recorded", order_id=batch[0].order_id, reason=str(error))
                return
            for delivery in batch:
                await self._write([delivery])

    def _note_room(self) -> None:
        if len(self._waiting) < self._most_waiting and self._bytes < MOST_BYTES:
            self._has_room.set()
        else:
            self._has_room.clear()


def _size(delivery: DeliveryRow) -> int:
    return len(delivery.body or b"")
