"""A permanent address on a real chain node: every deposit is one order, also those that came while nobody watched."""

from collections.abc import AsyncIterator

import pytest

from baton.orders.answers import Snapshot
from baton.orders.chain_watch import start_watches
from baton.orders.names import deposit_watch_id
from baton.orders.rules.attention import AttentionReason
from tests.end_to_end.address_deposits import PAID, advance, orders_of, standing, until_disabled, until_orders
from tests.end_to_end.chain_orders import evm_chain
from tests.end_to_end.test_addresses import accumulation
from tests.end_to_end.world import SPARK, World, running_world
from tests.eventually import eventually
from tests.leftovers import replay_all
from tests.local.nodes.anvil import AnvilDriver, running_anvil
from tests.temporal_server import temporal_server

pytestmark = pytest.mark.nodes


@pytest.fixture(scope="module")
async def node() -> AsyncIterator[AnvilDriver]:
    async with running_anvil() as running:
        yield running


@pytest.fixture(scope="module")
async def token(node: AnvilDriver) -> str:
    return await node.token()


@pytest.fixture(scope="module")
async def chain(node: AnvilDriver, token: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Run Baton with a watch on a chain of its own, and no webhooks."""
    folder = tmp_path_factory.mktemp("chain")
    chains = {"base": evm_chain(token, node.url)}
    async with temporal_server() as temporal, running_world(temporal, folder, chains=chains) as world:
        await world.sandbox.webhook_fault("drop")
        yield world
        await replay_all(temporal.client)


async def test_three_deposits_over_a_restarted_watch_are_three_orders(
    chain: World, node: AnvilDriver, token: str
) -> None:
    address = await chain.baton.create_address(accumulation())
    client = chain.environment.client

    async def pay(amount: int) -> str:
        receipt = await node.transfer(token, address.addresses["base"], amount)
        await node.mine(3)
        tx_hash = str(receipt["transactionHash"])
        await chain.sandbox.deposit(deposit_address=address.addresses["base"], amount=amount, txHash=tx_hash)
        return tx_hash

    first = await pay(PAID)
    await eventually(lambda: orders_of(chain, address), lambda orders: len(orders) == 1)
    await client.get_workflow_handle(deposit_watch_id("base")).terminate()
    second = await pay(2 * PAID)
    await start_watches(client, ["base"])
    third = await pay(3 * PAID)

    orders = await eventually(lambda: orders_of(chain, address), lambda orders: len(orders) == 3)
    assert {_paid(order) for order in orders} == {(first, PAID), (second, 2 * PAID), (third, 3 * PAID)}
    for order in orders:
        await advance(chain, order, minutes=2)
    ended = await until_orders(chain, address, *["completed"] * 3)
    assert len({order.order_id for order in ended}) == 3


async def test_a_deposit_while_disabled_is_an_order_once_the_address_is_enabled(
    chain: World, node: AnvilDriver, token: str
) -> None:
    wallet = await chain.baton.create_address(standing(SPARK))

    async def pay(amount: int) -> str:
        receipt = await node.transfer(token, wallet.addresses["base"], amount)
        await node.mine(3)
        tx_hash = str(receipt["transactionHash"])
        proof = {"deposit_address": wallet.addresses["base"], "chain": "base", "txHash": tx_hash}
        await chain.sandbox.deposit(amount=amount, **proof)
        return tx_hash

    first = await pay(PAID)
    await eventually(lambda: orders_of(chain, wallet), lambda orders: len(orders) == 1)
    await chain.baton.disable_address(wallet.reference)
    await until_disabled(chain, wallet)
    second = await pay(2 * PAID)
    orders = await eventually(lambda: orders_of(chain, wallet), lambda orders: len(orders) == 2)
    [held] = [order for order in orders if _paid(order) == (second, 2 * PAID)]
    assert AttentionReason.DEPOSIT_TO_DISABLED_ADDRESS in [attention.reason for attention in held.attentions]

    await chain.baton.enable_address(wallet.reference)
    third = await pay(3 * PAID)

    orders = await eventually(lambda: orders_of(chain, wallet), lambda orders: len(orders) == 3)
    assert {_paid(order) for order in orders} == {(first, PAID), (second, 2 * PAID), (third, 3 * PAID)}
    for order in orders:
        await advance(chain, order, minutes=2)
    ended = await until_orders(chain, wallet, *["completed"] * 3)
    assert [order.attentions for order in ended] == [[], [], []]


def _paid(order: Snapshot) -> tuple[str, int | None]:
    assert order.address_deposit is not None
    return order.address_deposit.tx_id, order.address_deposit.amount
