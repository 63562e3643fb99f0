"""The worker is killed at each boundary of what the orders of addresses and links call: one order each, one refund.

Meanwhile every webhook comes twice, in another order than it was sent, or not at all.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from baton.errors import OrderUnknown, Unreachable
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

pytestmark = pytest.mark.timeout(300)

MISSED = "spark1pgsskillskillskillskill000"


@dataclass(frozen=True)
class Killed:
    """Orders that were killed at the boundaries of one step.

    Attributes:
        orders: The reference of the one order that each source has, by the source's name.
        plan: Where the worker was killed.
        standing: Where it stood when it was killed.
    """

    orders: dict[str, str]
    plan: dict[str, str]
    standing: dict[str, str]


@dataclass
class Ended:
    """All orders after a last worker finished them."""

    world: World
    steps: dict[str, Killed]
    snapshots: dict[str, Snapshot]
    workflows: dict[str, list[str]]
    """The references of the order workflows of each source, as Temporal lists them."""


@pytest.fixture(scope="module")
async def kills(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kills]:
    """A Baton without a worker, and what starts and kills one."""
    folder = tmp_path_factory.mktemp("source_order_kills")
    async with (
        temporal_server() as temporal,
        running_world(temporal, folder, with_worker=False) as world,
    ):
        yield Kills(world, folder)


@pytest.fixture(scope="module")
async def ended(kills: Kills) -> Ended:
    """Kill workers in every step; then one worker finishes everything, because each lost call is only tried late."""
    steps = {name: await step(kills) for name, step in STEPS.items()}
    orders = [reference for step in steps.values() for reference in step.orders.values()]
    sources = [source for step in steps.values() for source in step.orders]
    async with kills.worker({}):
        snapshots = await asyncio.gather(*(_end(kills.world, reference) for reference in orders))
        workflows = {source: await _workflows_of(kills.world, source) for source in sources}
    return Ended(kills.world, steps, dict(zip(orders, snapshots, strict=True)), workflows)


def boundaries(*kinds: str) -> list[str]:
    """Return the boundaries of the first activity of each kind."""
    return [f"{when} {kind} 1" for kind in kinds for when in ("before", "after")]


async def _addresses(kills: Kills, count: int, **fields: Any) -> list[SourceSnapshot]:
    async with kills.worker({}):
        create = kills.world.baton.create_address
        return list(await asyncio.gather(*(create(accumulation(**fields)) for _ in range(count))))


async def _kill(
    kills: Kills, orders: dict[str, str], plan: dict[str, str], act: Callable[[str], Awaitable[object]] | None = None
) -> Killed:
    """Kill the worker while everything in the plan stands at its boundary; `act` is done for each before."""
    async with kills.worker(plan) as end:
        acts = [asyncio.ensure_future(act(reference)) for reference in plan] if act else []
        await asyncio.wait_for(asyncio.shield(end), 60)
        standing = {line["reference"]: line["boundary"] for line in kills.report() if line["stands"]}
    for unfinished in acts:
        unfinished.cancel()
    await asyncio.gather(*acts, return_exceptions=True)
    return Killed(orders, plan, standing)


async def _kill_orders(
    kills: Kills,
    tills: list[SourceSnapshot],
    orders: list[str],
    wanted: list[str],
    act: Callable[[str], Awaitable[object]] | None = None,
) -> Killed:
    sources = [f"{till.kind}/{till.reference}" for till in tills]
    by_source, plan = dict(zip(sources, orders, strict=True)), dict(zip(orders, wanted, strict=True))
    if act is None:
        return await _kill(kills, by_source, plan)
    # Each is killed alone, because what is done for one may take longer than another one stands.
    killed = [await _kill(kills, by_source, {order: boundary}, act) for order, boundary in plan.items()]
    return Killed(by_source, plan, {order: at for each in killed for order, at in each.standing.items()})


def order_of(address: SourceSnapshot, tx_id: str, apart: str | None = None) -> str:
    """Return the reference of the order that a deposit on Base to the address makes."""
    identity = deposit_identity("base", address.addresses["base"], tx_id, None, apart)
    return address_order_reference(address.reference, identity)


async def _advance(world: World, reference: str, minutes: float) -> None:
    handle = world.environment.client.get_workflow_handle(order_workflow_id("default", reference))
    await world.environment.fast_forward(handle, timedelta(minutes=minutes))


async def webhooks_doubled(kills: Kills) -> Killed:
    world, wanted = kills.world, boundaries(RECORD_ORDER)
    tills = await _addresses(kills, len(wanted))
    held = await world.sandbox.hold_webhooks()
    proofs = [await pay(world, till) for till in tills]
    await slowly(lambda: _settled(world, [till.addresses["base"] for till in tills]))
    orders = [order_of(till, proof["txHash"]) for till, proof in zip(tills, proofs, strict=True)]
    await world.sandbox.release_webhooks("shuffled", copies=2, seed=3)
    await world.sandbox.remove_webhook_fault(held)
    return await _kill_orders(kills, tills, orders, wanted)


async def webhooks_absent(kills: Kills) -> Killed:
    world, wanted = kills.world, boundaries(POLL)
    tills = await _addresses(kills, len(wanted))
    lost = await world.sandbox.webhook_fault("drop")
    orders = []
    for till in tills:
        proof = await pay(world, till)
        await show(world, shown(till, proof["txHash"]))
        orders.append(order_of(till, proof["txHash"]))
    await slowly(lambda: _settled(world, [till.addresses["base"] for till in tills]))
    await world.sandbox.remove_webhook_fault(lost)
    return await _kill_orders(kills, tills, orders, wanted, lambda reference: _advance(world, reference, 2))


async def indexed_again(kills: Kills) -> Killed:
    world, wanted = kills.world, boundaries(INDEX_ADDRESS)
    await world.sandbox.set_scenario("missed_deposit", recipient=MISSED)
    tills = await _addresses(kills, len(wanted), recipientSparkAddress=MISSED)
    orders = []
    for till in tills:
        proof = await pay(world, till)
        await show(world, shown(till, proof["txHash"]))
        orders.append(order_of(till, proof["txHash"]))
    return await _kill_orders(kills, tills, orders, wanted, lambda reference: _advance(world, reference, 11))


async def refunded(kills: Kills) -> Killed:
    world, wanted = kills.world, boundaries(REFUND_ADDRESS_DEPOSIT)
    tills = await _addresses(kills, len(wanted), refundAddresses={"base": EVM})
    orders = []
    for till in tills:
        proof = await pay(world, till, asset="USDT")
        await show(world, shown(till, proof["txHash"], symbol="USDT", asset="0xusdt"))
        orders.append(order_of(till, proof["txHash"], "USDT"))

    async def refund(reference: str) -> None:
        await repeated(lambda: world.baton.refund_deposit(reference, note="the payer asked"))

    return await _kill_orders(kills, tills, orders, wanted, refund)


async def link_paid(kills: Kills) -> Killed:
    world, wanted = kills.world, boundaries(RECORD_ORDER)
    async with kills.worker({}):
        links = [await world.baton.create_pay_link(link()) for _ in wanted]
    held = await world.sandbox.hold_webhooks()
    visits = [await visited(world, created) for created in links]
    for invoice, _ in visits:
        await world.sandbox.deposit(deposit_address=invoice)
    await slowly(lambda: _settled(world, [invoice for invoice, _ in visits]))
    await world.sandbox.release_webhooks("shuffled", copies=2, seed=5)
    await world.sandbox.remove_webhook_fault(held)
    orders = [adopted_reference(order_id) for _, order_id in visits]
    return await _kill_orders(kills, links, orders, wanted)


async def found_by_read(kills: Kills) -> Killed:
    """Two planned reads are killed, each alone, because one may take longer than the other stands."""
    world = kills.world
    lost = await world.sandbox.webhook_fault("drop")
    tills = await _addresses(kills, 3)
    proofs = [await pay(world, till) for till in tills]
    await slowly(lambda: _settled(world, [till.addresses["base"] for till in tills]))
    await world.sandbox.remove_webhook_fault(lost)
    orders = {
        f"address/{till.reference}": order_of(till, proof["txHash"]) for till, proof in zip(tills, proofs, strict=True)
    }
    plan = {f"read-{number}": boundary for number, boundary in enumerate(boundaries(FIND_ORDERS))}

    async def read(name: str) -> None:
        call = ReadSources(account="default", pause=timedelta(milliseconds=1))
        start = world.environment.client.start_workflow
        await start(SOURCE_READ_WORKFLOW, call, id=f"sources/default/{name}", task_queue=WORKFLOW_QUEUE)

    killed = [await _kill(kills, orders, {name: boundary}, read) for name, boundary in plan.items()]
    return Killed(orders, plan, {name: at for each in killed for name, at in each.standing.items()})


STEPS: dict[str, Callable[[Kills], Awaitable[Killed]]] = {
    step.__name__: step
    for step in (webhooks_doubled, webhooks_absent, indexed_again, refunded, link_paid, found_by_read)
}


@pytest.mark.parametrize("step", STEPS)
def test_the_worker_was_killed_before_and_after_each_call(ended: Ended, step: str) -> None:
    killed = ended.steps[step]
    assert killed.standing == killed.plan


@pytest.mark.parametrize("step", STEPS)
def test_killed_anywhere_each_deposit_and_payment_is_one_order(ended: Ended, step: str) -> None:
    orders = ended.steps[step].orders
    snapshots = [ended.snapshots[reference] for reference in orders.values()]

    assert {source: ended.workflows[source] for source in orders} == {name: [one] for name, one in orders.items()}
    assert {snapshot.outcome for snapshot in snapshots} == {"refunded" if step == "refunded" else "completed"}
    assert len({snapshot.order_id for snapshot in snapshots} - {None}) in (0, len(orders))


@pytest.mark.parametrize(("step", "call"), [("indexed_again", "index"), ("refunded", "refund")])
async def test_killed_anywhere_a_call_takes_effect_once(ended: Ended, step: str, call: str) -> None:
    for reference in ended.steps[step].orders.values():
        assert len(await _effects(ended.world, f"{reference}/{call}")) == 1


async def _end(world: World, reference: str) -> Snapshot:
    """Wait for an order's end while its clock is moved ahead."""

    async def snapshot() -> Snapshot | None:
        try:
            order = await world.baton.snapshot(reference)
        except (OrderUnknown, Unreachable):
            return None
        if order.outcome is None:
            await _advance(world, reference, 15)
        return order

    order = await slowly(snapshot, lambda found: found is not None and found.outcome is not None)
    assert order is not None
    return order


async def _workflows_of(world: World, source: str) -> list[str]:
    query = f"WorkflowType = 'OrderWorkflow' AND BatonSource = '{source}'"
    return [listed.id.rpartition("/")[2] async for listed in world.environment.client.list_workflows(query)]


async def _settled(world: World, deposit_addresses: list[str]) -> bool:
    """Whether Orchestra completed an order for each of these addresses."""
    done = {order["depositAddress"] for order in await world.sandbox.orders() if order["status"] == "completed"}
    return done.issuperset(deposit_addresses)


async def _effects(world: World, of: str) -> set[str]:
    """Return the idempotency keys, of those that name this, under which a call had an effect at Orchestra."""
    calls = await world.sandbox.requests()
    keys = [call["idempotencyKey"] or "" for call in calls if call["status"] < 300 and not call["replayed"]]
    return {key for key in keys if of in key}
