"""The timeline of an order in Temporal names what happened; nothing that a signal carries is lost unseen."""

from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.common import RawValue

from baton.chains.deposits import Deposit, DepositState
from baton.orders.answers import Placement
from baton.orders.models import Outcome, Phase
from baton.orders.seen_deposits import DepositNotice
from baton.orders.signal_names import DEPOSIT_SIGNALS, ORDER_SIGNALS, deposit_signal
from tests.end_to_end.world import World
from tests.eventually import eventually


async def signals(world: World, placed: Placement) -> list[str]:
    """Return the names of the signals in the order's history."""
    return [
        event.workflow_execution_signaled_event_attributes.signal_name
        async for event in world.handle(placed).fetch_history_events()
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
    ]


def notice(placed: Placement, tx_id: str, state: DepositState) -> DepositNotice:
    assert placed.deposit_address is not None
    asset = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
    return DepositNotice(
        deposit=Deposit(
            chain="base",
            address=placed.deposit_address,
            asset=asset,
            symbol="USDC",
            tx_id=tx_id,
            index="0",
            amount=100_000_000,
            state=state,
        )
    )


async def test_webhooks_are_signals_named_by_their_status(world: World) -> None:
    placed = await world.place(scenario="stepped")
    await world.deposit_and_report(placed)
    order_id = (await world.until(placed, status="processing")).order_id
    await world.sandbox.advance(order_id, "swapping")
    await world.until(placed, status="swapping")
    await world.sandbox.advance(order_id, "delivering")
    await world.sandbox.advance(order_id, "completed")
    await world.baton.wait(placed.reference)

    names = await signals(world, placed)

    assert set(names) <= ORDER_SIGNALS
    assert {"order.swapping", "order.completed"} <= set(names)


async def test_a_deposit_that_the_chain_shows_is_a_signal_of_that_name(world: World) -> None:
    placed = await world.place()
    proof = await world.deposit(placed, detect=False)
    assert proof.tx_hash is not None

    for state in (DepositState.SEEN, DepositState.CONFIRMED):
        shown = notice(placed, proof.tx_hash, state)
        await world.handle(placed).signal(deposit_signal(shown), [shown.model_dump(mode="json")])

    assert (await world.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    names = await signals(world, placed)
    assert names[:2] == [DEPOSIT_SIGNALS[DepositState.SEEN], DEPOSIT_SIGNALS[DepositState.CONFIRMED]]


async def anomalies_after(world: World, name: str, *arguments: Any) -> list[str]:
    """Send an order a signal; return its anomalies once it has read the signal."""
    placed = await world.place()
    await world.handle(placed).signal(name, args=list(arguments))
    snapshot = await eventually(lambda: world.snapshot(placed), lambda now: bool(now.anomalies))
    assert snapshot.phase is Phase.AWAITING_DEPOSIT
    return [anomaly.message for anomaly in snapshot.anomalies]


async def test_a_signal_that_cannot_be_decoded_is_noted(world: World) -> None:
    broken = RawValue(Payload(metadata={"encoding": b"json/plain"}, data=b"{half"))

    (message,) = await anomalies_after(world, "order.swapping", broken)

    assert message.startswith("the signal order.swapping could not be read: ")


async def test_a_signal_of_a_name_that_nobody_knows_is_noted(world: World) -> None:
    assert await anomalies_after(world, "polish", {"shoes": 2}) == ["the signal polish could not be read: {'shoes': 2}"]


async def test_a_named_signal_without_content_is_noted(world: World) -> None:
    assert await anomalies_after(world, "order.swapping") == ["an observation could not be read: None"]
