"""The client for business apps: place orders, report deposits, follow them to their end.

from baton import BatonClient

baton = await BatonClient.connect()
placed = await baton.place({"reference": "invoice-42", "sourceChain": "base", ...})
print(placed.deposit_address)
result = await baton.wait("invoice-42")
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping
from datetime import timedelta
from typing import Any, Self, TypeVar

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

from baton.orchestra.proofs import DepositProof
from baton.orders.answers import OrderResult, Placement, Snapshot, Standing
from baton.orders.document import OrderDocument, read_document
from baton.orders.models import Outcome, Resolution
from baton.orders.names import (
    CANCEL,
    DECIDE_REPRICE,
    DECIDE_ZEROCONF,
    ORDER_WORKFLOW,
    PLACE,
    REFRESH,
    REPORT_DEPOSIT,
    RESOLVE,
    SNAPSHOT,
    order_workflow_id,
)
from baton.orders.place_order import PlaceOrder
from baton.orders.reports import BusinessDecision, RepriceDecision
from baton.orders.rules.updates import ORDER_CLOSED, REFERENCE_CONFLICT, check_same_order
from baton.orders.snapshot import placement_of_snapshot
from baton.orders.start import start_options
from baton.orders.state import DepositReport
from baton.orders.visibility import OrderLine, list_query, order_line
from baton.temporal import TemporalUnavailable, connect

T = TypeVar("T")
PATIENCE = timedelta(seconds=60)
"""How long a call waits for a worker to answer; what was asked is kept beyond that."""


class BatonError(Exception):
    """Base of what the client raises.

    Attributes:
        code: A stable name of the cause.
        message: One sentence with the remedy.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class OrderRefused(BatonError):
    """The order cannot do what was asked: wrong state, wrong proof, a reference already taken."""


class OrderUnknown(BatonError):
    """No order has that reference."""


class Unreachable(BatonError):
    """Temporal or its workers did not answer. What was asked may still happen; asking again is safe."""


