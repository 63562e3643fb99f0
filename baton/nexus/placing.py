"""Places orders for Nexus operations: the order's own workflow runs the operation, so both end together."""

from datetime import timedelta

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.nexus import TemporalNexusClient, TemporalOperationResult

from baton.errors import OrderRefused, Unreachable
from baton.failures import refusal_of, standing_of_snapshot
from baton.order_runs import OrderRuns
from baton.orders.answers import OrderResult, Placement, Snapshot
from baton.orders.messages import ReadPlacement
from baton.orders.models import Phase
from baton.orders.names import ORDER_WORKFLOW, PLACE, PLACEMENT_WORKFLOW, WORKFLOW_QUEUE, placement_workflow_id
from baton.orders.place_order import PlaceOrder
from baton.orders.rules.refused import is_refused_placement
from baton.orders.rules.updates import check_same_order
from baton.orders.snapshot import placement_of_snapshot
from baton.orders.start import as_placed, as_started, start_options
from baton.temporal_calls import TemporalCalls
from baton.temporal_orders import TemporalOrders

QUOTE_PATIENCE = timedelta(seconds=4)
"""How long a handler waits for a quote, of the ten seconds that Temporal gives it; most quotes take less than one."""

_ATTEMPTS = 5
"""How often placing starts over because an order under the same reference begins or ends meanwhile."""


class OperationOrders:
    """Orders whose workflows run Nexus operations.

    Args:
        temporal: A Temporal client with the pydantic data converter.
        orders: The orders of its namespace.
    """

    def __init__(self, temporal: Client, orders: TemporalOrders) -> None:
        self._temporal = temporal
        self._orders = orders
        self._quoting = TemporalCalls(temporal, QUOTE_PATIENCE)
        self._runs = OrderRuns(temporal)

    async def place(self, nexus: TemporalNexusClient, order: PlaceOrder) -> TemporalOperationResult[OrderResult]:
        """Have the order's workflow run the operation; start it, unless the same order is placed already.

        Raises:
            OrderRefused: The reference belongs to another request, or its workflow ended without an outcome.
            Unreachable: No answer in time.
        """
        for _ in range(_ATTEMPTS):
            try:
                return await _start(nexus, order, WorkflowIDConflictPolicy.FAIL)
            except WorkflowAlreadyStartedError:
                snapshot = await self._orders.snapshot(order.reference, order.account)
            if await self._was_refused(snapshot):
                order = order.model_copy(update={"again": True})
                continue
            self._orders.require_followed(snapshot)
            _require_same(snapshot, order)
            if snapshot.outcome:
                return TemporalOperationResult.sync(await self._orders.result(order.reference, order.account))
            try:
                return await _start(nexus, order, WorkflowIDConflictPolicy.USE_EXISTING)
            except WorkflowAlreadyStartedError:
                continue  # it ended meanwhile
        message = f"others place orders under reference {order.reference} at the same time"
        raise Unreachable("reference_contended", message, "place it again")

    async def placement(
        self, nexus: TemporalNexusClient, reference: str, account: str
    ) -> TemporalOperationResult[Placement]:
        """Return where to deposit; if the quote takes long, have a workflow run the operation.

        Handlers that waited would fail at their time limit. Temporal would try them again later and later, and after
        some failures stop calling Baton for a minute, for all orders of that caller.

        Raises:
            OrderUnknown: There is no such order.
            OrderRefused: Its workflow ended without an outcome.
            Unreachable: No answer in time.
        """
        snapshot = await self._orders.snapshot(reference, account)
        if snapshot.phase is not Phase.QUOTING:
            return TemporalOperationResult.sync(placement_of_snapshot(snapshot))
        self._orders.require_followed(snapshot)
        handle = self._temporal.get_workflow_handle(snapshot.workflow_id)
        placing = handle.execute_update(PLACE, as_placed(snapshot), result_type=Placement)
        try:
            return TemporalOperationResult.sync(await self._quoting.answer(placing))
        except Unreachable:
            return await self._await_quote(nexus, snapshot)

    async def _await_quote(self, nexus: TemporalNexusClient, order: Snapshot) -> TemporalOperationResult[Placement]:
        waiting: TemporalOperationResult[Placement] = await nexus.start_workflow(
            PLACEMENT_WORKFLOW,
            ReadPlacement(account=order.account, reference=order.reference),
            id=placement_workflow_id(order.workflow_id),
            task_queue=WORKFLOW_QUEUE,
            result_type=Placement,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary=f"wait for the quote of {order.reference}",
        )
        return waiting

    async def _was_refused(self, snapshot: Snapshot) -> bool:
        """Whether the order was refused before anybody could pay and its workflow has failed: its reference is free."""
        if not is_refused_placement(placement_of_snapshot(snapshot)):
            return False
        run = await self._runs.closed(snapshot.workflow_id)
        return run.refused is not None


async def _start(
    nexus: TemporalNexusClient, order: PlaceOrder, conflict: WorkflowIDConflictPolicy
) -> TemporalOperationResult[OrderResult]:
    """Start the order's workflow as the one that runs the operation.

    Raises:
        WorkflowAlreadyStartedError: It has closed, or it is open and the policy is to fail then.
    """
    options = start_options(order) | {"id_conflict_policy": conflict}
    started: TemporalOperationResult[OrderResult] = await nexus.start_workflow(
        ORDER_WORKFLOW, as_started(order), result_type=OrderResult, **options
    )
    return started


def _require_same(snapshot: Snapshot, order: PlaceOrder) -> None:
    try:
        check_same_order(as_placed(snapshot), order)
    except ApplicationError as error:
        refusal = refusal_of(error)
        standing = standing_of_snapshot(snapshot)
        raise OrderRefused(refusal.code, refusal.message, refusal.remedy, standing) from None
