"""The report of an account's last planned reconciliation: the result of the workflow that its schedule started last."""

from typing import NamedTuple

from temporalio.client import Client, ScheduleActionExecutionStartWorkflow, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from baton.reconciliation.messages import ReconcileReport, reconcile_schedule_id


class LastReconciliation(NamedTuple):
    """The last planned reconciliation; without a report it runs, did not end by itself, or is forgotten."""

    workflow_id: str
    status: str
    report: ReconcileReport | None


async def last_reconciliation(client: Client, account: str) -> LastReconciliation | None:
    """Return the last planned reconciliation of an account; None if there is no schedule, or none has started yet.

    Raises:
        RPCError: Temporal did not answer.
    """
    try:
        schedule = await client.get_schedule_handle(reconcile_schedule_id(account)).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
    for recent in reversed(schedule.info.recent_actions):
        if isinstance(recent.action, ScheduleActionExecutionStartWorkflow):
            return await _ended(client, recent.action.workflow_id)
    return None


async def _ended(client: Client, workflow_id: str) -> LastReconciliation:
    handle = client.get_workflow_handle(workflow_id, result_type=ReconcileReport)
    try:
        found = await handle.describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return LastReconciliation(workflow_id, "forgotten by Temporal", None)
    status = found.status.name.lower() if found.status else "unknown"
    completed = found.status is WorkflowExecutionStatus.COMPLETED
    return LastReconciliation(workflow_id, status, await handle.result() if completed else None)
