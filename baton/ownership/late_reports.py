"""A deposit that the business reports after its order has ended: a follow-up takes it."""

from contextlib import suppress

from temporalio.client import Client, WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError

from baton.orders.answers import Snapshot, Standing
from baton.orders.models import Phase
from baton.orders.names import REPORT_DEPOSIT, follow_up_reference, order_workflow_id
from baton.orders.rules.follow_up import knows_deposit
from baton.orders.rules.updates import ORDER_CLOSED
from baton.orders.state import DepositReport
from baton.ownership.follow_ups import MAX_GENERATIONS, FollowUps, attention_for
from baton.ownership.order_workflows import Fate, Holder, OrderWorkflows, is_unknown


class LateReports:
    """Takes reports for orders that have ended.

    Args:
        client: A Temporal client.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._workflows = OrderWorkflows(client)
        self._follow_ups = FollowUps(client)

    async def report(self, workflow_id: str, report: DepositReport) -> Standing | None:
        """Continue an order that has ended with a reported deposit. Repeating it is harmless.

        Returns:
            Where the order that took the deposit stands, with its reference if it is a follow-up; None if the report
            continues nothing, because Orchestra ended the order and nobody had named this deposit to it.

        Raises:
            ApplicationError: The report names no possible deposit of the order.
            WorkflowUpdateFailedError: The follow-up does not take the report.
            RPCError: Temporal or the workers did not answer.
        """
        for generation in range(MAX_GENERATIONS):
            holder = await self._workflows.inspect(workflow_id)
            if holder.fate is Fate.OPEN:
                return await self._report_open(workflow_id, report)
            closed = holder.closed or await self._workflows.last_state(workflow_id)
            if closed is None:
                return None
            # A workflow that was stopped may not have submitted what it knew.
            known = holder.fate is not Fate.STOPPED and knows_deposit(closed, report.proof)
            if known and (generation or not holder.end.takes_report):
                return _standing(closed, is_follow_up=generation > 0)
            if not holder.end.takes_report:
                return None
            follow_up = order_workflow_id(closed.account, follow_up_reference(closed.reference))
            try:
                return await self._start(holder, closed, report)
            except WorkflowAlreadyStartedError:
                workflow_id = follow_up
            except (RPCError, WorkflowUpdateFailedError) as error:
                if not _closed_meanwhile(error):
                    raise
                with suppress(WorkflowFailureError):
                    await self._client.get_workflow_handle(follow_up).result()
                workflow_id = follow_up
        return None

    async def _report_open(self, workflow_id: str, report: DepositReport) -> Standing:
        order = self._client.get_workflow_handle(workflow_id)
        standing: Standing = await order.execute_update(REPORT_DEPOSIT, report, result_type=Standing)
        return standing

    async def _start(self, holder: Holder, closed: Snapshot, report: DepositReport) -> Standing:
        standing = await self._follow_ups.report(closed, report, attention_for(holder))
        return standing.model_copy(update={"followed_by": follow_up_reference(closed.reference)})


def _closed_meanwhile(error: RPCError | WorkflowUpdateFailedError) -> bool:
    """Whether an update failed because its order was about to close."""
    if isinstance(error, RPCError):
        return is_unknown(error)
    return isinstance(error.cause, ApplicationError) and error.cause.type == ORDER_CLOSED


def _standing(closed: Snapshot, *, is_follow_up: bool) -> Standing:
    shared = closed.model_dump(include={"status", "outcome", "order_id", "quote_id"})
    return Standing(phase=Phase.CLOSED, followed_by=closed.reference if is_follow_up else None, **shared)
