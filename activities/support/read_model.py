"""Carries snapshots from the workflows into the read model, outside their histories.

A workflow that runs (never one that replays) hands over each snapshot worth showing. The newest of each order is
written a moment later, together with those of other orders. A worker that is killed loses the last of them: the order's
next change brings the row up to date, or the sweep of the ledger does. What must not be lost, the end of an order and
what asks somebody for something, the workflow writes itself (`workflows/support/recorder.py`).
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from temporalio.worker import Interceptor, WorkflowInboundInterceptor, WorkflowInterceptorClassInput

from baton.ledger.errors import LedgerError
from baton.ledger.ledger import Ledger
from baton.metrics import instruments
from baton.orders.answers import Snapshot
from baton.orders.names import ORDER_PAGES, SHOW_ORDER
from baton.orders.record import rows_of
from baton.process.logs import get_logger
from baton.process.tracing import current_trace

PAUSE = 0.5
"""Seconds in which the snapshots of an order replace each other before the last one is written."""

MOST_WAITING = 10_000
"""Orders whose snapshots may wait; more are left to the sweep, so that a ledger that hangs cannot fill the memory."""

_log = get_logger(__name__)


class ReadModelPublisher:
    """Writes the newest snapshot of each order. Made in the event loop that it runs in.

    Args:
        ledger: An open ledger.
        pause: Seconds between two rounds of writing.
    """

    def __init__(self, ledger: Ledger, pause: float = PAUSE) -> None:
        self._ledger = ledger
        self._pause = pause
        self._waiting: dict[str, tuple[Snapshot, str | None]] = {}
        self._under_way = 0
        self._loop = asyncio.get_running_loop()
        self._writing: asyncio.Task[None] | None = None

    def offer(self, snapshot: Snapshot) -> None:
        """Take a snapshot; workflows call this from their own threads."""
        self._loop.call_soon_threadsafe(self._take, snapshot, current_trace())

    def note_written(self, snapshot: Snapshot) -> None:
        """Leave out a waiting snapshot that would change nothing, because this one of its order was written."""
        waiting = self._waiting.get(snapshot.workflow_id)
        if waiting is not None and _age(waiting[0]) <= _age(snapshot):
            del self._waiting[snapshot.workflow_id]
            instruments.PUBLISHER_WAITING.set(len(self._waiting) + self._under_way)

    async def aclose(self) -> None:
        """Write what waits."""
        while self._writing is not None and not self._writing.done():
            await self._writing

    def _take(self, snapshot: Snapshot, trace: str | None) -> None:
        known = self._waiting.get(snapshot.workflow_id)
        if known is None and len(self._waiting) >= MOST_WAITING:
            instruments.PUBLISHER_DROPPED.inc()
            _log.warning("the read model falls behind; the sweep writes the row", workflow=snapshot.workflow_id)
            return
        if known is None or _age(known[0]) < _age(snapshot):
            self._waiting[snapshot.workflow_id] = snapshot, trace
            instruments.PUBLISHER_WAITING.set(len(self._waiting) + self._under_way)
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    async def _write(self) -> None:
        while self._waiting:
            await asyncio.sleep(self._pause)
            batch, self._waiting = self._waiting, {}
            self._under_way = len(batch)
            results = await asyncio.gather(*map(self._write_one, batch.values()), return_exceptions=True)
            self._under_way = 0
            instruments.PUBLISHER_WAITING.set(len(self._waiting))
            for failure in [result for result in results if isinstance(result, BaseException)]:
                _log_failure(failure)

    async def _write_one(self, waiting: tuple[Snapshot, str | None]) -> None:
        await self._ledger.write_order(*rows_of(*waiting))


def _age(snapshot: Snapshot) -> tuple[datetime, datetime, int]:
    """Return what orders the snapshots of a reference, as `baton.ledger.statements.upsert_order` orders its rows.

    A refused order's reference may be placed again, and a workflow that is reset counts its revisions again.
    """
    return snapshot.opened_at, snapshot.published_at or snapshot.opened_at, snapshot.revision


def _log_failure(failure: BaseException) -> None:
    instruments.PUBLISHER_FAILURES.inc()
    if isinstance(failure, LedgerError):
        _log.warning("a row was not written; the order's next change or the sweep writes it", error=str(failure))
    else:
        _log.error("a row could not be made from its snapshot", error=repr(failure))


TakeSnapshot = Callable[[Snapshot], None]
PagesOf = Callable[[str], dict[str, str]]
"""Returns the addresses of the pages about an order's workflow, by their names."""


class SnapshotFeed(Interceptor):
    """Lets the workflows of a worker hand over snapshots, and ask for the addresses of pages about an order.

    Args:
        offer: Takes a snapshot, from any thread.
        pages: Returns the addresses of the pages about an order's workflow, by their names; None if there are none.
        note_written: Gets each snapshot that an activity of the worker has written.

    Attributes:
        note_written: The same.
    """

    def __init__(
        self, offer: TakeSnapshot, pages: PagesOf | None = None, note_written: TakeSnapshot = lambda _: None
    ) -> None:
        self._offer = offer
        self._pages = pages
        self.note_written = note_written

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        """Give the workflows the function under its name."""
        functions: Any = input.unsafe_extern_functions
        functions[SHOW_ORDER] = self._offer
        if self._pages is not None:
            functions[ORDER_PAGES] = self._pages
        return None
