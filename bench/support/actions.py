"""The billable actions of a workflow's history, by Temporal Cloud's definition. Pure.

The definition is https://docs.temporal.io/evaluate/cloud/actions, as read on 2026-11-29. What leaves no event cannot be
counted here: queries, heartbeats of activities, and the activities that run without a workflow.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent

_CHANGE_VERSION = "TemporalChangeVersion"
"""Set by `workflow.patched`; an upsert of it alone is no action."""

_SCHEDULED_BY = "TemporalScheduledById"

_E = EventType


class BillableAction(NamedTuple):
    """One kind of action, and how many of it.

    Attributes:
        kind: The metric name of Temporal Cloud's table.
        number: How many.
    """

    kind: str
    number: int = 1


def actions_of(events: Sequence[HistoryEvent]) -> Counter[str]:
    """Return the billable actions of one run of a workflow by kind, under the names of Temporal Cloud's metrics.

    A child workflow counts twice in its parent's history, for the intent and for the start, and not in its own. A
    signal of another workflow counts where it arrives.
    """
    found: Counter[str] = Counter()
    for action in _actions(events):
        found[action.kind] += action.number
    return +found


def _actions(events: Sequence[HistoryEvent]) -> Iterator[BillableAction]:
    signalled_at_start = _signalled_at_start(events)
    for event in events:
        if signalled_at_start and event.event_type == _E.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
            yield BillableAction("signal_workflow_with_start")
        elif signalled_at_start and event is events[1]:
            continue
        elif event.event_type in _RULES:
            yield from _RULES[event.event_type](event)
        elif event.event_type in _SIMPLE:
            yield BillableAction(_SIMPLE[event.event_type])
    yield BillableAction("record_activity_markers", len(_tasks_with_markers(events)))


def _signalled_at_start(events: Sequence[HistoryEvent]) -> bool:
    """Whether one request started and signalled the workflow: then the signal precedes the first workflow task."""
    return len(events) > 1 and events[1].event_type == _E.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED


def _tasks_with_markers(events: Sequence[HistoryEvent]) -> set[int]:
    """Return the workflow tasks that recorded markers, such as local activities; all of one task are one action."""
    return {
        event.marker_recorded_event_attributes.workflow_task_completed_event_id
        for event in events
        if event.event_type == _E.EVENT_TYPE_MARKER_RECORDED
    }


def _start(event: HistoryEvent) -> Iterator[BillableAction]:
    started = event.workflow_execution_started_event_attributes
    if started.continued_execution_run_id:
        yield BillableAction("continue_as_new_workflow")
    elif _SCHEDULED_BY in started.search_attributes.indexed_fields:
        yield BillableAction("schedule_workflow", 3)
    elif not started.HasField("parent_workflow_execution"):
        yield BillableAction("start_workflow")


def _attempts(event: HistoryEvent) -> Iterator[BillableAction]:
    """Yield the retries of an activity: only its last attempt has an event, which has their number."""
    yield BillableAction("retry_activity", event.activity_task_started_event_attributes.attempt - 1)


def _local_retries(event: HistoryEvent) -> Iterator[BillableAction]:
    metering = event.workflow_task_completed_event_attributes.metering_metadata
    yield BillableAction("retry_activity_local", metering.nonfirst_local_activity_execution_attempts)


def _upsert(event: HistoryEvent) -> Iterator[BillableAction]:
    fields = event.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields
    if set(fields) != {_CHANGE_VERSION}:
        yield BillableAction("upsert_workflow_search_attributes")


def _child(_: HistoryEvent) -> Iterator[BillableAction]:
    yield BillableAction("start_child_workflow", 2)


def _reset(event: HistoryEvent) -> Iterator[BillableAction]:
    cause = event.workflow_task_failed_event_attributes.cause
    if cause == WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW:
        yield BillableAction("reset_workflow")


_RULES: Mapping[int, Callable[[HistoryEvent], Iterator[BillableAction]]] = {
    _E.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED: _start,
    _E.EVENT_TYPE_ACTIVITY_TASK_STARTED: _attempts,
    _E.EVENT_TYPE_WORKFLOW_TASK_COMPLETED: _local_retries,
    _E.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: _upsert,
    _E.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED: _child,
    _E.EVENT_TYPE_WORKFLOW_TASK_FAILED: _reset,
}

_SIMPLE: Mapping[int, str] = {
    _E.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: "schedule_activity",
    _E.EVENT_TYPE_TIMER_STARTED: "start_timer",
    _E.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: "signal_workflow",
    _E.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED: "accept_workflow_update",
    _E.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED: "update_workflow_options",
    _E.EVENT_TYPE_NEXUS_OPERATION_SCHEDULED: "schedule_nexus_operation",
    _E.EVENT_TYPE_NEXUS_OPERATION_CANCEL_REQUESTED: "request_nexus_operation_cancellation",
}
