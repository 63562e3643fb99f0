"""Which transfers on a real chain node pay an order: several in one transaction, dust, fakes, other contracts."""

from collections.abc import AsyncIterator

import pytest

from baton.encoding.addresses import checksummed
from baton.orders.answers import Placement
from baton.orders.models import Outcome, Phase
from tests.end_to_end.chain_orders import AGREED, evm_chain, known_to_orchestra, submits, until_seen
from tests.end_to_end.world import World, running_world
from tests.leftovers import replay_all
from tests.local.nodes.anvil import AnvilDriver, data_of, running_anvil
from tests.temporal_server import temporal_server

pytestmark = pytest.mark.nodes

CBBTC = "0xcbB7C0000aB88B473b1f5aFd9ef808440eed33Bf"
"""The sandbox's routes list this contract; the chain's configuration does not."""


@pytest.fixture(scope="module")
async def node() -> AsyncIterator[AnvilDriver]:
    async with running_anvil() as running:
        yield running


@pytest.fixture(scope="module")
async def token(node: AnvilDriver) -> str:
    return await node.token()


@pytest.fixture(scope="module")
async def chain(node: AnvilDriver, token: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Run Baton with a watch on a chain of its own, on which two blocks confirm a deposit."""
    spec = evm_chain(token, node.url)
    folder = tmp_path_factory.mktemp("chain")
    async with temporal_server() as temporal, running_world(temporal, folder, chains={"base": spec}) as world:
        yield world
        await replay_all(temporal.client)


async def placed_with_address(world: World, **fields: str) -> tuple[Placement, str]:
    placed = await world.place(**fields)
    assert placed.deposit_address is not None
    return placed, placed.deposit_address


async def test_two_transfers_of_one_transaction_pay_the_order_exactly(
    chain: World, node: AnvilDriver, token: str
) -> None:
    placed, address = await placed_with_address(chain)
    router = await node.deploy("Router")
    await node.send(token, data_of("Token", "approve", router, 10**12))
    paid = await node.send(router, data_of("Router", "payTwice", token, address, 60_000_000, 40_000_000))
    await known_to_orchestra(chain, placed, paid["transactionHash"])
    await node.mine(2)

    assert (await chain.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    ended = await chain.snapshot(placed)
    assert [(line.verdict, line.amount, line.tx_id) for line in ended.deposits] == [
        ("exact", AGREED, paid["transactionHash"])
    ]
    assert len(await submits(chain, placed)) == 1


async def test_dust_and_fake_tokens_first_do_not_keep_the_deposit_out(
    chain: World, node: AnvilDriver, token: str
) -> None:
    placed, address = await placed_with_address(chain)
    fake = await node.deploy("FakeToken")
    await node.send(fake, data_of("FakeToken", "pretend", node.accounts[1], address, AGREED))
    await node.transfer(token, address, 1)
    await until_seen(chain, placed, "unknown_token", "dust")
    paid = await node.transfer(token, address, AGREED)
    await known_to_orchestra(chain, placed, paid["transactionHash"])
    await node.mine(3)

    assert (await chain.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    ended = await chain.snapshot(placed)
    assert [(line.verdict, line.submitted) for line in ended.deposits] == [
        ("unknown_token", False),
        ("dust", False),
        ("exact", True),
    ]


async def test_a_contract_that_only_the_routes_list_pays_exactly(chain: World, node: AnvilDriver, token: str) -> None:
    await node.rpc("anvil_setCode", CBBTC, await node.rpc("eth_getCode", token, "latest"))
    await node.send(CBBTC, data_of("Token", "mint", node.accounts[0], 10**9))
    placed, address = await placed_with_address(chain, sourceAsset="cbBTC", amount="100000")
    paid = await node.transfer(CBBTC, address, 100_000)
    await known_to_orchestra(chain, placed, paid["transactionHash"], 100_000)
    await node.mine(2)

    assert (await chain.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    [line] = (await chain.snapshot(placed)).deposits
    assert (line.verdict, line.asset, line.amount) == ("exact", "cbBTC", 100_000)


async def test_money_of_a_contract_that_nobody_knows_is_reported(chain: World, node: AnvilDriver) -> None:
    placed, address = await placed_with_address(chain)
    stranger = await node.token()
    await node.transfer(stranger, address, AGREED)
    await node.mine(3)

    snapshot = await until_seen(chain, placed, "unknown_token")
    assert (snapshot.phase, snapshot.deposits[0].asset) == (Phase.AWAITING_DEPOSIT, checksummed(stranger))
    assert await submits(chain, placed) == []
