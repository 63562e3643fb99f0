"""What Temporal's history knows of an order's past: calls of Orchestra, polls, updates and child workflows."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from temporalio.api.enums.v1 import EventType
from temporalio.converter import DataConverter

from baton.timeline.entries import EntryKind, TimelineEntry, spoken

_ANSWERED_BY_PLACEMENT = frozenset({"place"})
"""Updates that say nothing beside the order's placement."""

_ENDS = {
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED: "activity_task_completed_event_attributes",
    EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED: "activity_task_failed_event_attributes",
    EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT: "activity_task_timed_out_event_attributes",
    EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED: "activity_task_canceled_event_attributes",
}


class CallEnd(NamedTuple):
    """How an activity ended: when, and why if it failed."""

    at: datetime
    failure: str


async def history_entries(events: Iterable[Any], converter: DataConverter) -> list[TimelineEntry]:
    """Return the entries of a workflow's history, in the order of the history.

    Args:
        events: The events of the history.
        converter: Reads the summaries, which may be encrypted.
    """
    known = list(events)
    ends = _ends_of(known)
    entries = [await _entry(event, ends, converter) for event in known]
    return [entry for entry in entries if entry is not None]


def _ends_of(events: list[Any]) -> dict[int, CallEnd]:
    found: dict[int, CallEnd] = {}
    for event in events:
        if name := _ENDS.get(event.event_type):
            attributes = getattr(event, name)
            failure = attributes.failure.message if hasattr(attributes, "failure") else ""
            found[attributes.scheduled_event_id] = CallEnd(_time(event), failure)
    return found


async def _entry(event: Any, ends: dict[int, CallEnd], converter: DataConverter) -> TimelineEntry | None:
    if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
        name = event.activity_task_scheduled_event_attributes.activity_type.name
        return _call(event, await _summary(event, converter) or spoken(name), ends.get(event.event_id))
    if event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED:
        return _local_call(event, await _summary(event, converter))
    if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
        return _update(event)
    if event.event_type == EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED:
        kind = event.child_workflow_execution_started_event_attributes.workflow_type.name
        return _workflow(event, f"{kind} started")
    if event.event_type == EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_COMPLETED:
        kind = event.child_workflow_execution_completed_event_attributes.workflow_type.name
        return _workflow(event, f"{kind} ended")
    return None


def _call(event: Any, what: str, end: CallEnd | None) -> TimelineEntry:
    if end is None:
        detail = "under way"
    else:
        seconds = (end.at - _time(event)).total_seconds()
        detail = f"failed after {seconds:.1f} s: {end.failure}" if end.failure else f"done after {seconds:.1f} s"
    is_bad = bool(end and end.failure)
    return TimelineEntry(at=_time(event), kind=EntryKind.CALL, what=what, detail=detail, source="baton", is_bad=is_bad)


def _local_call(event: Any, summary: str | None) -> TimelineEntry | None:
    attributes = event.marker_recorded_event_attributes
    if summary is None or attributes.marker_name != "core_local_activity":
        return None  # a version marker, or a write of the ledger, which has its own entry
    failure = attributes.failure.message
    detail = f"failed: {failure}" if failure else "done"
    return TimelineEntry(
        at=_time(event), kind=EntryKind.CALL, what=summary, detail=detail, source="baton", is_bad=bool(failure)
    )


def _update(event: Any) -> TimelineEntry | None:
    name = event.workflow_execution_update_accepted_event_attributes.accepted_request.input.name
    if not name or name in _ANSWERED_BY_PLACEMENT:
        return None
    return TimelineEntry(at=_time(event), kind=EntryKind.UPDATE, what=spoken(name), source="business")


def _workflow(event: Any, what: str) -> TimelineEntry:
    return TimelineEntry(at=_time(event), kind=EntryKind.CALL, what=what, source="baton")


async def _summary(event: Any, converter: DataConverter) -> str | None:
    payload = event.user_metadata.summary
    if not payload.data:
        return None
    try:
        return str((await converter.decode([payload], [str]))[0])
    except Exception:  # another key encrypted it, or another converter wrote it; the name of the call is enough
        return None


def _time(event: Any) -> datetime:
    at: datetime = event.event_time.ToDatetime(UTC)
    return at
