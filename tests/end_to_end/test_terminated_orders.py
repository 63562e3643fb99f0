"""An order whose workflow somebody terminated in the Temporal UI: everything says so, and nobody is asked to pay."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from baton.errors import OrderRefused
from baton.orders.answers import Placement, Snapshot
from baton.recovery.sweep import Sweep
from tests.end_to_end.world import World
from tests.eventually import eventually

MOMENT = timedelta(seconds=2)
"""Before a test's first step: what other tests ended is none of its business."""


async def terminated(world: World) -> tuple[dict[str, Any], Placement]:
    document = world.document()
    placed = await world.baton.place(document)
    await world.handle(placed).terminate(reason="by mistake")
    return document, placed


async def test_a_snapshot_says_since_when_and_why_it_was_terminated(world: World) -> None:
    _, placed = await terminated(world)

    snapshot = await world.snapshot(placed)

    assert (snapshot.interrupted.how, snapshot.interrupted.reason) == ("terminated", "by mistake")
    assert (snapshot.interrupted.at - snapshot.opened_at).total_seconds() < 60
    assert (snapshot.outcome, snapshot.waiting_for) == (None, None)


async def test_placing_a_terminated_order_again_hands_out_no_address(world: World) -> None:
    document, placed = await terminated(world)

    with pytest.raises(OrderRefused, match=r"was terminated in Temporal at .* \(by mistake\)") as refused:
        await world.baton.place(document)

    assert (refused.value.code, refused.value.standing.quote_id) == ("order_broken", placed.quote_id)
    assert "new reference" in refused.value.remedy
    assert placed.deposit_address not in str(refused.value)


@pytest.mark.parametrize("call", ["refresh", "cancel", "wait"])
async def test_calls_about_a_terminated_order_say_that_it_was(world: World, call: str) -> None:
    _, placed = await terminated(world)

    with pytest.raises(OrderRefused, match="was terminated in Temporal") as refused:
        await getattr(world.baton, call)(placed.reference)

    assert (refused.value.code, refused.value.standing.quote_id) == ("order_broken", placed.quote_id)


async def test_a_watch_of_a_terminated_order_ends_with_an_error(world: World) -> None:
    placed = await world.place()
    watched: list[Snapshot] = []

    async def watch() -> None:
        async for snapshot in world.baton.watch(placed.reference, every=0.05):
            watched.append(snapshot)

    watching = asyncio.create_task(watch())
    await eventually(lambda: watched)
    await world.handle(placed).terminate()

    with pytest.raises(OrderRefused, match="was terminated in Temporal") as refused:
        await asyncio.wait_for(watching, 10)
    assert refused.value.code == "order_broken"
    assert [snapshot.interrupted is not None for snapshot in watched] == [False, True]


async def test_a_list_shows_which_orders_were_terminated(world: World) -> None:
    _, placed = await terminated(world)

    async def ends() -> list[str | None]:
        return [
            line.interrupted.how if line.interrupted else None
            for line in await world.baton.list_orders(limit=500)
            if line.reference == placed.reference
        ]

    assert await eventually(ends, lambda found: found == ["terminated"])


async def test_a_terminated_order_asks_for_a_person_within_a_minute(world: World) -> None:
    since = datetime.now(UTC) - MOMENT
    _, placed = await terminated(world)

    async def noticed() -> bool:
        await Sweep(world.environment.client, world.ledger, repair=True).run_stopped(since)
        row = await world.ledger.order(placed.workflow_id)
        return row is not None and row.outcome == "terminated"

    await eventually(noticed)
    snapshot = await world.snapshot(placed)
    assert [attention.reason for attention in snapshot.attentions] == ["order_terminated"]
    assert f"the payer could still pay to {placed.deposit_address}" in snapshot.attentions[0].message
    listed = await eventually(lambda: world.baton.list_orders(attention=True, limit=500))
    assert placed.reference in [line.reference for line in listed]


async def test_a_resolved_termination_is_not_raised_again(world: World) -> None:
    since = datetime.now(UTC) - MOMENT
    _, placed = await terminated(world)

    async def raised() -> bool:
        await Sweep(world.environment.client, world.ledger, repair=True).run_stopped(since)
        return bool((await world.snapshot(placed)).attentions)

    await eventually(raised)
    await world.baton.resolve(placed.reference, note="placed again under another reference")
    await Sweep(world.environment.client, world.ledger, repair=True).run_stopped(since)
    assert (await world.snapshot(placed)).attentions == []


async def test_an_order_that_was_refused_asks_for_nobody(world: World) -> None:
    since = datetime.now(UTC) - MOMENT
    refused = await world.refused(world.document(destinationAsset="NOPE"))
    found = await Sweep(world.environment.client, world.ledger, repair=True).run_stopped(since)
    assert refused.workflow_id not in [difference.workflow_id for difference in found.differences]
    assert (await world.snapshot(refused)).attentions == []
