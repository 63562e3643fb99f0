"""Orders of addresses and links that no webhook and no chain reported: a planned read finds each of them, once."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from activities.support.order_finder import OrderFinder
from baton.errors import OrderUnknown
from baton.orchestra.client import OrchestraClient
from baton.orders.answers import Snapshot
from baton.orders.models import Outcome
from baton.orders.names import WORKFLOW_QUEUE, adopted_reference
from baton.orders.rules.attention import AttentionReason
from baton.ownership.adopted_orders import AdoptedOrders
from baton.sources.messages import OrdersFound, ReadPlace, ReadSources, SourcesRead
from baton.sources.names import SOURCE_READ_WORKFLOW
from tests.end_to_end.address_deposits import orders_of, pay, show, shown, standing, until_orders
from tests.end_to_end.test_addresses import accumulation, liquidation
from tests.end_to_end.test_pay_links import link, order_of_visit, visited
from tests.end_to_end.world import SPARK, World
from tests.eventually import eventually


@pytest_asyncio.fixture
async def unreported(world: World) -> AsyncIterator[World]:
    """A world in which every webhook is lost."""
    fault = await world.sandbox.webhook_fault("drop")
    yield world
    await world.sandbox.remove_webhook_fault(fault)


def payee() -> str:
    """Return an address on EVM chains that nobody else has."""
    return f"0x{uuid.uuid4().hex}{uuid.uuid4().hex[:8]}"


async def read(world: World) -> OrdersFound:
    """Do one planned read of the account; return what it found."""
    call = ReadSources(account="default", pause=timedelta(milliseconds=1))
    name = f"sources/default/{datetime.now(UTC).isoformat()}"
    done: SourcesRead = await world.environment.client.execute_workflow(
        SOURCE_READ_WORKFLOW, call, id=name, task_queue=WORKFLOW_QUEUE, result_type=SourcesRead
    )
    assert done.orders is not None
    assert done.orders.place is None
    return done.orders


async def made(world: World, count: int, **of: Any) -> list[dict[str, Any]]:
    """Wait until the sandbox has so many orders with these fields; return them."""

    async def orders() -> list[dict[str, Any]]:
        return [order for order in await world.sandbox.orders() if of.items() <= order.items()]

    return await eventually(orders, lambda found: len(found) == count)


async def test_deposits_that_nothing_reported_become_orders(unreported: World) -> None:
    world = unreported
    till = await world.baton.create_address(accumulation())
    coins = await world.baton.create_address(liquidation(destinationAddress=payee()))
    wallet = await world.baton.create_address(standing(SPARK))
    for address, count in ((till, 3), (coins, 2)):
        for _ in range(count):
            await pay(world, address)
    await pay(world, wallet, chain="base")
    await pay(world, wallet, chain="bitcoin")
    for address, count in ((till, 3), (coins, 2)):
        deposit_address = next(iter(address.addresses.values()))
        await made(world, count, depositAddress=deposit_address, status="completed")
    for chain in ("base", "bitcoin"):
        await made(world, 1, depositAddress=wallet.addresses[chain], status="completed")

    assert (await read(world)).started >= 7

    for address, count in ((till, 3), (coins, 2), (wallet, 2)):
        orders = await until_orders(world, address, *["completed"] * count)
        assert {order.reference.startswith(f"~addr:{address.reference}:") for order in orders} == {True}
        assert {order.source.metadata == address.metadata for order in orders if order.source} == {True}
    assert (await read(world)).started == 0


async def test_webhooks_after_the_read_lead_to_the_order_found(world: World) -> None:
    held = await world.sandbox.hold_webhooks()
    till = await world.baton.create_address(accumulation())
    proof = await pay(world, till)
    await made(world, 1, depositAddress=till.addresses["base"], status="completed")

    await read(world)
    await world.sandbox.release_webhooks("shuffled", copies=2)
    await world.sandbox.remove_webhook_fault(held)
    await show(world, shown(till, proof["txHash"]))

    [order] = await until_orders(world, till, "completed")
    assert order.address_deposit is not None
    assert order.address_deposit.tx_id == proof["txHash"]


async def test_a_visit_that_nothing_reported_becomes_the_links_order(unreported: World) -> None:
    world = unreported
    tips = await world.baton.create_pay_link(link(recipientAddress=payee()))
    invoice, order_id = await visited(world, tips)

    await read(world)

    waiting = await order_of_visit(world, order_id)
    assert waiting.source is not None
    assert (waiting.source.name, waiting.source.metadata) == (f"paylink/{tips.reference}", {"table": "7"})
    await world.sandbox.deposit(deposit_address=invoice)
    await made(world, 1, id=order_id, status="completed")
    await world.baton.refresh(waiting.reference)
    assert (await world.baton.wait(waiting.reference)).outcome is Outcome.COMPLETED


async def test_a_visit_of_one_of_two_equal_links_asks_a_person(unreported: World) -> None:
    world, recipient = unreported, payee()
    first, second = [await world.baton.create_pay_link(link(recipientAddress=recipient)) for _ in range(2)]
    _, order_id = await visited(world, first)

    await read(world)

    order = await order_of_visit(world, order_id)
    assert order.source is None
    assert [attention.reason for attention in order.attentions] == [AttentionReason.SOURCE_UNCLEAR]
    assert first.reference in order.attentions[0].message
    assert second.reference in order.attentions[0].message


async def test_an_order_with_other_terms_than_the_link_is_left_alone(unreported: World) -> None:
    world, recipient = unreported, payee()
    await world.baton.create_pay_link(link(recipientAddress=recipient))
    request = {"destinationChain": "base", "destinationAsset": "USDC", "recipientAddress": recipient}
    elsewhere = await world.sandbox.foreign_order("pay_link", amount=31_000_000, request=request)

    await read(world)

    with pytest.raises(OrderUnknown):
        await world.baton.snapshot(adopted_reference(elsewhere["id"]))


async def test_a_deposit_that_orchestra_holds_asks_a_person(unreported: World) -> None:
    world = unreported
    wallet = await world.baton.create_address(standing(SPARK))
    await world.baton.disable_address(wallet.reference)
    await pay(world, wallet, chain="base")

    async def listed() -> list[Snapshot]:
        await read(world)
        return await orders_of(world, wallet)

    [order] = await eventually(listed)
    reasons = {attention.reason for attention in order.attentions}
    assert reasons == {AttentionReason.DEPOSIT_TO_DISABLED_ADDRESS, AttentionReason.DEPOSIT_HELD}
    assert order.address_deposit is not None
    assert order.reference.startswith(f"~addr:{wallet.reference}:")


async def test_a_read_that_fails_continues_and_finds_every_order(unreported: World) -> None:
    world = unreported
    tills = [await world.baton.create_address(liquidation(destinationAddress=payee())) for _ in range(3)]
    for till in tills:
        await pay(world, till)
        await made(world, 1, depositAddress=till.addresses["bitcoin"], status="completed")
    for endpoint in ("history", "status"):
        await world.sandbox.fault(endpoint, "error", status=503, times=1)

    await read(world)

    for till in tills:
        await until_orders(world, till, "completed")


async def test_a_read_in_many_stretches_skips_and_repeats_nothing(unreported: World) -> None:
    world = unreported
    tills = [await world.baton.create_address(liquidation(destinationAddress=payee())) for _ in range(4)]
    for till in tills:
        await pay(world, till)
        await made(world, 1, depositAddress=till.addresses["bitcoin"], status="completed")
    found, stretches = OrdersFound(place=ReadPlace()), 0
    async with OrchestraClient(world.account.base_url, "fn_sandbox") as orchestra:
        while found.place is not None:
            adopted = AdoptedOrders(world.environment.client, world.ledger)
            await OrderFinder("default", orchestra, world.ledger, adopted, found, timedelta()).run(found.calls + 1)
            found, stretches = OrdersFound.model_validate_json(found.model_dump_json()), stretches + 1

    assert stretches > len(tills)
    assert found.started >= len(tills)
    for till in tills:
        await until_orders(world, till, "completed")
