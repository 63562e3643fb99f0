"""How a run of an order or of its child ended, read from its history alone."""

import json

from temporalio.client import WorkflowHistory

from tests.replay.registry import CONTINUED, OPEN


def ending_of(history: WorkflowHistory) -> str:
    """Return the order's outcome, or `open`, `continued`, or the event that ended the run otherwise.

    A refund's outcome is its last status, an approval's how the offer ended.
    """
    last = history.events[-1]
    kind = (last.WhichOneof("attributes") or "").removesuffix("_event_attributes")
    if kind == "workflow_execution_completed":
        result = last.workflow_execution_completed_event_attributes.result
        told = json.loads(result.payloads[0].data)
        return str(next(told[field] for field in _OUTCOMES if field in told))
    if kind == "workflow_execution_continued_as_new":
        return CONTINUED
    return kind if kind.startswith("workflow_execution_") and kind.endswith(_BROKEN) else OPEN


_OUTCOMES = ("outcome", "end", "status")
_BROKEN = ("failed", "timed_out", "canceled", "terminated")
