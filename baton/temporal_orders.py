"""Orders as Temporal runs them: starts, updates, queries and results, with each failure as one of Baton's errors.

`BatonClient` loads this module with its first connection, because importing Temporal's client takes longest of all.
"""

import asyncio
import atexit
import time
from collections.abc import Awaitable
from datetime import timedelta
from typing import Any, TypeVar

from pydantic import BaseModel
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from baton.ended_orders import EndedOrders
from baton.errors import BatonError, OrderRefused, OrderUnknown, Unreachable
from baton.orders.answers import OrderResult, Placement, Snapshot, Standing
from baton.orders.models import Phase, Resolution
from baton.orders.names import ORDER_WORKFLOW, PLACE, RESOLVE, SNAPSHOT, order_workflow_id
from baton.orders.place_order import PlaceOrder
from baton.orders.rules.updates import (
    DEPOSIT_KNOWN,
    INVALID_PROOF,
    NO_OFFER_PENDING,
    NOTHING_TO_REPORT,
    NOTHING_TO_RESOLVE,
    ORDER_CLOSED,
    UNKNOWN_QUOTE,
    check_same_order,
)
from baton.orders.snapshot import placement_of_snapshot
from baton.orders.start import as_started, start_options
from baton.orders.visibility import OrderLine, list_query, order_line

T = TypeVar("T")

# The SDK's threads live on for a moment after the last call. An interpreter that is taken down meanwhile hangs or
# aborts although all its work is done (temporalio/sdk-python issue 300), so its end waits for that moment.
atexit.register(time.sleep, 0.05)

_NEW_ORDER = "place it again under a new reference"
_REMEDIES = {
    DEPOSIT_KNOWN: "wait for its end",
    INVALID_PROOF: "",  # its message says which proof the source chain has
    NO_OFFER_PENDING: "see where the order stands with `baton show`",
    NOTHING_TO_REPORT: "leave the report out",
    ORDER_CLOSED: "see how it ended with `baton show`",
    UNKNOWN_QUOTE: "leave the quote out, or name one that `baton show` lists",
}
"""What to do about a refused update, by its code; the other refusals name their remedy themselves."""


_IN_THE_UI = "see its workflow in the Temporal UI"
_ALIVE = (
    WorkflowExecutionStatus.RUNNING,
    WorkflowExecutionStatus.COMPLETED,
    WorkflowExecutionStatus.CONTINUED_AS_NEW,
)


