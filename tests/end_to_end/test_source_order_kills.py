"""The worker is killed at each boundary of what the orders of addresses and links call: one order each, one refund.

Meanwhile every webhook comes twice, in another order than it was sent, or not at all.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from baton.orders.address_deposit import deposit_identity
from baton.orders.answers import Snapshot
from baton.orders.messages import INDEX_ADDRESS, RECORD_ORDER, REFUND_ADDRESS_DEPOSIT
from baton.orders.names import WORKFLOW_QUEUE, address_order_reference, adopted_reference, order_workflow_id
from baton.sources.answers import SourceSnapshot
from baton.sources.messages import ReadSources
from baton.sources.names import FIND_ORDERS, SOURCE_READ_WORKFLOW
from tests.end_to_end.address_deposits import EVM, pay, show, shown
from tests.end_to_end.boundary_kills import Kills
from tests.end_to_end.boundary_worker import POLL
from tests.end_to_end.kill_paths import repeated, slowly
from tests.end_to_end.test_addresses import accumulation
from tests.end_to_end.test_pay_links import link, visited
from tests.end_to_end.world import World, running_world
from tests.temporal_server import temporal_server

pytestmark = pytest.mark.timeout(240)

MISSED = "spark1pgsskillskillskillskill000"


@pytest.fixture(scope="module")
async def kills(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kills]:
    """A Baton without a worker, and what starts and kills one."""
    folder = tmp_path_factory.mktemp("source_order_kills")
    async with (
        temporal_server() as temporal,
        running_world(temporal, folder, with_worker=False) as world,
        Kills.of(world, folder) as running,
    ):
        yield running


def boundaries(*kinds: str) -> list[str]:
    """Return the boundaries of the first activity of each kind."""
    return [f"{when} {kind} 1" for kind in kinds for when in ("before", "after")]


async def addresses(kills: Kills, count: int, **fields: Any) -> list[SourceSnapshot]:
    async with kills.worker({}):
        create = kills.world.baton.create_address
        return list(await asyncio.gather(*(create(accumulation(**fields)) for _ in range(count))))


def order_of(address: SourceSnapshot, tx_id: str) -> str:
    """Return the reference of the order that a deposit on Base to the address makes."""
    identity = deposit_identity("base", address.addresses["base"], tx_id, None)
    return address_order_reference(address.reference, identity)


async def advance(world: World, reference: str, minutes: float) -> None:
    handle = world.environment.client.get_workflow_handle(order_workflow_id("default", reference))
    await world.environment.fast_forward(handle, timedelta(minutes=minutes))


async def killed(kills: Kills, plan: dict[str, str], act: Callable[[str], Awaitable[object]] | None = None) -> None:
    """Kill the worker while each order stands at its boundary; `act` is done for each order before."""
    async with kills.worker(plan) as ended:
        acts = [asyncio.ensure_future(act(reference)) for reference in plan] if act else []
        await asyncio.wait_for(asyncio.shield(ended), 60)
        standing = {line["reference"]: line["boundary"] for line in kills.report() if line["stands"]}
    await asyncio.gather(*acts, return_exceptions=True)
    assert standing == plan


async def ended(kills: Kills, references: list[str]) -> list[Snapshot]:
    """Let a new worker finish these orders, whose clocks are moved ahead; return them."""
    world = kills.world

    async def snapshot(reference: str) -> Snapshot:
        order = await repeated(lambda: world.baton.snapshot(reference))
        if order.outcome is None:
            await advance(world, reference, 15)
        return order

    async def end(reference: str) -> Snapshot:
        return await slowly(lambda: snapshot(reference), lambda order: order.outcome is not None)

    async with kills.worker({}):
        return list(await asyncio.gather(*(end(reference) for reference in references)))


async def workflows_of(world: World, source: str) -> list[str]:
    """Return the references of the order workflows that came of an address or a link, as Temporal lists them."""
    query = f"WorkflowType = 'OrderWorkflow' AND BatonSource = '{source}'"
    return [listed.id.rpartition("/")[2] async for listed in world.environment.client.list_workflows(query)]


async def assert_one_each(world: World, orders: dict[str, str]) -> None:
    """Check that each source has the one order that is named for it, and that this one tracks Orchestra's only one."""
    for source, reference in orders.items():
        assert await workflows_of(world, source) == [reference]
    snapshots = [await world.baton.snapshot(reference) for reference in orders.values()]
    assert len({snapshot.order_id for snapshot in snapshots}) == len(orders)


async def test_killed_while_webhooks_come_doubled_and_shuffled(kills: Kills) -> None:
    world, wanted = kills.world, boundaries(RECORD_ORDER)
    tills = await addresses(kills, len(wanted))
    held = await world.sandbox.hold_webhooks()
    proofs = [await pay(world, till) for till in tills]
    await slowly(lambda: _settled(world, [till.addresses["base"] for till in tills]))
    orders = [order_of(till, proof["txHash"]) for till, proof in zip(tills, proofs, strict=True)]
    await world.sandbox.release_webhooks("shuffled", copies=2, seed=3)
    await world.sandbox.remove_webhook_fault(held)

    await killed(kills, dict(zip(orders, wanted, strict=True)))

    assert [order.outcome for order in await ended(kills, orders)] == ["completed"] * len(orders)
    sources = [f"address/{till.reference}" for till in tills]
    async with kills.worker({}):
        await assert_one_each(world, dict(zip(sources, orders, strict=True)))


