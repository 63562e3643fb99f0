"""The runner that keeps little of a waiting order. Its bounds do not depend on the machine's speed."""

import gc
import os

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from baton.payloads import data_converter
from baton.process.compact_runner import CompactRunner, DetachedHeaders
from bench.support.machine import resident_bytes
from tests.process.waiting_orders import record, waiting_orders
from tests.replay import store
from workflows.registry import WORKFLOWS

WAITING = 300

MOST_BYTES = 42_000
"""The most that a waiting order may take, without what the SDK's native library keeps. Lower it when it gets less."""

PADDING = 100_000


def awaiting_deposit(padding: int = 0) -> WorkflowHistory:
    """Return the history of an order until it waits for its deposit, its input longer by so many blanks."""
    stored = store.load("open_progress_listed")
    events = [type(event).FromString(event.SerializeToString()) for event in stored.events[:9]]
    (payload,) = events[0].workflow_execution_started_event_attributes.input.payloads
    payload.data += b" " * padding
    return WorkflowHistory(stored.workflow_id, events)


async def bytes_of_a_waiting_order(history: WorkflowHistory) -> float:
    recorded = await record(history)
    orders = await waiting_orders(recorded, 20)
    gc.collect()
    before = resident_bytes(os.getpid())
    orders += await waiting_orders(recorded, WAITING)
    gc.collect()
    return (resident_bytes(os.getpid()) - before) / WAITING


async def test_a_waiting_order_keeps_below_its_memory_bound() -> None:
    assert await bytes_of_a_waiting_order(awaiting_deposit()) < MOST_BYTES


async def test_a_waiting_order_does_not_keep_the_task_that_started_it() -> None:
    assert await bytes_of_a_waiting_order(awaiting_deposit(PADDING)) < PADDING


@pytest.mark.parametrize("name", sorted(store.stored()))
async def test_a_stored_history_replays_without_the_workflow_sandbox(name: str) -> None:
    replayer = Replayer(
        workflows=WORKFLOWS,
        workflow_runner=CompactRunner(),
        interceptors=[DetachedHeaders()],
        data_converter=data_converter,
    )

    await replayer.replay_workflow(store.load(name))
