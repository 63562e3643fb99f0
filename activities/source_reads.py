"""The activity that compares an account's addresses and links with Orchestra, at a pace that leaves room for orders."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from temporalio import activity
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities.support.account_clients import AccountClients
from activities.support.source_types import SOURCE_TYPES, SourceType
from baton.ledger.ledger import Ledger
from baton.ledger.rows import SourceRow
from baton.orchestra.client import OrchestraClient
from baton.orchestra.errors import MalformedAnswer, NotFound
from baton.sources.answers import SourceSnapshot
from baton.sources.at_orchestra import SourceAtOrchestra
from baton.sources.messages import ReadSources, SourceSeen, SourcesRead
from baton.sources.names import OBSERVE_SOURCE, READ_SOURCES
from baton.sources.rules.attention import is_news

PAGE = 200
"""Addresses of one page of a list at Orchestra."""

ROWS = 500
"""Rows that are read from the ledger at once."""

ONE_BY_ONE = 5_000
"""Addresses and links that one attempt reads by a call of their own, so that it ends well before its timeout."""

Shown = dict[str, SourceAtOrchestra]


class SourceReadActivities:
    """The planned reads of addresses and links.

    Args:
        client: A Temporal client, for the signals.
        ledger: Where the sources of an account are listed.
        clients: The accounts, with their clients.
    """

    def __init__(self, client: Client, ledger: Ledger, clients: AccountClients) -> None:
        self._client = client
        self._ledger = ledger
        self._clients = clients

    @activity.defn(name=READ_SOURCES)
    async def read_sources(self, call: ReadSources) -> SourcesRead:
        """Compare enabled sources with Orchestra, and signal those that differ, or that agree again.

        It begins behind the last one that was compared, and returns before the end if very many need a call each.
        """
        done = call.read or SourcesRead()
        before, done.after, calls, pause = done.after, None, 0, call.pause.total_seconds()
        async with self._clients.for_activity(call.account) as client:
            listed: dict[str, Shown] = {}
            async for row in self._rows(call.account, before):
                kind = SourceSnapshot.model_validate(row.snapshot).type
                if kind not in listed:
                    listed[kind] = await _all_of(client, SOURCE_TYPES[kind], pause)
                calls += str(row.orchestra_id) not in listed[kind]
                await self._compare(client, row, listed[kind], done, pause)
                if calls >= ONE_BY_ONE:
                    done.after = row.workflow_id
                    break
        return done

    async def _rows(self, account: str, before: str | None) -> AsyncIterator[SourceRow]:
        while rows := await self._ledger.sources.sources(account, enabled=True, limit=ROWS, before=before):
            before = rows[-1].workflow_id
            for row in rows:
                yield row

    async def _compare(
        self, client: OrchestraClient, row: SourceRow, listed: Shown, done: SourcesRead, pause: float
    ) -> None:
        snapshot = SourceSnapshot.model_validate(row.snapshot)
        shown = listed.get(str(row.orchestra_id))
        if shown is None:
            await asyncio.sleep(pause)
            try:
                shown = await SOURCE_TYPES[snapshot.type].read(client, row)
            except NotFound:
                shown = None
            except MalformedAnswer:
                done.unread += 1
                return
        done.read += 1
        if is_news(snapshot, shown) and await self._signal(row.workflow_id, shown):
            done.signalled += 1

    async def _signal(self, workflow_id: str, shown: SourceAtOrchestra | None) -> bool:
        """Signal a source's workflow; return whether it was open."""
        seen = SourceSeen(read_at=datetime.now(UTC), shown=shown)
        try:
            await self._client.get_workflow_handle(workflow_id).signal(OBSERVE_SOURCE, seen)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return False
        return True


async def _all_of(client: OrchestraClient, kind: SourceType, pause: float) -> Shown:
    """Return what Orchestra lists of one type; a list that repeats itself ends there."""
    listed: Shown = {}
    if kind.page is None:
        return listed
    while True:
        page = await kind.page(client, PAGE, len(listed))
        known = len(listed)
        listed |= {shown.orchestra_id: shown for shown in page}
        if len(page) < PAGE or len(listed) == known:
            return listed
        await asyncio.sleep(pause)
