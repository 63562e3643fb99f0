"""Makes a ledger whole from Temporal while orders run: the rows of sources and orders, and the watches of addresses.

Open orders come first, then closed ones, the one that closed last first, so that an order's successor gets the index
entries before the order that it continues. An interrupted rebuild continues with the closed orders that are left.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from temporalio.client import Client

from baton.ledger.ledger import Ledger
from baton.orders.chain_watch import start_watches
from baton.process.logs import get_logger
from baton.recovery.executions import Executions, OrderExecutions
from baton.recovery.order_reader import OrderReader, OrderUnread
from baton.recovery.order_rows import restored_order
from baton.recovery.source_rows import SourceRows

READERS = 8
"""How many orders are read at a time; each open one costs the workers a query."""

MAX_UNREAD = 20
"""Open orders without an answer after which a rebuild gives up, because no worker seems to run."""

TURN = timedelta(minutes=1)
"""How long other processes leave the rebuild to this one after its last sign of life."""

_log = get_logger(__name__)


class RebuildStopped(Exception):
    """Another process rebuilds the ledger, or the ledger was replaced meanwhile; the text says what to do."""


@dataclass(slots=True)
class RebuildProgress:
    """How far a rebuild is.

    Attributes:
        expected: About how many orders there are.
        read: Orders read from Temporal.
        sources: Reusable addresses and pay links whose rows were written.
        written: Orders whose row was written; the ledger had a newer one of the others.
        unread: Open orders that no worker answered for, with the reason.
        complete: Whether the ledger has all orders now.
    """

    expected: int = 0
    read: int = 0
    sources: int = 0
    written: int = 0
    unread: list[str] = field(default_factory=list)
    complete: bool = False


class Rebuild:
    """One rebuild of a ledger.

    Args:
        client: A Temporal client.
        ledger: The ledger.
        chains: Names of the chains whose deposit addresses are watched.
        show: Called with the progress after each step.
    """

    def __init__(
        self,
        client: Client,
        ledger: Ledger,
        chains: Collection[str] = (),
        show: Callable[[RebuildProgress], None] = lambda _: None,
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._chains = chains
        self._show = show
        self._executions = OrderExecutions(client)
        self._reader = OrderReader(client)
        self._name = uuid.uuid4().hex
        self._seen: set[str] = set()
        self._watched: set[str] = set()
        self._progress = RebuildProgress()

    async def run(self) -> RebuildProgress:
        """Write the rows of every order that Temporal has, and mark the ledger as complete.

        Returns:
            What was done. `complete` is False if an open order could not be read.

        Raises:
            RebuildStopped: Another process rebuilds the ledger, or it was replaced meanwhile.
            LedgerError: The ledger did not answer.
            RPCError: Temporal did not answer.
        """
        await self._take_turn()
        complete = False
        try:
            await self._restore_all()
            complete = not self._progress.unread
        finally:
            ended = await self._ledger.restoration.end_turn(self._name, datetime.now(UTC), complete=complete)
        self._progress.complete = complete and ended
        self._show(self._progress)
        return self._progress

    async def _restore_all(self) -> None:
        until = await self._ledger.restoration.position()
        self._progress.expected = await self._executions.count(closed_until=until)
        await self._restore_sources()
        await self._restore_pages(self._executions.open())
        await self._restore_pages(self._executions.closed(until=until), keep_position=True)
        # Those that started or closed meanwhile, and those that visibility did not show yet.
        await self._restore_pages(self._executions.open())
        await start_watches(self._client, self._watched)

    async def _restore_sources(self) -> None:
        """Write the rows of addresses and links first: deposits there are nobody's without them."""
        async for unread in SourceRows(self._client, self._ledger).restore():
            await self._keep_turn()
            if unread is None:
                self._progress.sources += 1
            else:
                self._note_unread(unread)

    async def _restore_pages(self, pages: AsyncIterator[Executions], *, keep_position: bool = False) -> None:
        async for page in pages:
            new = [execution.id for execution in page if execution.id not in self._seen]
            for start in range(0, len(new), READERS):
                await self._restore(new[start : start + READERS])
            closed_at = page[-1].close_time
            if keep_position and closed_at and not self._progress.unread:
                await self._ledger.restoration.set_position(closed_at)

    async def _restore(self, workflow_ids: list[str]) -> None:
        """Read some orders at once, and write them one after another in their order."""
        await self._keep_turn()
        readings = await asyncio.gather(*(self._reader.read(each) for each in workflow_ids), return_exceptions=True)
        for workflow_id, reading in zip(workflow_ids, readings, strict=True):
            if isinstance(reading, OrderUnread):
                self._note_unread(reading)
                continue
            if isinstance(reading, BaseException):
                raise reading
            self._seen.add(workflow_id)
            if reading is None:
                continue
            restored = restored_order(reading, self._chains)
            self._progress.read += 1
            self._progress.written += await self._ledger.restoration.restore(restored)
            self._watched.update(watch.chain for watch in restored.watches)
        self._show(self._progress)

    def _note_unread(self, error: OrderUnread) -> None:
        _log.warning("an open order or source could not be read", reason=str(error))
        self._progress.unread.append(str(error))
        if len(self._progress.unread) >= MAX_UNREAD:
            raise error

    async def _take_turn(self) -> None:
        now = datetime.now(UTC)
        if not await self._ledger.restoration.take_turn(self._name, now, now + TURN):
            raise RebuildStopped("another process rebuilds the ledger at the moment; wait for it, then try again")

    async def _keep_turn(self) -> None:
        if not await self._ledger.restoration.keep_turn(self._name, datetime.now(UTC) + TURN):
            raise RebuildStopped("the ledger was replaced, or another process took over its rebuild; try again")
