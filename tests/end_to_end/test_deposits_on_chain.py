"""Nobody reports the deposit: Baton sees it on a real chain node, builds the proof and submits it."""

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from baton.chains.spec import Token
from baton.encoding.addresses import checksummed
from baton.orchestra.proofs import DepositProof
from baton.orders.answers import Placement
from baton.orders.models import Outcome, Phase
from tests.end_to_end.chain_orders import AGREED, evm_chain, known_to_orchestra, submits, until_seen
from tests.end_to_end.world import World, running_world
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
async def dai(node: AnvilDriver) -> str:
    return await node.token()


@pytest.fixture(scope="module")
async def chain(
    node: AnvilDriver, token: str, dai: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    """Run Baton with a watch on a chain of its own, on which two blocks confirm a deposit."""
    tokens = {"USDC": token, "DAI": dai}
    listed = {symbol: Token(contract=checksummed(contract), decimals=6) for symbol, contract in tokens.items()}
    spec = evm_chain(token, node.url, tokens=listed)
    folder = tmp_path_factory.mktemp("chain")
    async with temporal_server() as temporal, running_world(temporal, folder, chains={"base": spec}) as world:
        yield world
        await replay_all(temporal.client)


async def placed_on(world: World, **fields: Any) -> Placement:
    """Place an order whose deposit the sandbox does not detect by itself."""
    return await world.place(**fields)


async def test_a_deposit_on_chain_is_submitted_once_confirmed(chain: World, node: AnvilDriver, token: str) -> None:
    placed = await placed_on(chain)
    assert placed.deposit_address is not None
    receipt = await node.transfer(token, placed.deposit_address, AGREED)
    await known_to_orchestra(chain, placed, receipt["transactionHash"])

    snapshot = await until_seen(chain, placed, "exact")
    assert (snapshot.phase, snapshot.deposits[0].state, snapshot.order_id) == (Phase.AWAITING_DEPOSIT, "seen", None)
    assert snapshot.waiting_for is not None
    assert snapshot.waiting_for.who == "chain"

    await node.mine(2)

    assert (await chain.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    ended = await chain.snapshot(placed)
    (line,) = ended.deposits
    assert (line.tx_id, line.submitted, line.disagrees) == (receipt["transactionHash"], True, [])
    assert "orchestra" in line.agrees
    assert len(await submits(chain, placed)) == 1


@pytest.mark.parametrize(
    ("amount", "verdict", "received"), [(AGREED - 1, "short", "short"), (AGREED + 1, "over", "over")]
)
async def test_a_deposit_that_is_short_or_over_is_submitted_and_named(
    chain: World, node: AnvilDriver, token: str, amount: int, verdict: str, received: str
) -> None:
    placed = await placed_on(chain)
    assert placed.deposit_address is not None
    receipt = await node.transfer(token, placed.deposit_address, amount)
    await known_to_orchestra(chain, placed, receipt["transactionHash"], amount)
    await node.mine(3)

    assert (await chain.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    ended = await chain.snapshot(placed)
    assert [deposit.verdict for deposit in ended.deposits] == [verdict]
    assert ended.received is not None
    assert (ended.received.name, ended.received.received) == (received, amount)


async def test_dust_is_noted_and_pays_nothing(chain: World, node: AnvilDriver, token: str) -> None:
    placed = await placed_on(chain)
    assert placed.deposit_address is not None
    await node.transfer(token, placed.deposit_address, AGREED // 100 - 1)
    await node.mine(3)

    snapshot = await until_seen(chain, placed, "dust")

    assert (snapshot.phase, snapshot.attention) == (Phase.AWAITING_DEPOSIT, None)
    assert await submits(chain, placed) == []


async def test_a_wrong_token_raises_attention_and_the_right_one_still_pays(
    chain: World, node: AnvilDriver, token: str, dai: str
) -> None:
    placed = await placed_on(chain)
    assert placed.deposit_address is not None
    await node.transfer(dai, placed.deposit_address, AGREED)
    await node.mine(3)

    snapshot = await until_seen(chain, placed, "wrong_token")
    assert snapshot.attention is not None
    assert snapshot.attention.reason == "wrong_token_deposit"
    assert "DAI" in snapshot.attention.message
    assert await submits(chain, placed) == []

    receipt = await node.transfer(token, placed.deposit_address, AGREED)
    await known_to_orchestra(chain, placed, receipt["transactionHash"])
    await node.mine(3)
    assert (await chain.baton.wait(placed.reference)).outcome is Outcome.COMPLETED


async def test_a_second_deposit_on_chain_raises_attention_without_a_submit(
    chain: World, node: AnvilDriver, token: str
) -> None:
    placed = await placed_on(chain)
    assert placed.deposit_address is not None
    first = await node.transfer(token, placed.deposit_address, AGREED)
    await known_to_orchestra(chain, placed, first["transactionHash"])
    await node.transfer(token, placed.deposit_address, AGREED)

    snapshot = await until_seen(chain, placed, "exact", "second")
    assert snapshot.attention is not None
    assert snapshot.attention.reason == "second_deposit"

    await node.mine(3)
    assert (await chain.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    assert [deposit.submitted for deposit in (await chain.snapshot(placed)).deposits] == [True, False]
    assert len(await submits(chain, placed)) == 1


async def test_after_a_reorg_the_replacing_deposit_is_submitted(chain: World, node: AnvilDriver, token: str) -> None:
    placed = await placed_on(chain)
    assert placed.deposit_address is not None
    await node.transfer(token, placed.deposit_address, AGREED)
    await until_seen(chain, placed, "exact")

    await node.reorg(1)
    snapshot = await until_seen(chain, placed, "gone")
    assert (snapshot.phase, snapshot.attention) == (Phase.AWAITING_DEPOSIT, None)

    again = await node.transfer(token, placed.deposit_address, AGREED)
    await known_to_orchestra(chain, placed, again["transactionHash"])
    await node.mine(3)
    assert (await chain.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    assert [call["body"]["txHash"] for call in await submits(chain, placed)] == [again["transactionHash"]]


async def test_a_deposit_that_is_reported_and_seen_is_submitted_once(
    chain: World, node: AnvilDriver, token: str
) -> None:
    placed = await placed_on(chain)
    assert placed.deposit_address is not None
    receipt = await node.transfer(token, placed.deposit_address, AGREED)
    await known_to_orchestra(chain, placed, receipt["transactionHash"])
    await until_seen(chain, placed, "exact")

    proof = DepositProof(tx_hash=receipt["transactionHash"].upper().replace("0X", "0x"))
    await chain.baton.report_deposit(placed.reference, proof)

    assert (await chain.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    (line,) = (await chain.snapshot(placed)).deposits
    assert (line.submitted, line.agrees) == (True, ["business", "orchestra"])
    assert len(await submits(chain, placed)) == 1


async def test_a_report_that_differs_on_a_chain_raises_attention(chain: World, node: AnvilDriver, token: str) -> None:
    placed = await placed_on(chain)
    assert placed.deposit_address is not None
    await chain.sandbox.fault("submit", "error", quoteId=placed.quote_id, status=404, code="tx_not_found", times=50)
    await chain.baton.report_deposit(placed.reference, DepositProof(tx_hash=f"0x{uuid.uuid4().hex * 2}"))

    receipt = await node.transfer(token, placed.deposit_address, AGREED)

    snapshot = await until_seen(chain, placed, "exact")
    assert snapshot.attention is not None
    assert snapshot.attention.reason == "deposit_disagrees"
    assert receipt["transactionHash"] in snapshot.attention.message


async def test_a_deposit_that_orchestra_saw_first_is_not_submitted(chain: World, node: AnvilDriver, token: str) -> None:
    placed = await placed_on(chain)
    assert placed.deposit_address is not None
    receipt = await node.transfer(token, placed.deposit_address, AGREED)
    await chain.sandbox.deposit(placed.quote_id, txHash=receipt["transactionHash"], detect=True)

    assert (await chain.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    await node.mine(3)

    assert await submits(chain, placed) == []


async def test_a_deposit_after_the_quotes_expiry_is_seen_and_submitted(
    chain: World, node: AnvilDriver, token: str
) -> None:
    placed = await placed_on(chain)
    assert placed.deposit_address is not None
    await chain.pass_expiry(placed)

    receipt = await node.transfer(token, placed.deposit_address, AGREED)
    await known_to_orchestra(chain, placed, receipt["transactionHash"])
    await node.mine(3)

    assert (await chain.baton.wait(placed.reference)).outcome is Outcome.COMPLETED


async def test_a_deposit_to_an_older_quotes_address_is_submitted_for_it(
    chain: World, node: AnvilDriver, token: str
) -> None:
    placed = await placed_on(chain, policy={"onQuoteExpiry": "requote"})
    assert placed.deposit_address is not None
    await chain.pass_expiry(placed)
    await eventually(lambda: chain.snapshot(placed), lambda snapshot: len(snapshot.quotes) >= 2)

    receipt = await node.transfer(token, placed.deposit_address, AGREED)
    await known_to_orchestra(chain, placed, receipt["transactionHash"])
    await node.mine(3)

    assert (await chain.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    assert [call["body"]["quoteId"] for call in await submits(chain, placed)] == [placed.quote_id]


async def test_an_orders_own_policy_sets_when_its_deposit_is_submitted(
    chain: World, node: AnvilDriver, token: str
) -> None:
    placed = await placed_on(chain, policy={"submitAt": "seen"})
    assert placed.deposit_address is not None
    receipt = await node.transfer(token, placed.deposit_address, AGREED)
    await known_to_orchestra(chain, placed, receipt["transactionHash"])

    assert (await chain.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