async def test_killed_while_reads_look_for_orders_that_no_webhook_reports(kills: Kills) -> None:
    world, wanted = kills.world, boundaries(POLL)
    tills = await addresses(kills, len(wanted))
    lost = await world.sandbox.webhook_fault("drop")
    orders = []
    for till in tills:
        proof = await pay(world, till)
        await show(world, shown(till, proof["txHash"]))
        orders.append(order_of(till, proof["txHash"]))

    await killed(kills, dict(zip(orders, wanted, strict=True)), lambda reference: advance(world, reference, 2))

    assert [order.outcome for order in await ended(kills, orders)] == ["completed"] * len(orders)
    await world.sandbox.remove_webhook_fault(lost)
    sources = [f"address/{till.reference}" for till in tills]
    async with kills.worker({}):
        await assert_one_each(world, dict(zip(sources, orders, strict=True)))


async def test_killed_while_a_missed_deposit_is_indexed_again(kills: Kills) -> None:
    world, wanted = kills.world, boundaries(INDEX_ADDRESS)
    await world.sandbox.set_scenario("missed_deposit", recipient=MISSED)
    tills = await addresses(kills, len(wanted), recipientSparkAddress=MISSED)
    orders = []
    for till in tills:
        proof = await pay(world, till)
        await show(world, shown(till, proof["txHash"]))
        orders.append(order_of(till, proof["txHash"]))

    await killed(kills, dict(zip(orders, wanted, strict=True)), lambda reference: advance(world, reference, 11))

    assert [order.outcome for order in await ended(kills, orders)] == ["completed"] * len(orders)
    for till, order in zip(tills, orders, strict=True):
        assert await workflows_of(world, f"address/{till.reference}") == [order]
        assert len(await _effects(world, f"{order}/index")) == 1


async def test_killed_while_a_deposit_is_refunded_it_is_refunded_once(kills: Kills) -> None:
    world, wanted = kills.world, boundaries(REFUND_ADDRESS_DEPOSIT)
    tills = await addresses(kills, len(wanted), refundAddresses={"base": EVM})
    orders = []
    for till in tills:
        proof = await pay(world, till, asset="USDT")
        deposit = shown(till, proof["txHash"], symbol="USDT", asset="0xusdt")
        await show(world, deposit)
        identity = deposit_identity("base", till.addresses["base"], proof["txHash"], None, "USDT")
        orders.append(address_order_reference(till.reference, identity))

    async def refund(reference: str) -> None:
        await repeated(lambda: world.baton.refund_deposit(reference, note="the payer asked"))

    await killed(kills, dict(zip(orders, wanted, strict=True)), refund)

    assert [order.outcome for order in await ended(kills, orders)] == ["refunded"] * len(orders)
    for order in orders:
        assert len(await _effects(world, f"{order}/refund")) == 1


async def test_killed_while_the_payment_of_a_link_is_followed(kills: Kills) -> None:
    world, wanted = kills.world, boundaries(POLL, RECORD_ORDER)
    async with kills.worker({}):
        links = [await world.baton.create_pay_link(link()) for _ in wanted]
    lost = await world.sandbox.hold_webhooks()
    visits = [await visited(world, created) for created in links]
    for invoice, _ in visits:
        await world.sandbox.deposit(deposit_address=invoice)
    orders = [adopted_reference(order_id) for _, order_id in visits]
    await world.sandbox.release_webhooks("shuffled", copies=2, seed=5)
    await world.sandbox.remove_webhook_fault(lost)

    await killed(kills, dict(zip(orders, wanted, strict=True)))

    assert [order.outcome for order in await ended(kills, orders)] == ["completed"] * len(orders)
    sources = [f"paylink/{created.reference}" for created in links]
    async with kills.worker({}):
        await assert_one_each(world, dict(zip(sources, orders, strict=True)))


async def test_killed_while_a_planned_read_finds_orders(kills: Kills) -> None:
    world = kills.world
    lost = await world.sandbox.webhook_fault("drop")
    tills = await addresses(kills, 3)
    proofs = [await pay(world, till) for till in tills]
    await slowly(lambda: _settled(world, [till.addresses["base"] for till in tills]))
    orders = [order_of(till, proof["txHash"]) for till, proof in zip(tills, proofs, strict=True)]
    plan = {f"read-{number}": boundary for number, boundary in enumerate(boundaries(FIND_ORDERS))}

    async def read(name: str) -> None:
        call = ReadSources(account="default", pause=timedelta(milliseconds=1))
        reading = world.environment.client.start_workflow
        await reading(SOURCE_READ_WORKFLOW, call, id=f"sources/default/{name}", task_queue=WORKFLOW_QUEUE)

    await killed(kills, plan, read)

    async with kills.worker({}):
        for name in plan:
            await world.environment.client.get_workflow_handle(f"sources/default/{name}").result()
    assert [order.outcome for order in await ended(kills, orders)] == ["completed"] * len(orders)
    await world.sandbox.remove_webhook_fault(lost)
    sources = [f"address/{till.reference}" for till in tills]
    async with kills.worker({}):
        await assert_one_each(world, dict(zip(sources, orders, strict=True)))


async def _settled(world: World, deposit_addresses: list[str]) -> bool:
    """Whether Orchestra completed an order for each of these addresses."""
    done = {order["depositAddress"] for order in await world.sandbox.orders() if order["status"] == "completed"}
    return done.issuperset(deposit_addresses)


async def _effects(world: World, of: str) -> set[str]:
    """Return the idempotency keys, of those that name this, under which a call had an effect at Orchestra."""
    calls = await world.sandbox.requests()
    keys = [call["idempotencyKey"] or "" for call in calls if call["status"] < 300 and not call["replayed"]]
    return {key for key in keys if of in key}
