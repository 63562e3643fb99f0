"""Counts webhooks on their way into the ledger: also refused ones, which leave no other trace there."""

import asyncio
from datetime import datetime

from baton.ledger.errors import LedgerError
from baton.ledger.ledger import Ledger
from baton.ledger.webhook_counts import WebhookCount
from baton.process.logs import get_logger

WRITTEN_EVERY = 15.0
"""Seconds between two writes at least: a flood of refused webhooks must not become one of writes."""

FLUSH_PATIENCE = 3.0
"""Seconds that the stop of the gateway waits for the last write."""

_Key = tuple[datetime, str, str]
_log = get_logger(__name__)


class WebhookCounter:
    """The counts of webhooks that are not written yet; what a kill of the process loses is at most some seconds.

    Args:
        ledger: The ledger that is written.
        every: Seconds between two writes.
    """

    def __init__(self, ledger: Ledger, every: float = WRITTEN_EVERY) -> None:
        self._ledger = ledger
        self._every = every
        self._counts: dict[_Key, WebhookCount] = {}
        self._writing: asyncio.Task[None] | None = None

    def count(self, account: str, result: str, at: datetime) -> None:
        """Count one webhook.

        Args:
            account: The partner account; empty if the gateway has none of that name.
            result: What became of it.
            at: When it came, in UTC.
        """
        hour = at.replace(minute=0, second=0, microsecond=0)
        known = self._counts.get((hour, account, result))
        self._counts[hour, account, result] = WebhookCount(
            hour, account, result, (known.number if known else 0) + 1, at
        )
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_later())

    async def flush(self) -> None:
        """Write what is not written yet, within `FLUSH_PATIENCE`."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
        try:
            async with asyncio.timeout(FLUSH_PATIENCE):
                await self._write()
        except TimeoutError:
            _log.warning("counts of webhooks are lost, because the ledger does not answer")

    async def _write_later(self) -> None:
        while self._counts:
            await asyncio.sleep(self._every)
            await self._write()

    async def _write(self) -> None:
        counts, self._counts = self._counts, {}
        try:
            await self._ledger.webhook_counts.add(list(counts.values()))
        except LedgerError as error:
            _log.warning("counts of webhooks wait for the ledger", reason=str(error))
            self._put_back(counts)

    def _put_back(self, counts: dict[_Key, WebhookCount]) -> None:
        for key, count in counts.items():
            newer = self._counts.get(key)
            self._counts[key] = newer._replace(number=newer.number + count.number) if newer else count
