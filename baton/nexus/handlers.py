"""What answers the Nexus service: Baton's worker, on the queue of the workflows."""

from datetime import timedelta

from nexusrpc import HandlerError, HandlerErrorType
from nexusrpc.handler import OperationHandler, StartOperationContext, operation_handler, service_handler, sync_operation
from pydantic import BaseModel
from temporalio.client import Client
from temporalio.nexus import (
    CancelWorkflowRunOptions,
    TemporalCancelOperationContext,
    TemporalNexusClient,
    TemporalOperationHandler,
    TemporalOperationResult,
    TemporalStartOperationContext,
)

from baton.errors import BatonError, OrderRefused
from baton.nexus.placing import OperationOrders
from baton.nexus.refusals import as_operation_failures
from baton.nexus.service import BatonService, OrderDeposit, OrderFields, OrderKey, RepriceAnswer, ZeroConfAnswer
from baton.orders.answers import OrderResult, Placement, Snapshot, Standing
from baton.orders.document import read_document
from baton.orders.names import CANCEL, DECIDE_REPRICE, DECIDE_ZEROCONF, REPORT_DEPOSIT
from baton.orders.rules.updates import ORDER_CLOSED
from baton.orders.state import DepositReport
from baton.temporal_orders import TemporalOrders

PATIENCE = timedelta(seconds=8)
"""How long a handler waits for an order's answer; Temporal gives it ten seconds."""


@service_handler(service=BatonService)
class BatonServiceHandler:
    """Answers the operations of `BatonService`.

    Args:
        temporal: A Temporal client with the pydantic data converter.
    """

    def __init__(self, temporal: Client) -> None:
        self._orders = TemporalOrders(temporal, PATIENCE)
        self._operations = OperationOrders(temporal, self._orders)

    @operation_handler
    def place_order(self) -> OperationHandler[OrderFields, OrderResult]:
        """Place an order; its workflow runs the operation."""
        return _PlaceOrder(self._operations, self._orders)

    @operation_handler
    def placement(self) -> OperationHandler[OrderKey, Placement]:
        """Return where to deposit, as soon as there is a quote."""
        return _ReadPlacement(self._operations)

    @sync_operation
    async def order(self, context: StartOperationContext, key: OrderKey) -> Snapshot:
        """Return the order as it stands."""
        with as_operation_failures():
            return await self._orders.snapshot(key.reference, key.account)

    @sync_operation
    async def report_deposit(self, context: StartOperationContext, notice: OrderDeposit) -> Standing:
        """Report the payer's deposit."""
        report = DepositReport(proof=notice.proof, quote_id=notice.quote_id)
        return await self._update(notice, REPORT_DEPOSIT, report)

    @sync_operation
    async def cancel_order(self, context: StartOperationContext, key: OrderKey) -> Standing:
        """Cancel an order while no deposit is known."""
        return await self._update(key, CANCEL)

    @sync_operation
    async def decide_zeroconf(self, context: StartOperationContext, answer: ZeroConfAnswer) -> Standing:
        """Answer the pending ZeroConf offer."""
        return await self._update(answer, DECIDE_ZEROCONF, answer.decision)

    @sync_operation
    async def decide_reprice(self, context: StartOperationContext, answer: RepriceAnswer) -> Standing:
        """Answer the pending repricing."""
        return await self._update(answer, DECIDE_REPRICE, answer.decision)

    async def _update(self, key: OrderKey, name: str, *arguments: BaseModel) -> Standing:
        with as_operation_failures():
            return await self._orders.update(key.reference, key.account, name, *arguments)


class _PlaceOrder(TemporalOperationHandler[OrderFields, OrderResult]):
    """Starts orders, and cancels them like the `cancel` update, which refuses once money may be under way."""

    def __init__(self, operations: OperationOrders, orders: TemporalOrders) -> None:
        self._operations = operations
        self._orders = orders

    async def start_operation(
        self, ctx: TemporalStartOperationContext, client: TemporalNexusClient, input: OrderFields
    ) -> TemporalOperationResult[OrderResult]:
        """Place the order."""
        with as_operation_failures():
            return await self._operations.place(client, read_document(input).order())

    async def cancel_workflow_run(self, ctx: TemporalCancelOperationContext, options: CancelWorkflowRunOptions) -> None:
        """Cancel the order; the caller's history says why if that is refused, and the operation goes on."""
        _, account, reference = options.workflow_id.split("/", 2)
        try:
            await self._orders.update(reference, account, CANCEL)
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
