"""Orders as Temporal runs them: starts, updates, queries and results, with each failure as one of Baton's errors.

`BatonClient` loads this module with its first connection, because importing Temporal's client takes longest of all.
"""

import atexit
import time
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError

from baton.ended_orders import EndedOrders
from baton.errors import BatonError, OrderRefused, OrderUnknown, Unreachable
from baton.failures import (
    SEE_SNAPSHOT,
    interrupted,
    nothing_to_pay,
    refusal_of,
    standing_of_snapshot,
    was_lost,
    with_standing,
)
from baton.order_lists import OrderLists
from baton.order_runs import OrderRun, OrderRuns
from baton.orders.answers import OrderResult, Placement, Snapshot, Standing
from baton.orders.models import Phase, Resolution
from baton.orders.names import PLACE, REPORT_DEPOSIT, RESOLVE, SNAPSHOT, order_workflow_id
from baton.orders.place_order import PlaceOrder
from baton.orders.rules.refused import is_refused_placement, refused_result
from baton.orders.rules.updates import NOTHING_TO_RESOLVE, ORDER_CLOSED, REFERENCE_CONFLICT, check_same_order
from baton.orders.snapshot import placement_of_snapshot
from baton.orders.start import as_placed
from baton.orders.state import DepositReport
from baton.orders.visibility import OrderLine
from baton.ownership.late_reports import LateReports
from baton.ownership.order_start import start_with_update
from baton.temporal_calls import TemporalCalls

# The SDK's threads live on for a moment after the last call. An interpreter that is taken down meanwhile hangs or
# aborts although all its work is done (temporalio/sdk-python issue 300), so its end waits for that moment.
atexit.register(time.sleep, 0.05)

_UPDATE_ATTEMPTS = 3
"""How often an update is sent that Temporal loses each time."""

_PLACE_ATTEMPTS = 5
"""How often placing starts over because other callers place, or end, an order under the same reference meanwhile."""


