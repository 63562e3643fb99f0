"""What people do with bulks: choose the orders, start, stop, resume, and see the results. The same for API and command.

A bulk is written into the ledger with all of its orders before its workflow starts: what was shown is what is touched.
"""

from collections.abc import AsyncIterator, Collection
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from baton.bulk.messages import BULK_WORKFLOW, BulkRun, bulk_workflow_id
from baton.bulk.request import BulkRequest
from baton.bulk.runner import progress_of
from baton.bulk.status import BulkStatus, new_bulk_id
from baton.errors import InvalidArgument, OrderUnknown
from baton.ledger.bulk_rows import BulkOrderRow, BulkRow, BulkState
from baton.ledger.ledger import Ledger
from baton.ledger.order_search import PageEnd
from baton.ledger.rows import OrderRow
from baton.orders.names import WORKFLOW_QUEUE
from baton.temporal_calls import TemporalCalls
from baton.temporal_orders import TemporalOrders

MOST_ORDERS = 10_000
"""Orders of one bulk."""

_PAGE = 500
_PATIENCE = timedelta(seconds=25)


class ChosenOrders(NamedTuple):
    """The orders that a bulk would touch, newest first."""

    request: BulkRequest
    rows: list[OrderRow]
    attended: Collection[str] = ()
    """The ended orders that need a person now, if the choice is about attention."""


