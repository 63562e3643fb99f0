"""What answers the Nexus service: Baton's worker, on the queue of the workflows."""

from datetime import timedelta

from nexusrpc import HandlerError, HandlerErrorType
from nexusrpc.handler import OperationHandler, StartOperationContext, operation_handler, service_handler, sync_operation
from temporalio.client import Client
from temporalio.nexus import (
    CancelWorkflowRunOptions,
    TemporalCancelOperationContext,
    TemporalNexusClient,
    TemporalOperationHandler,
    TemporalOperationResult,
    TemporalStartOperationContext,
)

from baton.client import BatonClient
from baton.errors import BatonError, OrderRefused
from baton.nexus.callers import NEXUS, caller_of
from baton.nexus.placing import OperationOrders
from baton.nexus.refusals import as_operation_failures
from baton.nexus.service import BatonService, OrderDeposit, OrderFields, OrderKey, RepriceAnswer, ZeroConfAnswer
from baton.orders.answers import OrderResult, Placement, Snapshot, Standing
from baton.orders.document import read_document
from baton.orders.rules.updates import ORDER_CLOSED
from baton.temporal_orders import TemporalOrders

PATIENCE = timedelta(seconds=8)
"""How long a handler waits for an order's answer; Temporal gives it ten seconds."""


@service_handler(service=BatonService)
class BatonServiceHandler:
    """Answers the operations of `BatonService`, each as the client for business apps does.

    Args:
        temporal: A Temporal client with the pydantic data converter.
    """

    def __init__(self, temporal: Client) -> None:
        self._temporal = temporal
        self._operations = OperationOrders(temporal, TemporalOrders(temporal, PATIENCE))

    @operation_handler
    def place_order(self) -> OperationHandler[OrderFields, OrderResult]:
        """Place an order; its workflow runs the operation."""
        return _PlaceOrder(self._operations, self._temporal)

    @operation_handler
    def placement(self) -> OperationHandler[OrderKey, Placement]:
        """Return where to deposit, as soon as there is a quote."""
        return _ReadPlacement(self._operations)

    @sync_operation
    async def order(self, context: StartOperationContext, key: OrderKey) -> Snapshot:
        """Return the order as it stands."""
        with as_operation_failures():
            return await self._baton(context).snapshot(key.reference, key.account)

    @sync_operation
    async def report_deposit(self, context: StartOperationContext, deposit: OrderDeposit) -> Standing:
        """Report the payer's deposit."""
        with as_operation_failures():
            return await self._baton(context).report_deposit(
                deposit.reference, deposit.proof, deposit.account, quote_id=deposit.quote_id
            )

    @sync_operation
    async def cancel_order(self, context: StartOperationContext, key: OrderKey) -> Standing:
        """Cancel an order while no deposit is known."""
        with as_operation_failures():
            return await self._baton(context).cancel(key.reference, key.account)

    @sync_operation
    async def decide_zeroconf(self, context: StartOperationContext, answer: ZeroConfAnswer) -> Standing:
        """Answer the pending ZeroConf offer."""
        with as_operation_failures():
            return await self._baton(context).decide_zeroconf(
                answer.reference, answer.account, accept=answer.decision.accept, reason=answer.decision.reason
            )

    @sync_operation
    async def decide_reprice(self, context: StartOperationContext, answer: RepriceAnswer) -> Standing:
        """Answer the pending repricing."""
        with as_operation_failures():
            return await self._baton(context).decide_reprice(answer.reference, answer.decision, answer.account)

    def _baton(self, context: StartOperationContext) -> BatonClient:
        """Return a client that acts in the name of the caller."""
        return BatonClient(self._temporal, PATIENCE, by=caller_of(context.inbound_links))


class _PlaceOrder(TemporalOperationHandler[OrderFields, OrderResult]):
    """Starts orders, and cancels them like the `cancel` update, which refuses once money may be under way."""

    def __init__(self, operations: OperationOrders, temporal: Client) -> None:
        self._operations = operations
        self._baton = BatonClient(temporal, PATIENCE, by=NEXUS)

    async def start_operation(
        self, ctx: TemporalStartOperationContext, client: TemporalNexusClient, input: OrderFields
    ) -> TemporalOperationResult[OrderResult]:
        """Place the order."""
        with as_operation_failures():
            order = read_document(input).order()
            named = order.model_copy(update={"placed_by": caller_of(ctx.inbound_links)})
            return await self._operations.place(client, named)

    async def cancel_workflow_run(self, ctx: TemporalCancelOperationContext, options: CancelWorkflowRunOptions) -> None:
        """Cancel the order; the caller's history says why if that is refused, and the operation continues."""
        _, account, reference = options.workflow_id.split("/", 2)
        try:
            await self._baton.cancel(reference, account)
        except OrderRefused as refusal:
            if refusal.code != ORDER_CLOSED:
                raise HandlerError(str(refusal), type=HandlerErrorType.CONFLICT) from None
        except BatonError as error:
            raise HandlerError(str(error), type=HandlerErrorType.UNAVAILABLE) from None


class _ReadPlacement(TemporalOperationHandler[OrderKey, Placement]):
    """Answers at once if there is a quote, else when the order's `place` update does."""

    def __init__(self, operations: OperationOrders) -> None:
        self._operations = operations

    async def start_operation(
        self, ctx: TemporalStartOperationContext, client: TemporalNexusClient, input: OrderKey
    ) -> TemporalOperationResult[Placement]:
        """Read or await the placement."""
        with as_operation_failures():
            return await self._operations.placement(client, input.reference, input.account)