class TemporalOrders:
    """The orders of one Temporal namespace.

    Args:
        temporal: A Temporal client with the pydantic data converter.
        patience: How long each call waits for an answer.
    """

    def __init__(self, temporal: Client, patience: timedelta) -> None:
        self._temporal = temporal
        self._patience = patience
        self._ended = EndedOrders(temporal)

    async def place(self, order: PlaceOrder) -> Placement:
        """Start the order's workflow unless it runs, and return where to deposit.

        Raises:
            OrderRefused: The reference belongs to another request, or there is nothing to pay.
            Unreachable: No answer in time.
        """
        try:
            placement = await self._answer(self._start(order))
        except WorkflowAlreadyStartedError:
            placement = await self._placed_before(order)
        if placement.outcome is None:
            return placement
        raise _nothing_to_pay(placement)

    async def _start(self, order: PlaceOrder) -> Placement:
        start: WithStartWorkflowOperation[Any, OrderResult] = WithStartWorkflowOperation(
            ORDER_WORKFLOW, as_started(order), result_type=OrderResult, **start_options(order)
        )
        try:
            placed: Placement = await self._temporal.execute_update_with_start_workflow(
                PLACE, order, result_type=Placement, start_workflow_operation=start
            )
        except BaseException:
            await _consume(start)
            raise
        return placed

    async def _placed_before(self, order: PlaceOrder) -> Placement:
        """Return the placement of an order that is closed already.

        Raises:
            OrderRefused: The reference belongs to another request.
        """
        snapshot = await self.snapshot(order.reference, order.account)
        placed = PlaceOrder(
            account=snapshot.account,
            reference=snapshot.reference,
            kind=snapshot.kind,
            request=snapshot.request,
            policy=snapshot.policy,
            payer=snapshot.payer,
        )
        try:
            check_same_order(placed, order)
        except ApplicationError as error:
            raise _refusal(error) from None
        return placement_of_snapshot(snapshot)

    async def snapshot(self, reference: str, account: str) -> Snapshot:
        """Return the order's snapshot, open or closed."""
        snapshot = await self._answer(self._handle(reference, account).query(SNAPSHOT, result_type=Snapshot))
        return await self._answer(self._ended.completed(snapshot)) if snapshot.outcome else snapshot

    async def update(self, reference: str, account: str, name: str, *arguments: BaseModel) -> Standing:
        """Send one of the order's updates; return where the order then stands.

        Raises:
            OrderRefused: The order does not take it.
        """
        handle = self._handle(reference, account)
        try:
            return await self._answer(handle.execute_update(name, args=arguments, result_type=Standing))
        except OrderUnknown:
            description = await self._answer(handle.describe())
            if description.status is WorkflowExecutionStatus.RUNNING:
                raise
            standing = await self._final_standing(handle)
            if name == RESOLVE:
                return await self._resolve_ended(handle.id, standing, *arguments)
            raise OrderRefused(ORDER_CLOSED, "the order is closed", _REMEDIES[ORDER_CLOSED], standing) from None

    async def _resolve_ended(self, workflow_id: str, standing: Standing | None, resolution: BaseModel) -> Standing:
        """Resolve a reason of a closed order, whose attention another workflow holds."""
        try:
            left = await self._answer(self._ended.resolve(workflow_id, Resolution.model_validate(resolution)))
        except OrderUnknown:
            raise OrderRefused(NOTHING_TO_RESOLVE, "the order is closed and needs no attention", "", standing) from None
        reasons = [attention.reason for attention in left.attentions]
        closed = standing or Standing(phase=Phase.CLOSED)
        return closed.model_copy(update={"attention": reasons[-1] if reasons else None, "attentions": reasons})

    async def _final_standing(self, handle: WorkflowHandle[Any, OrderResult]) -> Standing | None:
        """Return the standing of a closed order; its result needs no worker to answer."""
        try:
            result = await self._answer(handle.result())
        except WorkflowFailureError:
            return None
        return Standing(
            phase=Phase.CLOSED,
            status=result.status,
            outcome=result.outcome,
            order_id=result.order_id,
            quote_id=result.quote_id,
        )

    async def result(self, reference: str, account: str) -> OrderResult:
        """Wait for the order's end, however long that takes."""
        try:
            result: OrderResult = await self._handle(reference, account).result()
            return result
        except WorkflowFailureError as error:
            message = f"the order's workflow ended without a result: {error.cause}"
            raise OrderRefused("order_broken", message, _IN_THE_UI) from None
        except RPCError as error:
            raise _translate(error) from None

    async def require_alive(self, reference: str, account: str) -> None:
        """Make sure that the order's workflow runs, or has ended with a result.

        Raises:
            OrderRefused: It was terminated, cancelled or failed.
        """
        description = await self._answer(self._handle(reference, account).describe())
        if description.status not in _ALIVE:
            state = description.status.name.lower() if description.status else "unknown"
            raise OrderRefused("order_broken", f"the order's workflow is {state}", _IN_THE_UI)

    async def list_orders(self, limit: int, **wanted: Any) -> list[OrderLine]:
        """Return the orders with these values, open ones first."""
        try:
            found = self._temporal.list_workflows(list_query(**wanted), limit=limit)
            return [order_line(execution) async for execution in found]
        except RPCError as error:
            raise _translate(error) from None

    def _handle(self, reference: str, account: str) -> WorkflowHandle[Any, OrderResult]:
        return self._temporal.get_workflow_handle(order_workflow_id(account, reference), result_type=OrderResult)

    async def _answer(self, call: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                return await call
        except WorkflowUpdateFailedError as error:
            raise _refusal(error.cause) from None
        except WorkflowQueryFailedError as error:
            message = f"the order could not be asked: {error}"
            raise Unreachable("query_failed", message, "see the log of `baton worker`") from None
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
            # The SDK hides the caller's own cancellation behind this error.
            if (task := asyncio.current_task()) and task.cancelling():
                raise asyncio.CancelledError from None
            raise _no_worker() from None
        except RPCError as error:
            raise _translate(error) from None


def _nothing_to_pay(placement: Placement) -> OrderRefused:
    """Return the refusal of an order that nobody can pay: it was refused itself, or it has ended."""
    standing = Standing(
        phase=placement.phase, outcome=placement.outcome, order_id=placement.order_id, quote_id=placement.quote_id
    )
    reason = placement.reason
    if reason and placement.quote_id is None and placement.order_id is None:
        message = f"order {placement.reference} has no quote: {reason.message}"
        return OrderRefused(reason.code, message, _NEW_ORDER, standing)
    message = f"order {placement.reference} is closed: {placement.outcome}"
    return OrderRefused(ORDER_CLOSED, message, _NEW_ORDER, standing)


def _refusal(cause: BaseException | None) -> OrderRefused:
    """Return the refusal that the order's workflow gave for an update."""
    if not isinstance(cause, ApplicationError):
        return OrderRefused("refused", str(cause))
    code = cause.type or "refused"
    if code in _REMEDIES:
        return OrderRefused(code, cause.message, _REMEDIES[code])
    message, _, remedy = cause.message.partition("; ")
    return OrderRefused(code, message, remedy)


def _no_worker() -> Unreachable:
    message = "no answer in time; what was asked is kept, and asking again is safe."
    return Unreachable("no_worker", message, "Check that `baton worker` runs and that Orchestra answers it.")


async def _consume(start: WithStartWorkflowOperation[Any, Any]) -> None:
    """Take the start's own failure, which asyncio would otherwise report as never retrieved."""
    try:
        async with asyncio.timeout(0):
            await start.workflow_handle()
    except (Exception, asyncio.CancelledError):
        return


def _translate(error: RPCError) -> BatonError:
    if error.status is RPCStatusCode.NOT_FOUND:
        if error.message.startswith("Namespace "):
            return Unreachable("namespace_missing", error.message, "Create it, or set TEMPORAL_NAMESPACE.")
        return OrderUnknown("order_unknown", "no order has this reference in this account", "see `baton list`")
    if error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
        return _no_worker()
    if error.status is RPCStatusCode.UNAVAILABLE:
        remedy = "check TEMPORAL_ADDRESS and the server"
        return Unreachable("temporal_unavailable", "Temporal does not answer", remedy)
    return Unreachable("temporal_error", f"Temporal answered: {error.message}", "see the log of the Temporal server")
