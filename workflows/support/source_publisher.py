"""Shows an address or a link to people: search attributes, current details, and its row in the ledger."""

import asyncio

from temporalio import workflow

from baton.orders.visibility import reasons_listed
from baton.sources.answers import SourceSnapshot
from baton.sources.create_source import CreateSource
from baton.sources.rules.attention import note_held
from baton.sources.snapshot import source_snapshot_of
from baton.sources.state import SourcePhase, SourceState
from baton.sources.summaries import source_current_details
from baton.sources.visibility import source_listing
from workflows.support import source_calls


class SourcePublisher:
    """Publishes the state of one address or link. Every row is written in the end: a newer one replaces one that waits.

    Attributes:
        is_dirty: Whether something worth showing changed since the last `publish`.
        was_answered: Whether the ledger knows how its creation ended, so that `create` can be answered.
    """

    def __init__(self, source: CreateSource, state: SourceState) -> None:
        self._source = source
        self._state = state
        continued = source.state is not None
        self.is_dirty = continued
        self.was_answered = continued
        self._listed = (SourcePhase.CREATING, False)
        self._reasons: list[str] | None = None
        self._unwritten: SourceSnapshot | None = None
        self._writing: asyncio.Task[None] | None = None

    def mark_dirty(self) -> None:
        """Make the next `publish` show the state."""
        self.is_dirty = True

    def publish(self) -> None:
        """Show the state if it changed; its row is written in the background."""
        if not self.is_dirty:
            return
        self.is_dirty = False
        self._state.revision += 1
        self._list()
        snapshot = source_snapshot_of(self._source, self._state)
        workflow.set_current_details(source_current_details(snapshot))
        self._unwritten = snapshot
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())

    @property
    def is_settled(self) -> bool:
        """Whether everything is shown, and the ledger has the last row."""
        writing = self._writing is not None and not self._writing.done()
        return not (self.is_dirty or writing)

    async def written(self) -> None:
        """Wait until the ledger has the last row."""
        if self._writing is not None:
            await self._writing

    def _list(self) -> None:
        shown = (self._state.phase, bool(self._state.attentions))
        reasons = reasons_listed(self._state.attentions)
        new_reasons = self._reasons is not None and reasons != self._reasons
        self._reasons = reasons
        if shown != self._listed or (new_reasons and workflow.patched("a-source-lists-its-reasons")):
            self._listed = shown
            workflow.upsert_search_attributes(source_listing(self._state))

    async def _write(self) -> None:
        while (snapshot := self._unwritten) is not None:
            self._unwritten = None
            recorded = await source_calls.record_source(snapshot)
            if not self._state.is_closed and note_held(self._state, recorded.held, workflow.now()):
                self.is_dirty = True
            if snapshot.phase is not SourcePhase.CREATING:
                self.was_answered = True
