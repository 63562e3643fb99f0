"""Writes an order into the read model, and insists where somebody depends on it."""

import asyncio

from temporalio import workflow

from baton.orders.answers import Snapshot
from baton.orders.models import Phase
from baton.orders.names import SHOW_ORDER
from baton.orders.rules.read_model import must_show
from workflows.support import activity_calls


class Recorder:
    """Writes one order's snapshots.

    Most snapshots go to the worker, which writes them beside the history: if one is lost, the next one replaces the
    whole row. But the end of an order has no next one, and nobody answers a question that the read model does not show.
    A local activity writes these, and if it fails, an activity that is repeated until they are written: the order stays
    open until its end is written, and waits for nothing else.

    No step of the order is taken because such a write was answered. If a query is answered while a local activity runs,
    a replay may have the local activity's result in an earlier workflow task than the run had it: before the signals
    that the run saw first (docs/decisions/0002).

    Args:
        continued: Whether the run continues another, of which it is unknown what it last wrote.
        beside_history: Whether the worker writes what may be lost; in older orders local activities write everything.
        in_background: Whether the order continues meanwhile; an older order waits for each local activity.
    """

    def __init__(self, *, continued: bool, beside_history: bool, in_background: bool) -> None:
        self._beside_history = beside_history
        self._in_background = in_background
        self._shown: frozenset[str] | None = None if continued else frozenset()
        self._unwritten: Snapshot | None = None
        self._repeating: asyncio.Task[None] | None = None
        self._writing: asyncio.Task[None] | None = None
        self._ending: asyncio.Task[None] | None = None

    def writes_end(self) -> bool:
        """Whether the end of the order is not written yet; an error of the write is raised here."""
        if self._ending is None or not self._ending.done():
            return self._ending is not None
        self._ending.result()
        return False

    async def record(self, snapshot: Snapshot) -> None:
        """Write a snapshot; what must be shown is written later if it cannot be written now."""
        facts = must_show(snapshot)
        closed = snapshot.phase is Phase.CLOSED
        if self._beside_history and facts == self._shown:
            _show(snapshot)
        elif self._in_background:
            self._shown = facts
            self._write_next(snapshot, ends=closed)
        elif await activity_calls.record_order(snapshot):
            self._shown, self._unwritten = facts, None
        elif (closed or facts != self._shown) and workflow.patched("what-must-show-is-repeated"):
            self._unwritten, self._shown = snapshot, None
            if closed:
                self._ending = asyncio.create_task(self._repeat())
            elif self._repeating is None or self._repeating.done():
                self._repeating = asyncio.create_task(self._repeat())

    def _write_next(self, snapshot: Snapshot, *, ends: bool) -> None:
        """Write a snapshot after the one that is being written; a newer one replaces one that waits."""
        self._unwritten = snapshot
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        if ends:
            self._ending = self._writing

    async def _write(self) -> None:
        while (snapshot := self._unwritten) is not None:
            self._unwritten = None
            if not await activity_calls.record_order(snapshot):
                await activity_calls.record_in_any_case(snapshot)

    async def _repeat(self) -> None:
        while (snapshot := self._unwritten) is not None:
            self._unwritten = None
            await activity_calls.record_in_any_case(snapshot)
            if self._shown is None and self._unwritten is None:
                self._shown = must_show(snapshot)


def _show(snapshot: Snapshot) -> None:
    """Hand a snapshot to the worker, unless this is a replay, which handed it over before."""
    show = workflow.extern_functions().get(SHOW_ORDER)
    if show is not None and not workflow.unsafe.is_replaying():
        show(snapshot)