class TemporalOrders:
    """The orders of one Temporal namespace.

    Args:
        temporal: A Temporal client with the pydantic data converter.
        patience: How long each call waits for an answer.
    """

    def __init__(self, temporal: Client, patience: timedelta) -> None:
        self._temporal = temporal
        self._calls = TemporalCalls(temporal, patience)
        self._runs = OrderRuns(temporal)
        self._ended = EndedOrders(temporal)

    async def place(self, order: PlaceOrder) -> Placement:
        """Start the order's workflow unless it runs, and return where to deposit.

        A reference whose order was refused before anybody could pay is started again.

        Raises:
            OrderRefused: The reference belongs to another request, or there is nothing to pay.
            Unreachable: No answer in time.
        """
        for _ in range(_PLACE_ATTEMPTS):
            try:
                placing = start_with_update(self._temporal, order, PLACE, order, Placement)
                placement = await self._calls.answer(placing, order.account)
            except (WorkflowAlreadyStartedError, OrderUnknown):
                run = await self._calls.answer(self._runs.newest(_id_of(order)))
            except OrderRefused as refusal:
                run = await self._run_in_conflict(order, refusal)
            else:
                return await self._payable(placement)
            if not (run.is_open or run.refused):
                raise await self._closed_before(order, run)
            # Only of a run that was seen refused: Temporal would replace a terminated one too, which may have money.
            order = order.model_copy(update={"again": run.refused is not None})
        message = f"others place orders under reference {order.reference} at the same time"
        raise Unreachable("reference_contended", message, "place it again")

    async def _payable(self, placement: Placement) -> Placement:
        """Return the placement of an open order.

        Raises:
            OrderRefused: There is nothing to pay.
        """
        if placement.outcome is None:
            return placement
        is_free = False
        if is_refused_placement(placement):
            # The reference is free once the workflow has closed, and the caller may place it again at once.
            is_free = (await self._calls.answer(self._runs.closed(placement.workflow_id))).refused is not None
        raise nothing_to_pay(placement, is_free=is_free)

    async def _run_in_conflict(self, order: PlaceOrder, refusal: OrderRefused) -> OrderRun:
        """Return the run that belongs to another request, if it was refused: the reference is about to be free.

        Raises:
            OrderRefused: The other order keeps the reference.
        """
        if refusal.code != REFERENCE_CONFLICT:
            raise refusal
        snapshot = await self._last_snapshot(_id_of(order))
        if snapshot and is_refused_placement(placement_of_snapshot(snapshot)):
            run = await self._calls.answer(self._runs.closed(_id_of(order)))
            if run.refused:
                return run
        raise with_standing(refusal, standing_of_snapshot(snapshot))

    async def _closed_before(self, order: PlaceOrder, run: OrderRun) -> BatonError:
        """Return why a reference cannot be placed whose order is closed."""
        if run.interruption:
            return interrupted(run.interruption, await self._last_snapshot(_id_of(order)))
        snapshot = await self.snapshot(order.reference, order.account)
        try:
            check_same_order(as_placed(snapshot), order)
        except ApplicationError as error:
            return with_standing(refusal_of(error), standing_of_snapshot(snapshot))
        return nothing_to_pay(placement_of_snapshot(snapshot), is_free=False)

    async def _last_snapshot(self, workflow_id: str) -> Snapshot | None:
        """Return the snapshot that a worker answers with, for an error that has more to say with it."""
        query = self._temporal.get_workflow_handle(workflow_id).query(SNAPSHOT, result_type=Snapshot)
        try:
            snapshot: Snapshot = await self._calls.answer(query)
        except BatonError:
            return None
        return snapshot

    async def snapshot(self, reference: str, account: str) -> Snapshot:
        """Return the order's snapshot, open or closed; of an interrupted order, with how its workflow ended."""
        handle = self._handle(reference, account)
        snapshot: Snapshot = await self._calls.answer(handle.query(SNAPSHOT, result_type=Snapshot))
        if snapshot.outcome:
            return await self._calls.answer(self._ended.completed(snapshot))
        run = await self._calls.answer(self._runs.newest(handle.id))
        if run.interruption is None:
            return snapshot
        interrupted_at = snapshot.model_copy(update={"interrupted": run.interruption, "waiting_for": None})
        return await self._calls.answer(self._ended.completed(interrupted_at))

    async def update(
        self, reference: str, account: str, name: str, *arguments: BaseModel, update_id: str | None = None
    ) -> Standing:
        """Send one of the order's updates; return where the order then stands.

        Args:
            reference: The order's reference.
            account: The partner account.
            name: The update.
            arguments: Its arguments.
            update_id: Its id: an update that the order took before under this id is answered as it was then.

        Raises:
            OrderRefused: The order does not take it.
        """
        handle = self._handle(reference, account)
        try:
            return await self._calls.answer(self._update(handle, name, arguments, update_id))
        except OrderUnknown:
            run = await self._calls.answer(self._runs.newest(handle.id))
            if run.is_open:
                raise
            if name == REPORT_DEPOSIT and (taken := await self._report_late(handle.id, *arguments)):
                return taken
            if name == RESOLVE:
                return await self._resolve_ended(handle, run, *arguments)
            raise await self._ended_error(handle, run) from None

    async def _update(
        self,
        handle: WorkflowHandle[Any, OrderResult],
        name: str,
        arguments: tuple[BaseModel, ...],
        update_id: str | None,
    ) -> Standing:
        """Send an update, and send it again if it was lost because a signal came while the order was about to close."""
        for attempt in range(1, _UPDATE_ATTEMPTS + 1):
            try:
                standing: Standing = await handle.execute_update(
                    name, args=arguments, id=update_id, result_type=Standing
                )
            except RPCError as error:
                if attempt == _UPDATE_ATTEMPTS or not was_lost(error):
                    raise
            else:
                return standing
        raise AssertionError("the last attempt returns or raises")

    async def _report_late(self, workflow_id: str, report: BaseModel) -> Standing | None:
        """Continue an order that has ended with a reported deposit; None if Orchestra ended the order."""
        try:
            taking = LateReports(self._temporal).report(workflow_id, DepositReport.model_validate(report))
            return await self._calls.answer(taking)
        except ApplicationError as error:
            raise refusal_of(error) from None

    async def _ended_error(self, handle: WorkflowHandle[Any, OrderResult], run: OrderRun) -> OrderRefused:
        if run.interruption:
            return interrupted(run.interruption, await self._last_snapshot(handle.id))
        standing = await self._final_standing(handle, run)
        return OrderRefused(ORDER_CLOSED, f"the order is closed: {standing.outcome}", SEE_SNAPSHOT, standing)

    async def _resolve_ended(
        self, handle: WorkflowHandle[Any, OrderResult], run: OrderRun, resolution: BaseModel
    ) -> Standing:
        """Resolve a reason of an ended order, whose attention another workflow holds; its outcome stands."""
        given = Resolution.model_validate(resolution)
        closed = Standing(phase=Phase.CLOSED) if run.interruption else await self._final_standing(handle, run)
        if given.close_as and given.close_as is not closed.outcome:
            message = (
                f"the order has ended as {closed.outcome or 'interrupted'}, and cannot end as {given.close_as} now"
            )
            raise OrderRefused(ORDER_CLOSED, message, "resolve it with a note, without an outcome", closed)
        try:
            left = await self._calls.answer(self._ended.resolve(handle.id, given))
        except OrderUnknown:
            ended = await self._ended_error(handle, run)
            message = f"{ended.message}, and it needs no attention"
            remedy = "there is nothing to resolve"
            raise OrderRefused(NOTHING_TO_RESOLVE, message, remedy, ended.standing) from None
        reasons = [attention.reason for attention in left.attentions]
        return closed.model_copy(update={"attention": reasons[-1] if reasons else None, "attentions": reasons})

    async def _final_standing(self, handle: WorkflowHandle[Any, OrderResult], run: OrderRun) -> Standing:
        """Return the standing of a closed order; its result needs no worker to answer."""
        result = run.refused
        if result is None:
            result = await self._calls.answer(handle.result())
            assert result is not None
        shared = result.model_dump(include={"status", "outcome", "order_id", "quote_id"})
        return Standing(phase=Phase.CLOSED, **shared)

    async def result(self, reference: str, account: str) -> OrderResult:
        """Wait for the order's end, however long that takes."""
        handle = self._handle(reference, account)
        try:
            result: OrderResult = await handle.result()
            return result
        except WorkflowFailureError as error:
            if refused := refused_result(error.cause):
                return refused
        except RPCError as error:
            raise self._calls.failure(error) from None
        run = await self._calls.answer(self._runs.newest(handle.id))
        if run.refused:
            return run.refused
        raise await self._ended_error(handle, run)

    def require_followed(self, snapshot: Snapshot) -> None:
        """Make sure that a workflow follows the order, or has ended with an outcome.

        Raises:
            OrderRefused: It was terminated, cancelled or failed.
        """
        if snapshot.interrupted:
            raise interrupted(snapshot.interrupted, snapshot)

    async def list_orders(self, limit: int, **wanted: Any) -> list[OrderLine]:
        """Return the orders with these values, open ones first."""
        return await self._calls.answer(OrderLists(self._temporal).find(limit, **wanted))

    async def attended(self, workflow_ids: Collection[str] | None) -> set[str]:
        """Return the ended orders whose attention is open, by their workflow ids."""
        return await self._calls.answer(OrderLists(self._temporal).attended(workflow_ids))

    def _handle(self, reference: str, account: str) -> WorkflowHandle[Any, OrderResult]:
        return self._temporal.get_workflow_handle(order_workflow_id(account, reference), result_type=OrderResult)


def _id_of(order: PlaceOrder) -> str:
    return order_workflow_id(order.account, order.reference)
