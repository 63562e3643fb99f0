"""Keeps the ledger in agreement with Temporal while a worker runs: rebuilds a new one, and sweeps now and then."""

import asyncio
import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from temporalio.client import Client
from temporalio.service import RPCError

from baton.ledger.errors import LedgerError
from baton.ledger.events import KEPT
from baton.ledger.ledger import Ledger
from baton.process.logs import get_logger
from baton.recovery.completeness import is_complete
from baton.recovery.order_reader import OrderUnread
from baton.recovery.rebuild import Rebuild, RebuildStopped
from baton.recovery.sweep import Sweep, SweepResult
from baton.temporal import TemporalUnavailable, namespace_retention

CHECK_INTERVAL = 5.0
"""Seconds between two checks whether the ledger is new or was replaced, or a sweep is due."""

STOPPED_INTERVAL = timedelta(seconds=20)
"""Time between two looks for orders whose workflows were stopped from outside, so that each is noticed in a minute."""

SWEEP_INTERVAL = timedelta(minutes=15)
"""Time between two sweeps, by whichever worker is first."""

FORGET_TIME = 10.0
"""Seconds for which old orders are deleted at a time: the first time there may be hours of them."""

OVERLAP = timedelta(minutes=5)
"""How far a sweep goes back beyond the one before: visibility lags, and clocks differ."""

_log = get_logger(__name__)


class LedgerKeeper:
    """Rebuilds and sweeps a ledger.

    Args:
        client: A Temporal client.
        ledger: The ledger.
        chains: Names of the chains whose deposit addresses are watched.
        kept: How long ended orders stay in the ledger; None for ever.
    """

    def __init__(
        self, client: Client, ledger: Ledger, chains: Collection[str], *, kept: timedelta | None = None
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._chains = chains
        self._kept = kept
        self._forgets = False

    async def run(self) -> None:
        """Check again and again, until it is cancelled; an outage is logged and tried again."""
        while True:
            try:
                await self.check()
            except (LedgerError, OrderUnread, RebuildStopped, RPCError, TemporalUnavailable) as error:
                _log.warning("the ledger could not be compared with Temporal", reason=str(error))
            await asyncio.sleep(CHECK_INTERVAL)

    async def check(self) -> None:
        """Rebuild the ledger if it does not have all orders, or sweep it and delete old events if that is due.

        Raises:
            LedgerError: The ledger did not answer.
            OrderUnread: No worker answered for the orders.
            RebuildStopped: Another process rebuilds the ledger.
            RPCError: Temporal did not answer.
            TemporalUnavailable: It did not say how long it keeps ended workflows.
        """
        if not await is_complete(self._client, self._ledger):
            await self._rebuild()
            return
        now = datetime.now(UTC)
        take = self._ledger.restoration.take_comparison
        if last := await take("stopped_at", now, now - STOPPED_INTERVAL):
            _report(await self._new_sweep().run_stopped(last - OVERLAP))
        if last := await take("swept_at", now, now - SWEEP_INTERVAL):
            _report(await self._new_sweep().run(last - OVERLAP))
            await self._ledger.events.prune(now)
            await self._ledger.notifications.prune(now - KEPT)
            self._forgets = self._kept is not None
        if self._forgets and self._kept is not None:
            self._forgets = await self._forget(now, self._kept)

    async def _forget(self, now: datetime, kept: timedelta) -> bool:
        """Delete old orders for a while; return whether there may be more.

        What Temporal still has stays, because a sweep would write it again.
        """
        before = now - max(kept, await namespace_retention(self._client) + SWEEP_INTERVAL)
        ends, forgotten, deleted = time.monotonic() + FORGET_TIME, 0, 0
        while deleted := (await self._ledger.retention.forget(before)).orders:
            forgotten += deleted
            if time.monotonic() >= ends:
                break
        if forgotten:
            _log.info("old orders were deleted from the ledger", orders=forgotten, ended_before=before.isoformat())
        return bool(deleted)

    async def _rebuild(self) -> None:
        _log.warning("the ledger is new or was replaced; its rows are restored from Temporal")
        done = await Rebuild(self._client, self._ledger, self._chains).run()
        figures = {"read": done.read, "written": done.written, "unread": len(done.unread), "complete": done.complete}
        _log.info("the ledger was rebuilt", **figures)

    def _new_sweep(self) -> Sweep:
        return Sweep(self._client, self._ledger, self._chains, repair=True)


def _report(result: SweepResult) -> None:
    for difference in result.differences:
        _log.warning(
            "a row of the ledger differed from Temporal",
            workflow_id=difference.workflow_id,
            kind=difference.kind.value,
            reason=difference.message,
            mended=difference.mended,
        )
