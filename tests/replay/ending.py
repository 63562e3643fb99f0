"""How a run ended, read from its history alone."""

import json

from temporalio.client import WorkflowHistory

from tests.replay.registry import CONTINUED, OPEN


def ending_of(history: WorkflowHistory) -> str:
    """Return the order's outcome, or `open`, `continued`, or the event that ended the run otherwise."""
    last = history.events[-1]
    kind = (last.WhichOneof("attributes") or "").removesuffix("_event_attributes")
    if kind == "workflow_execution_completed":
        result = last.workflow_execution_completed_event_attributes.result
        return str(json.loads(result.payloads[0].data)["outcome"])
    if kind == "workflow_execution_continued_as_new":
        return CONTINUED
    return kind if kind.startswith("workflow_execution_") and kind.endswith(_BROKEN) else OPEN


_BROKEN = ("failed", "timed_out", "canceled", "terminated")
