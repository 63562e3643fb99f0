"""How a run of an order or of its child ended, according to its history."""

import json

from temporalio.client import WorkflowHistory

from baton.orders.rules.refused import ORDER_REFUSED
from tests.replay.registry import CONTINUED, OPEN


def ending_of(history: WorkflowHistory) -> str:
    """Return the order's outcome, or else `open`, `continued`, or the event that ended the run.

    The outcome of a refund is its last status; that of an approval is the end of its offer,
    attention after an order's end is `resolved`, a round of claims, a planned read, a bulk
    and a reconciliation are `done`, and that of an address, a link or a placement is its last phase.
    """
    last = history.events[-1]
    kind = (last.WhichOneof("attributes") or "").removesuffix("_event_attributes")
    if kind == "workflow_execution_completed":
        payload = last.workflow_execution_completed_event_attributes.result.payloads[0]
        result = json.loads(payload.data)
        if "resolutions" in result:
            return RESOLVED
        if {"lines", "signalled", "waiting", "counts"} & set(result):
            return DONE
        return str(next(result[field] for field in _OUTCOMES if result.get(field)))
    if kind == "workflow_execution_failed":
        failure = last.workflow_execution_failed_event_attributes.failure.application_failure_info
        if failure.type == ORDER_REFUSED:
            return str(json.loads(failure.details.payloads[-1].data)["outcome"])
    if kind == "workflow_execution_continued_as_new":
        return CONTINUED
    return kind if kind.startswith("workflow_execution_") and kind.endswith(_BROKEN) else OPEN


RESOLVED = "resolved"
DONE = "done"
_OUTCOMES = ("outcome", "end", "status", "phase")
_BROKEN = ("failed", "timed_out", "canceled", "terminated")
