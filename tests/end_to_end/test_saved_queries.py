"""Each saved query of the Temporal UI finds exactly the orders it should, among one of each kind."""

import asyncio
from collections.abc import Awaitable
from datetime import UTC, datetime

import pytest

from baton.orders.after_close import raise_after_close
from baton.orders.answers import Placement
from baton.orders.names import attention_workflow_id
from baton.orders.rules.attention import attention_of
from baton.orders.saved_queries import SavedQuery, of_account, of_route, saved_queries
from tests.end_to_end.test_attention import troubled
from tests.end_to_end.test_refunds import refunding
from tests.end_to_end.test_zeroconf import awaiting, offered
from tests.end_to_end.world import World
from tests.eventually import eventually

Planted = dict[str, str]
"""The workflow ids of the orders, by what each is an example of."""

FINDS = {
    "attention": {"overdue", "late money"},
    "waiting-for-operator": {"overdue"},
    "waiting-for-business": {"asks"},
    "overdue": {"overdue"},
    "refunds": {"refunding"},
    "late-money": {"late money"},
    "failed": {"failed"},
    "stopped": {"stopped"},
    "waiting-for-payer": {"unpaid"},
    "waiting-for-orchestra": {"refunding", "swapping"},
    "waiting-for-chain": {"confirming"},
    "route": {
        "unpaid",
        "swapping",
        "refunding",
        "overdue",
        "cancelled",
        "completed",
        "confirming",
        "failed",
        "stopped",
    },
    "account": set(["unpaid", "asks", "swapping", "refunding", "overdue", "confirming"]),
}


async def unpaid(world: World) -> Placement:
    return await world.place()


async def asks(world: World) -> Placement:
    placed = await offered(world, "zeroconf_offer", mode="ask")
    await awaiting(world, placed)
    return placed


async def stepped_to(world: World, status: str) -> Placement:
    """Return an order whose status stands long enough to be listed."""
    placed = await world.place(scenario="stepped")
    await world.deposit_and_report(placed)
    order_id = (await world.until(placed, status="processing")).order_id
    await world.sandbox.advance(order_id, status)
    await world.until(placed, status=status)
    await world.advance(placed, minutes=30)
    return placed


async def in_refund(world: World) -> Placement:
    placed, _ = await refunding(world)
    return placed


async def cancelled_then_paid(world: World) -> Placement:
    placed = await world.place()
    await world.baton.cancel(placed.reference)
    late = attention_of("late_deposit", "0xaa came", datetime.now(UTC))
    await raise_after_close(world.environment.client, placed.workflow_id, late)
    return placed


async def completed(world: World) -> Placement:
    placed = await world.place()
    await world.deposit_and_report(placed)
    await world.baton.wait(placed.reference)
    return placed


async def failed(world: World) -> Placement:
    return await world.refused(world.document(recipientAddress="0x0000000000000000000000000000000000000001"))


async def stopped(world: World) -> Placement:
    placed = await world.place()
    await world.handle(placed).terminate(reason="by mistake")
    return placed


@pytest.fixture(scope="module")
async def planted(world: World) -> Planted:
    async def plant(kind: str, order: Awaitable[Placement]) -> tuple[str, str]:
        return kind, (await order).workflow_id

    ids = dict(
        await asyncio.gather(
            plant("unpaid", unpaid(world)),
            plant("asks", asks(world)),
            plant("swapping", stepped_to(world, "swapping")),
            plant("confirming", stepped_to(world, "confirming")),
            plant("refunding", in_refund(world)),
            plant("overdue", troubled(world)),
            plant("cancelled", cancelled_then_paid(world)),
            plant("completed", completed(world)),
            plant("failed", failed(world)),
            plant("stopped", stopped(world)),
        )
    )
    return ids | {"late money": attention_workflow_id(ids["cancelled"])}


async def found(world: World, query: SavedQuery, planted: Planted) -> set[str]:
    """Return which of the planted workflows a query finds, and the ids of any others."""
    kinds = {workflow_id: kind for kind, workflow_id in planted.items()}
    return {
        kinds.get(execution.id, execution.id)
        async for execution in world.environment.client.list_workflows(query.query)
    }


@pytest.mark.parametrize("query", saved_queries(), ids=lambda query: query.name)
async def test_a_saved_query_finds_its_orders_and_no_others(world: World, planted: Planted, query: SavedQuery) -> None:
    await eventually(lambda: found(world, query, planted), lambda names: names == FINDS[query.name])


async def test_a_query_for_a_route_or_an_account_without_orders_finds_none(world: World, planted: Planted) -> None:
    for query in (of_route("base:USDC>moon:CHEESE"), of_account("nobody's")):
        assert await found(world, query, planted) == set()


async def test_orders_are_found_by_their_amount(world: World, planted: Planted) -> None:
    by_amount = of_route("base:USDC>spark:BTC")
    dear = by_amount._replace(query=f"{by_amount.query} AND BatonAmountIn > 100")
    exact = by_amount._replace(query=f"{by_amount.query} AND BatonAmountIn = 100 AND BatonAmountOut > 0")

    assert await found(world, dear, planted) == set()
    await eventually(lambda: found(world, exact, planted), lambda names: names == {"completed"})
