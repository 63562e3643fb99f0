"""The search attributes of an order follow its status; a list shows who needs a person, also after an order's end."""

from datetime import UTC, datetime

from baton import AssetAmount, OrderLine
from baton.orders.after_close import raise_after_close
from baton.orders.answers import Placement
from baton.orders.rules.attention import attention_of
from tests.end_to_end.test_zeroconf import awaiting, offered
from tests.end_to_end.world import World
from tests.eventually import eventually


async def found(world: World, placed: Placement, status: str) -> bool:
    """Whether a search for this status finds the order."""
    query = f"WorkflowType = 'OrderWorkflow' AND OrchestraStatus = '{status}' AND WorkflowId = '{placed.workflow_id}'"
    return (await world.environment.client.count_workflows(query)).count == 1


async def test_an_order_that_waits_for_approval_is_found_by_its_status(world: World) -> None:
    placed = await offered(world, "zeroconf_offer", mode="ask")
    await awaiting(world, placed)

    await eventually(lambda: found(world, placed, "awaiting_approval"))

    await world.baton.decide_zeroconf(placed.reference, accept=True, reason="known payer")
    await world.baton.wait(placed.reference)
    await eventually(lambda: found(world, placed, "completed"))


async def test_progress_that_stands_is_found_after_the_next_poll_at_the_latest(world: World) -> None:
    placed = await world.place(scenario="stepped")
    await world.deposit_and_report(placed)
    order_id = (await world.until(placed, status="processing")).order_id
    await world.sandbox.advance(order_id)
    status = (await eventually(lambda: world.snapshot(placed), lambda now: now.status != "processing")).status
    assert status is not None

    await world.advance(placed, minutes=30)

    await eventually(lambda: found(world, placed, status))


async def listed(world: World, placed: Placement, **wanted: object) -> list[bool]:
    """Return the attention of the order's lines in a list."""
    lines = await world.baton.list_orders(limit=1000, **wanted)  # type: ignore[arg-type]
    return [line.attention for line in lines if line.reference == placed.reference]


async def test_an_ended_order_is_listed_until_its_attention_is_resolved(world: World) -> None:
    placed = await world.place(scenario="refund_without_tx")
    await world.deposit_and_report(placed)
    await world.baton.wait(placed.reference)

    await eventually(lambda: listed(world, placed, attention=True), lambda found: found == [True])
    assert await listed(world, placed, attention=True, outcome="refunded") == [True]
    assert await listed(world, placed, attention=True, outcome="completed") == []
    assert await listed(world, placed, attention=False) == []
    assert await listed(world, placed) == [True]

    await world.baton.resolve(placed.reference, note="paid out, 0xrefund")

    await eventually(lambda: listed(world, placed, attention=True), lambda found: found == [])
    assert await listed(world, placed, attention=False) == [False]


async def test_money_after_a_cancel_is_listed_as_attention(world: World) -> None:
    placed = await world.place()
    await world.baton.cancel(placed.reference)
    late = [attention_of("late_deposit", f"{tx_id} came", datetime.now(UTC)) for tx_id in ("0xaa", "0xbb")]

    for attention in [*late, *late]:
        await raise_after_close(world.environment.client, placed.workflow_id, attention)

    await eventually(lambda: listed(world, placed, attention=True), lambda found: found == [True])
    assert [attention.message for attention in (await world.snapshot(placed)).attentions] == ["0xaa came; 0xbb came"]

    await world.baton.resolve(placed.reference, note="returned both")
    await raise_after_close(world.environment.client, placed.workflow_id, late[0])

    snapshot = await world.snapshot(placed)
    assert [attention.reason for attention in snapshot.attentions] == ["late_deposit"]
    assert [done.note for done in snapshot.resolutions] == ["returned both"]


async def test_a_list_shows_what_was_ordered(world: World) -> None:
    swap = await world.place(amount="100.5 USDC")
    onramp = await world.place(
        kind="onramp", sourceChain="lightning", sourceAsset="BTC", destinationAsset="USDB", amount="$25.00"
    )

    async def lines() -> dict[str, OrderLine]:
        return {line.reference: line for line in await world.baton.list_orders(limit=1000)}

    listed = await eventually(lines, lambda found: {swap.reference, onramp.reference} <= set(found))
    assert listed[swap.reference].amount == AssetAmount(amount=100_500_000, asset="USDC", chain="base", decimals=6)
    assert listed[onramp.reference].amount_fiat_usd == "25.00"
