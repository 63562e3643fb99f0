"""The count of billable actions: of whole stored histories, and of each rule that they do not show."""

import json
from datetime import UTC, datetime

from temporalio.api.common.v1 import Payload, SearchAttributes
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent

from bench.support.actions import actions_of
from tests.replay.store import load


def started(**attributes: object) -> HistoryEvent:
    event = HistoryEvent(event_id=1, event_type=EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED)
    event.event_time.FromDatetime(datetime(2026, 1, 1, tzinfo=UTC))
    for name, value in attributes.items():
        getattr(event.workflow_execution_started_event_attributes, name).MergeFrom(value)
    return event


def upsert(*names: str) -> HistoryEvent:
    event = HistoryEvent(event_id=5, event_type=EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES)
    attributes = event.upsert_workflow_search_attributes_event_attributes.search_attributes
    attributes.MergeFrom(SearchAttributes(indexed_fields=dict.fromkeys(names, Payload(data=json.dumps("x").encode()))))
    return event


def marker(task: int) -> HistoryEvent:
    event = HistoryEvent(event_id=6, event_type=EventType.EVENT_TYPE_MARKER_RECORDED)
    event.marker_recorded_event_attributes.workflow_task_completed_event_id = task
    return event


def test_an_order_on_its_happy_path_has_twelve_actions() -> None:
    assert actions_of(load("local_swap").events) == {
        "start_workflow": 1,
        "accept_workflow_update": 2,
        "record_activity_markers": 3,
        "upsert_workflow_search_attributes": 3,
        "signal_workflow": 2,
        "start_timer": 1,
    }


def test_a_run_that_continues_another_counts_as_its_own_start() -> None:
    actions = actions_of(load("continued_middle_run").events)

    assert actions["continue_as_new_workflow"] == 1
    assert actions["start_workflow"] == 0


def test_a_workflow_started_by_a_signal_counts_once_for_both() -> None:
    events = load("address_deposit").events
    signals = sum(event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED for event in events)
    actions = actions_of(events)

    assert actions["signal_workflow_with_start"] == 1
    assert actions["start_workflow"] == 0
    assert actions["signal_workflow"] == signals - 1


def test_a_child_counts_twice_in_its_parent_and_not_in_itself() -> None:
    parent, child = (actions_of(load(f"attention_resolved_after_the_end{part}").events) for part in ("", ".attention"))

    assert parent["start_child_workflow"] == 4
    assert (child["start_workflow"], child["start_child_workflow"]) == (0, 0)


def test_every_further_attempt_of_an_activity_counts() -> None:
    events = load("last_look_finds_the_deposit").events
    attempts = [
        event.activity_task_started_event_attributes.attempt
        for event in events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
    ]

    assert max(attempts) > 1
    assert actions_of(events)["retry_activity"] == sum(attempts) - len(attempts)


def test_local_activities_of_one_workflow_task_count_once() -> None:
    assert actions_of([started(), marker(4), marker(4), marker(9)])["record_activity_markers"] == 2


def test_an_upsert_of_the_change_version_alone_does_not_count() -> None:
    version, status = "TemporalChangeVersion", "BatonStatus"

    assert actions_of([started(), upsert(version)])["upsert_workflow_search_attributes"] == 0
    assert actions_of([started(), upsert(version, status), upsert(status)])["upsert_workflow_search_attributes"] == 2


def test_a_workflow_started_by_a_schedule_counts_three_times() -> None:
    fields = {"TemporalScheduledById": Payload(data=b'"nightly"')}

    assert actions_of([started(search_attributes=SearchAttributes(indexed_fields=fields))]) == {"schedule_workflow": 3}


def test_a_failed_workflow_task_counts_only_for_a_reset() -> None:
    event = HistoryEvent(event_id=7, event_type=EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED)
    failed = event.workflow_task_failed_event_attributes
    failed.cause = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR
    plain = actions_of([event])
    failed.cause = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW

    assert plain == {}
    assert actions_of([event]) == {"reset_workflow": 1}