class Bulks:
    """The bulks of one installation.

    Args:
        temporal: A Temporal client with the pydantic data converter.
        ledger: An open ledger.
        patience: How long each call waits for an answer.
    """

    def __init__(self, temporal: Client, ledger: Ledger, patience: timedelta = _PATIENCE) -> None:
        self._temporal = temporal
        self._ledger = ledger
        self._calls = TemporalCalls(temporal, patience)
        self._orders = TemporalOrders(temporal, patience)

    async def choose(self, request: BulkRequest) -> ChosenOrders:
        """Return the orders that a bulk would touch; nothing is changed.

        Raises:
            InvalidArgument: No filter is given, one cannot be used, or there are more orders than one bulk may touch.
            Unreachable: Temporal did not answer.
            LedgerError: The ledger did not answer.
        """
        choice = request.choice
        if not choice.narrows:
            raise InvalidArgument("choice", "names no filter", "give at least one, such as --attention or --reference")
        attended = await self._orders.attended(None) if choice.about_attention else set()
        wanted, rows = choice.filter(attended), list[OrderRow]()
        while page := await self._ledger.search.page(wanted, _PAGE, _end_of(rows)):
            rows += page
            if len(rows) > MOST_ORDERS:
                raise InvalidArgument("choice", f"names more than {MOST_ORDERS} orders", "narrow it down")
            if len(page) < _PAGE:
                break
        return ChosenOrders(request, rows, attended)

    async def start(self, chosen: ChosenOrders, by: str, bulk_id: str | None = None) -> BulkStatus:
        """Begin a bulk with the orders that were chosen; return it as it stands.

        With an id it may be repeated: a bulk that exists keeps its orders.

        Raises:
            Unreachable: Temporal did not answer; `resume` begins it.
            LedgerError: The ledger did not answer.
        """
        bulk = _bulk_row(chosen, by, bulk_id or new_bulk_id())
        await self._ledger.bulks.create(bulk, _order_rows(bulk.id, chosen.rows))
        await self._run(bulk)
        return await self.status(bulk.id)

    async def resume(self, bulk_id: str) -> BulkStatus:
        """Go on with the orders that are left, and try those again of which nobody answered.

        Raises:
            OrderUnknown: There is no such bulk.
            Unreachable: Temporal did not answer.
            LedgerError: The ledger did not answer.
        """
        bulk = await self.find(bulk_id)
        await self._ledger.bulks.repeat(bulk_id, [BulkState.FAILED])
        await self._ledger.bulks.set_stopped(bulk_id, None)
        await self._run(bulk)
        return await self.status(bulk_id)

    async def stop(self, bulk_id: str) -> BulkStatus:
        """Stop a bulk; return it as it stands. The orders whose turn has come are finished, which takes some seconds.

        Raises:
            OrderUnknown: There is no such bulk.
            Unreachable: Temporal did not answer.
            LedgerError: The ledger did not answer.
        """
        await self.find(bulk_id)
        await self._ledger.bulks.set_stopped(bulk_id, datetime.now(UTC))
        return await self.status(bulk_id)

    async def status(self, bulk_id: str) -> BulkStatus:
        """Return a bulk as it stands.

        Raises:
            OrderUnknown: There is no such bulk.
            Unreachable: Temporal did not answer.
            LedgerError: The ledger did not answer.
        """
        return await self._status_of(await self.find(bulk_id))

    async def newest(self, limit: int = 20, accounts: Collection[str] | None = None) -> list[BulkStatus]:
        """Return the newest bulks; with `accounts` only those whose orders are all in these.

        Raises:
            Unreachable: Temporal did not answer.
            LedgerError: The ledger did not answer.
        """
        rows = await self._ledger.bulks.newest(limit)
        return [await self._status_of(row) for row in rows if accounts is None or set(row.accounts) <= set(accounts)]

    async def results(self, bulk_id: str, states: Collection[BulkState] = ()) -> AsyncIterator[BulkOrderRow]:
        """Yield the orders of a bulk, with what became of the act.

        Raises:
            LedgerError: The ledger did not answer.
        """
        after = -1
        while rows := await self._ledger.bulks.results(bulk_id, states=states, after=after):
            for row in rows:
                yield row
            after = rows[-1].position

    async def page(self, bulk_id: str, states: Collection[BulkState], after: int, limit: int) -> list[BulkOrderRow]:
        """Return the next orders of a bulk after a position.

        Raises:
            LedgerError: The ledger did not answer.
        """
        return await self._ledger.bulks.results(bulk_id, states=states, after=after, limit=limit)

    async def find(self, bulk_id: str) -> BulkRow:
        """Return a bulk as it was requested.

        Raises:
            OrderUnknown: There is no such bulk.
            LedgerError: The ledger did not answer.
        """
        bulk = await self._ledger.bulks.bulk(bulk_id)
        if bulk is None:
            raise OrderUnknown("bulk_unknown", f"there is no bulk {bulk_id}", "see `baton bulk list`")
        return bulk

    async def _status_of(self, bulk: BulkRow) -> BulkStatus:
        request = BulkRequest.model_validate(bulk.request)
        running = await self._is_running(bulk.id)
        return BulkStatus(
            id=bulk.id,
            act=request.act,
            by=bulk.by,
            created_at=bulk.created_at,
            orders=bulk.orders,
            progress=progress_of(await self._ledger.bulks.counts(bulk.id), stopped=bulk.stopped_at is not None),
            running=running,
            request=request,
        )

    async def _run(self, bulk: BulkRow) -> None:
        summary = f"{BulkRequest.model_validate(bulk.request).summary} ({bulk.orders} orders, by {bulk.by})"
        starting = self._temporal.start_workflow(
            BULK_WORKFLOW,
            BulkRun(id=bulk.id, summary=summary),
            id=bulk_workflow_id(bulk.id),
            task_queue=WORKFLOW_QUEUE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            static_summary=summary[:200],
        )
        await self._calls.answer(starting)

    async def _is_running(self, bulk_id: str) -> bool:
        try:
            found = await self._calls.answer(self._temporal.get_workflow_handle(bulk_workflow_id(bulk_id)).describe())
        except OrderUnknown:
            return False
        return found.status is WorkflowExecutionStatus.RUNNING


def _bulk_row(chosen: ChosenOrders, by: str, bulk_id: str) -> BulkRow:
    return BulkRow(
        id=bulk_id,
        created_at=datetime.now(UTC),
        by=by,
        request=chosen.request.model_dump(mode="json"),
        accounts=sorted({row.account for row in chosen.rows}),
        orders=len(chosen.rows),
    )


def _order_rows(bulk_id: str, rows: list[OrderRow]) -> list[BulkOrderRow]:
    return [
        BulkOrderRow(
            bulk=bulk_id,
            position=position,
            workflow_id=row.workflow_id,
            account=row.account,
            reference=row.reference,
        )
        for position, row in enumerate(rows)
    ]


def _end_of(rows: list[OrderRow]) -> PageEnd | None:
    return PageEnd(rows[-1].created_at, rows[-1].workflow_id) if rows else None
