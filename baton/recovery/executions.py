"""Lists the orders' workflows by visibility, at a pace that leaves its rate limit to others.

Visibility lags a moment behind, so it only says which workflows to ask; what counts is their answer.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from temporalio.client import Client, WorkflowExecution

from baton.orders.names import ORDER_WORKFLOW
from baton.sources.names import WORKFLOW_OF

PAGE_SIZE = 200
PAGE_PAUSE = 0.3
"""Seconds between two pages: Temporal allows a namespace 10 visibility calls a second by default."""

_SOURCES = "WorkflowType IN ({})".format(", ".join(f"'{name}'" for name in WORKFLOW_OF.values()))
_ORDERS = f"WorkflowType = '{ORDER_WORKFLOW}'"
_OPEN = f"{_ORDERS} AND ExecutionStatus = 'Running'"
_CLOSED = f"{_ORDERS} AND ExecutionStatus != 'Running' AND ExecutionStatus != 'ContinuedAsNew'"
_STOPPED = f"{_ORDERS} AND ExecutionStatus IN ('Terminated', 'Canceled', 'TimedOut', 'Failed')"

Executions = Sequence[WorkflowExecution]


class OrderExecutions:
    """The orders' workflows in one Temporal namespace.

    Args:
        client: A Temporal client; it may be lazy.
        page_size: How many workflows one call returns.
    """

    def __init__(self, client: Client, page_size: int = PAGE_SIZE) -> None:
        self._client = client
        self._page_size = page_size

    async def any(self) -> bool:
        """Whether Temporal has an order, an address or a link, open or closed.

        Raises:
            RPCError: Temporal did not answer.
        """
        for query in (_ORDERS, _SOURCES):
            async for _ in self._client.list_workflows(query, limit=1, page_size=1):
                return True
        return False

    async def count(self, closed_since: datetime | None = None, closed_until: datetime | None = None) -> int:
        """Return about how many open orders there are, and closed ones between these times.

        Raises:
            RPCError: Temporal did not answer.
        """
        open_orders = await self._client.count_workflows(_OPEN)
        closed_orders = await self._client.count_workflows(_closed_query(closed_since, closed_until))
        return open_orders.count + closed_orders.count

    def open(self) -> AsyncIterator[Executions]:
        """Return the open orders, in pages, the newest first."""
        return self._pages(_OPEN)

    def closed(self, since: datetime | None = None, until: datetime | None = None) -> AsyncIterator[Executions]:
        """Return the orders that closed between these times, in pages, the one that closed last first."""
        return self._pages(_closed_query(since, until))

    def stopped(self, since: datetime) -> AsyncIterator[Executions]:
        """Return the orders that closed since a time in another way than a completed workflow, in pages.

        An order that was refused before anybody could pay is among them: its workflow failed on purpose.
        """
        return self._pages(f"{_STOPPED} AND CloseTime >= '{_literal(since)}'")

    async def _pages(self, query: str) -> AsyncIterator[Executions]:
        pages = self._client.list_workflows(query, page_size=self._page_size)
        while True:
            await pages.fetch_next_page()
            if pages.current_page:
                yield pages.current_page
            if not pages.next_page_token:
                return
            await asyncio.sleep(PAGE_PAUSE)


def stopped_sources_query() -> str:
    """Return the visibility query for addresses and links whose workflows were stopped from outside."""
    return f"{_SOURCES} AND ExecutionStatus IN ('Terminated', 'Canceled', 'TimedOut')"


def sources_query() -> str:
    """Return the visibility query for the last run of each address and link, open or closed."""
    return f"{_SOURCES} AND ExecutionStatus != 'ContinuedAsNew'"


def _closed_query(since: datetime | None, until: datetime | None) -> str:
    bounds = [f"CloseTime {sign} '{_literal(at)}'" for sign, at in ((">=", since), ("<=", until)) if at]
    return " AND ".join([_CLOSED, *bounds])


def _literal(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
