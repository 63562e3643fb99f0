"""Orders of an earlier version of the workflow can continue under this one."""

import logging
import re
from collections.abc import AsyncIterator

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import History
from temporalio.client import WorkflowHistory
from temporalio.workflow import NondeterminismError

from baton.local.sandbox.options import DEFAULT_KEY
from tests.end_to_end.world import SECRET
from tests.replay import store
from tests.replay.changed import CARELESS
from tests.replay.changed_addresses import CARELESS_ADDRESSES
from tests.replay.changed_children import CARELESS_CHILDREN
from tests.replay.ending import ending_of
from tests.replay.paths import ALL, OTHERS
from tests.replay.registry import OrderPath, OtherPath, child_name
from tests.replay.replayer import failures_of, replay, replay_deployed
from tests.replay.runs import children_started
from workflows.deposit_watch import DepositWatchWorkflow
from workflows.registry import WORKFLOWS

_WITHOUT_HISTORIES = (DepositWatchWorkflow,)
UPSERTED = "upsert_workflow_search_attributes_event_attributes"
STORED = sorted(store.stored())


@pytest.mark.parametrize("name", STORED)
async def test_a_stored_history_replays(name: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        await replay_deployed(store.load(name))

    assert caplog.messages == []


@pytest.mark.parametrize("changed", CARELESS, ids=lambda changed: changed.__name__)
async def test_a_carelessly_changed_workflow_is_caught(changed: type) -> None:
    with pytest.raises(NondeterminismError):
        await replay(changed, store.load("stablecoin"))


@pytest.mark.parametrize(
    ("name", "changed"),
    {**CARELESS_CHILDREN, **CARELESS_ADDRESSES}.items(),
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_a_careless_change_beside_the_order_is_caught(name: str, changed: type) -> None:
    with pytest.raises(NondeterminismError):
        await replay(changed, store.load(name))


async def test_of_many_replays_the_failed_ones_are_named() -> None:
    async def both() -> AsyncIterator[WorkflowHistory]:
        yield store.load("refunded")
        yield with_another_command(store.load("stablecoin"))

    failures = await failures_of(both())

    assert list(failures) == [store.load("stablecoin").workflow_id]
    assert "Nondeterminism error" in failures[store.load("stablecoin").workflow_id]


def test_every_path_has_its_stored_histories_and_every_history_a_path() -> None:
    expected = {name for path in [*ALL.values(), *OTHERS.values()] for name in path.stored_as}

    assert set(STORED) == expected, "record the missing ones: python -m tests.replay.record"


def with_another_command(history: WorkflowHistory) -> WorkflowHistory:
    """Return a history in which a timer was started where the workflow writes its search attributes."""
    events = History.FromString(History(events=history.events).SerializeToString()).events
    written = next(event for event in events if event.HasField(UPSERTED))
    written.event_type = EventType.EVENT_TYPE_TIMER_STARTED
    written.timer_started_event_attributes.timer_id = "1"
    return WorkflowHistory(history.workflow_id, list(events))


def test_every_deployed_workflow_of_an_order_has_stored_histories() -> None:
    others = {workflow.__name__ for workflow in _WITHOUT_HISTORIES}
    of_orders = {workflow.__name__ for workflow in WORKFLOWS} - others

    assert {workflow_of(name) for name in STORED} == of_orders


@pytest.mark.parametrize("path", ALL.values(), ids=lambda path: path.name)
def test_a_stored_history_belongs_to_the_path_of_its_name(path: OrderPath) -> None:
    assert {name: ending_of(store.load(name)) for name in path.stored_as} == path.stored_as
    assert store.load(path.name).workflow_id == f"order/default/{path.reference}"


@pytest.mark.parametrize("path", OTHERS.values(), ids=lambda path: path.name)
def test_a_history_of_no_order_ended_as_its_path_says(path: OtherPath) -> None:
    assert ending_of(store.load(path.name)) == path.ends


@pytest.mark.parametrize("path", ALL.values(), ids=lambda path: path.name)
def test_the_stored_children_are_those_that_the_order_started(path: OrderPath) -> None:
    started = children_started(store.load(path.name))
    stored = {kind: store.load(child_name(path.name, kind)) for kind in path.children}

    assert {kind: child.workflow_id for kind, child in started.items()} == {
        kind: history.workflow_id for kind, history in stored.items()
    }
    for kind, history in stored.items():
        assert history.events[0].workflow_execution_started_event_attributes.original_execution_run_id == (
            started[kind].run_id
        )


def workflow_of(name: str) -> str:
    return store.load(name).events[0].workflow_execution_started_event_attributes.workflow_type.name


@pytest.mark.parametrize("name", STORED)
def test_a_stored_history_holds_no_secret_and_no_machine_names(name: str) -> None:
    raw = History(events=store.load(name).events).SerializeToString()

    assert DEFAULT_KEY.encode() not in raw
    assert SECRET.encode() not in raw
    assert not re.search(rb"whsec_|Bearer |fn_[a-z]", raw)
    assert not re.search(rb"\d+@\w|File \"|127\.0\.0\.1|localhost", raw)
