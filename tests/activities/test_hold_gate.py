"""Nothing passes the gate before it knows what is on hold."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

from activities.support import hold_gate
from activities.support.hold_gate import HoldGate
from baton.holds.models import HeldCalls, HoldsState, PlaceHold
from baton.holds.rules import place_hold
from baton.metrics.instruments import REGISTRY
from baton.orders.messages import GatedCall
from tests.orders.states import NOON

CALL = GatedCall(account="default", route="base:USDC>spark:BTC")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hold_gate, "FIRST_LOOK", 0.05)


async def test_before_the_first_look_a_call_is_tried_again_later() -> None:
    with pytest.raises(ApplicationError, match="not known") as failed:
        await HoldGate().hold_over(HeldCalls.SUBMITS, CALL)

    assert (failed.value.type, failed.value.non_retryable) == ("holds_unknown", False)


async def test_a_call_waits_for_the_first_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hold_gate, "FIRST_LOOK", 10)
    gate = HoldGate()
    asked = asyncio.create_task(gate.hold_over(HeldCalls.SUBMITS, CALL))
    await asyncio.sleep(0)

    gate.show(HoldsState())

    assert await asked is None


async def test_what_is_on_hold_is_stopped_until_it_is_shown_as_released() -> None:
    state = HoldsState()
    place_hold(state, PlaceHold(what=HeldCalls.SUBMITS, reason="why"), NOON)
    gate = HoldGate(state)
    assert await gate.hold_over(HeldCalls.SUBMITS, CALL) is not None

    gate.show(HoldsState())

    assert await gate.hold_over(HeldCalls.SUBMITS, CALL) is None


async def test_the_gate_counts_holds_for_metrics() -> None:
    state = HoldsState()
    place_hold(state, PlaceHold(what=HeldCalls.SUBMITS, reason="why"), NOON)

    HoldGate().show(state)
    counted = [REGISTRY.get_sample_value("baton_holds", {"kind": what}) for what in ("submits", "approvals")]

    assert counted == [1, 0]


async def test_a_gate_that_lost_sight_of_the_holds_is_closed() -> None:
    gate = HoldGate(HoldsState())

    gate.close()
    with pytest.raises(ApplicationError, match="not known"):
        await gate.hold_over(HeldCalls.SUBMITS, CALL)
    gate.show(HoldsState())

    assert await gate.hold_over(HeldCalls.SUBMITS, CALL) is None


async def test_the_age_of_the_oldest_hold_is_shown_until_its_release() -> None:
    gate, state = HoldGate(), HoldsState()
    for at in (NOON, NOON + timedelta(hours=1)):
        place_hold(state, PlaceHold(what=HeldCalls.SUBMITS, reason="why", route=f"chain-{at.hour}"), at)

    gate.show(state)
    shown = REGISTRY.get_sample_value("baton_hold_since_timestamp_seconds", {"kind": "submits"})
    gate.show(HoldsState())

    assert shown == NOON.timestamp()
    assert REGISTRY.get_sample_value("baton_hold_since_timestamp_seconds", {"kind": "submits"}) is None
