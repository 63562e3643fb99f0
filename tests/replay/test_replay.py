"""Orders that an earlier version of the workflow started can go on under this one."""

import logging
import re

import pytest
from temporalio.api.history.v1 import History
from temporalio.workflow import NondeterminismError

from sandbox.options import DEFAULT_KEY
from tests.end_to_end.world import SECRET
from tests.replay import store
from tests.replay.changed import CARELESS
from tests.replay.ending import ending_of
from tests.replay.paths import ALL
from tests.replay.replaying import replay
from workflows.order import OrderWorkflow

STORED = sorted(store.stored())


@pytest.mark.parametrize("name", STORED)
async def test_a_stored_history_replays(name: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        await replay(OrderWorkflow, store.load(name))

    assert caplog.messages == []


@pytest.mark.parametrize("changed", CARELESS, ids=lambda changed: changed.__name__)
async def test_a_carelessly_changed_workflow_is_caught(changed: type) -> None:
    with pytest.raises(NondeterminismError):
        await replay(changed, store.load("stablecoin"))


def test_every_path_has_a_stored_history_and_every_history_a_path() -> None:
    assert set(STORED) == set(ALL), "record what is missing: python -m tests.replay.record"


@pytest.mark.parametrize("name", STORED)
def test_a_stored_history_is_of_the_path_it_is_named_for(name: str) -> None:
    history = store.load(name)

    assert ending_of(history) == ALL[name].ends
    assert history.workflow_id == f"order/default/{ALL[name].reference}"


@pytest.mark.parametrize("name", STORED)
def test_a_stored_history_holds_no_secret_and_nothing_of_the_machine_it_was_recorded_on(name: str) -> None:
    raw = History(events=store.load(name).events).SerializeToString()

    assert DEFAULT_KEY.encode() not in raw
    assert SECRET.encode() not in raw
    assert not re.search(rb"whsec_|Bearer |fn_[a-z]", raw)
    assert not re.search(rb"\d+@\w|File \"|127\.0\.0\.1|localhost", raw)