class BatonClient:
    """A business app's way to its orders.

    Args:
        temporal: A Temporal client with the pydantic data converter; `connect` makes one from the environment.
        patience: How long each call waits for an answer.
    """

    def __init__(self, temporal: Client, patience: timedelta = PATIENCE) -> None:
        self._temporal = temporal
        self._patience = patience

    @classmethod
    async def connect(cls) -> Self:
        """Connect as `TEMPORAL_*` says.

        Raises:
            Unreachable: Temporal is not there; the text says where it was looked for.
        """
        try:
            return cls(await connect())
        except TemporalUnavailable as error:
            raise Unreachable("temporal_unavailable", str(error)) from None

    async def place(self, document: OrderDocument | Mapping[str, Any]) -> Placement:
        """Place an order and return where to deposit; placing it again returns the same.

        Raises:
            DocumentError: The document does not fit; the text names the field.
            OrderRefused: The reference belongs to another request.
            Unreachable: No answer in time; the order may be under way, and placing it again is safe.
        """
        checked = document if isinstance(document, OrderDocument) else read_document(dict(document))
        order = checked.order()
        try:
            return await self._answer(self._place(order))
        except WorkflowAlreadyStartedError:
            return await self._placed_before(order)

    async def _place(self, order: PlaceOrder) -> Placement:
        start: WithStartWorkflowOperation[Any, OrderResult] = WithStartWorkflowOperation(
            ORDER_WORKFLOW, order, result_type=OrderResult, **start_options(order)
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
        """Answer for an order that is closed already: the same as the first time, or a refusal."""
        snapshot = await self.snapshot(order.reference, order.account)
        held = PlaceOrder(
            account=snapshot.account,
            reference=snapshot.reference,
            kind=snapshot.kind,
            request=snapshot.request,
            policy=snapshot.policy,
            payer=snapshot.payer,
        )
        try:
            check_same_order(held, order)
        except ApplicationError as error:
            raise OrderRefused(REFERENCE_CONFLICT, error.message) from None
        return placement_of_snapshot(snapshot)

    async def snapshot(self, reference: str, account: str = "default") -> Snapshot:
        """Return the truth about an order, open or closed."""
        return await self._answer(self._handle(reference, account).query(SNAPSHOT, result_type=Snapshot))

    async def watch(self, reference: str, account: str = "default", *, every: float = 0.5) -> AsyncIterator[Snapshot]:
        """Yield the order's snapshot now and after each change, until it is closed; look every so many seconds."""
        shown: Snapshot | None = None
        while shown is None or shown.outcome is None:
            seen = await self.snapshot(reference, account)
            if seen != shown:
                yield seen
            shown = seen
            if seen.outcome is None:
                await asyncio.sleep(every)

    async def report_deposit(
        self, reference: str, proof: DepositProof, account: str = "default", *, quote_id: str | None = None
    ) -> Standing:
        """Report the payer's deposit; `quote_id` names an older quote whose address took it."""
        report = DepositReport(proof=proof, quote_id=quote_id)
        return await self._asked(reference, account, REPORT_DEPOSIT, report)

    async def refresh(self, reference: str, account: str = "default") -> Standing:
        """Have the order read at Orchestra now."""
        return await self._asked(reference, account, REFRESH)

    async def cancel(self, reference: str, account: str = "default") -> Standing:
        """Cancel an order that no deposit is known for."""
        return await self._asked(reference, account, CANCEL)

    async def decide_zeroconf(
        self, reference: str, account: str = "default", *, accept: bool, reason: str | None = None
    ) -> Standing:
        """Answer the pending ZeroConf offer; the first answer counts."""
        return await self._asked(reference, account, DECIDE_ZEROCONF, BusinessDecision(accept=accept, reason=reason))

    async def decide_reprice(self, reference: str, decision: RepriceDecision, account: str = "default") -> Standing:
        """Answer the pending repricing: approve it down to a minimum, reject it, or have the deposit refunded."""
        return await self._asked(reference, account, DECIDE_REPRICE, decision)

    async def resolve(
        self, reference: str, account: str = "default", *, note: str, close_as: Outcome | None = None
    ) -> Standing:
        """Say what was done about the order's attention; `close_as` ends the order as the operator knows it ended."""
        return await self._asked(reference, account, RESOLVE, Resolution(note=note, close_as=close_as))

    async def wait(self, reference: str, account: str = "default") -> OrderResult:
        """Wait for the order's end, however long that takes."""
        handle = self._handle(reference, account)
        try:
            result: OrderResult = await handle.result()
            return result
        except WorkflowFailureError as error:
            raise OrderRefused("order_broken", f"the order's workflow ended without a result: {error.cause}") from None
        except RPCError as error:
            raise _translate(error) from None

    async def list_orders(
        self,
        *,
        account: str | None = None,
        phase: str | None = None,
        outcome: str | None = None,
        attention: bool | None = None,
        limit: int = 50,
    ) -> list[OrderLine]:
        """List orders, open ones first; for people, a moment behind the truth."""
        query = list_query(account=account, phase=phase, outcome=outcome, attention=attention)
        try:
            return [order_line(found) async for found in self._temporal.list_workflows(query, limit=limit)]
        except RPCError as error:
            raise _translate(error) from None

    def _handle(self, reference: str, account: str) -> WorkflowHandle[Any, OrderResult]:
        return self._temporal.get_workflow_handle(order_workflow_id(account, reference), result_type=OrderResult)

    async def _asked(self, reference: str, account: str, update: str, *arguments: BaseModel) -> Standing:
        handle = self._handle(reference, account)
        call = handle.execute_update(update, args=arguments, result_type=Standing)
        return await self._update(handle, call)

    async def _update(self, handle: WorkflowHandle[Any, OrderResult], call: Awaitable[T]) -> T:
        try:
            return await self._answer(call)
        except OrderUnknown:
            description = await self._answer(handle.describe())
            if description.status is WorkflowExecutionStatus.RUNNING:
                raise
            raise OrderRefused(ORDER_CLOSED, "the order is closed; `baton show` tells how it ended") from None

    async def _answer(self, call: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                return await call
        except WorkflowUpdateFailedError as error:
            cause = error.cause
            code = cause.type if isinstance(cause, ApplicationError) and cause.type else "refused"
            message = cause.message if isinstance(cause, ApplicationError) else str(cause)
            raise OrderRefused(code, message) from None
        except WorkflowQueryFailedError as error:
            raise Unreachable("query_failed", f"the order could not be asked: {error}") from None
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
            # The SDK hides the caller's own cancellation behind this error.
            if (task := asyncio.current_task()) and task.cancelling():
                raise asyncio.CancelledError from None
            raise Unreachable("no_worker", _NO_WORKER) from None
        except RPCError as error:
            raise _translate(error) from None


_NO_WORKER = (
    "no answer in time; what was asked is kept, and asking again is safe. "
    "Check that `baton worker` runs and that Orchestra answers it."
)


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
            return Unreachable("namespace_missing", f"{error.message} Create it, or set TEMPORAL_NAMESPACE.")
        return OrderUnknown("order_unknown", "no order has this reference in this account; see `baton list`")
    if error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
        return Unreachable("no_worker", _NO_WORKER)
    if error.status is RPCStatusCode.UNAVAILABLE:
        return Unreachable("temporal_unavailable", "Temporal does not answer; check TEMPORAL_ADDRESS and the server")
    return Unreachable("temporal_error", f"Temporal answered: {error.message}")
