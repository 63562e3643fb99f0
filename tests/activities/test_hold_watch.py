"""The watch shows the gate what is on hold, and closes it while that cannot be read."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.exceptions import ApplicationError

from activities.support import hold_gate
from activities.support.hold_gate import HoldGate
from activities.support.hold_watch import HoldWatch
from baton.holds.models import HeldCalls, HoldsState, PlaceHold
from baton.holds.names import HOLDS_ID, HOLDS_MEMO, HOLDS_WORKFLOW
from baton.holds.rules import place_hold
from baton.holds.start import holds_in, memo_of_holds
from baton.orders.messages import GatedCall
from tests.eventually import eventually
from tests.orders.states import NOON
from tests.temporal_server import temporal_server

CALL = GatedCall(account="default", route="base:USDC>spark:BTC")
UNKNOWN = "unknown"


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with temporal_server() as environment:
        yield environment.client


@pytest.fixture
async def gate(client: Client, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[HoldGate]:
    monkeypatch.setattr(hold_gate, "FIRST_LOOK", 0.2)
    watched = HoldGate()
    watching = asyncio.create_task(HoldWatch(client, watched).run())
    yield watched
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def answer(gate: HoldGate) -> str | None:
    """Return the hold that stops a call, or that this is not known."""
    try:
        held = await gate.hold_over(HeldCalls.SUBMITS, CALL)
    except ApplicationError:
        return UNKNOWN
    return held.hold_id if held else None


async def start(client: Client, memo: dict[str, object]) -> None:
    """Start a workflow of holds that no worker runs, with this memo."""
    await client.start_workflow(HOLDS_WORKFLOW, HoldsState(), id=HOLDS_ID, task_queue="nobody", memo=memo)


async def test_the_gate_follows_the_memo_and_closes_if_it_cannot_be_read(client: Client, gate: HoldGate) -> None:
    await eventually(lambda: answer(gate), lambda found: found is None)

    await start(client, {HOLDS_MEMO: "nonsense"})
    await eventually(lambda: answer(gate), lambda found: found == UNKNOWN)
    await client.get_workflow_handle(HOLDS_ID).terminate()

    state = HoldsState()
    place_hold(state, PlaceHold(what=HeldCalls.SUBMITS, reason="why"), NOON)
    await start(client, memo_of_holds(state))
    await eventually(lambda: answer(gate), lambda found: found == "hold-1")
    await client.get_workflow_handle(HOLDS_ID).terminate()
    assert await answer(gate) == "hold-1"


async def test_a_workflow_ended_by_hand_is_started_again_with_its_holds(client: Client, gate: HoldGate) -> None:
    state = HoldsState()
    place_hold(state, PlaceHold(what=HeldCalls.SUBMITS, reason="why"), NOON)
    await start(client, memo_of_holds(state))
    await eventually(lambda: answer(gate), lambda found: found == "hold-1")
    await client.get_workflow_handle(HOLDS_ID).terminate("by mistake")

    found = await eventually(
        client.get_workflow_handle(HOLDS_ID).describe, lambda seen: seen.status is WorkflowExecutionStatus.RUNNING
    )

    assert holds_in(dict(await found.memo())) == state
    assert await answer(gate) == "hold-1"
