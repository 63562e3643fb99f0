"""Money after its order closed unpaid starts a follow-up order, whether the chain or Orchestra reports it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio.service import RPCError, RPCStatusCode

from baton.orders.answers import Placement, Snapshot
from baton.orders.models import Outcome, Phase
from baton.orders.names import follow_up_reference, order_workflow_id
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
async def chain(node: AnvilDriver, token: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    folder, spec = tmp_path_factory.mktemp("late"), evm_chain(token, node.url)
    async with temporal_server() as temporal, running_world(temporal, folder, chains={"base": spec}) as world:
        yield world
        await replay_all(temporal.client)


async def expired(world: World, **policy: Any) -> Placement:
    """Place an order and let it close unpaid."""
    placed = await world.place(policy={"onQuoteExpiry": "expire", **policy})
    await world.pass_expiry(placed)
    assert (await world.baton.wait(placed.reference)).outcome is Outcome.EXPIRED
    return placed


def follow_up(placed: Placement) -> Placement:
    """Return the follow-up order of another order."""
    reference = follow_up_reference(placed.reference)
    changed = {"reference": reference, "workflow_id": order_workflow_id(placed.account, reference)}
    return placed.model_copy(update=changed)


async def until_it_goes_on(world: World, placed: Placement) -> Snapshot:
    await eventually(lambda: world.ledger.order(follow_up(placed).workflow_id))
    return await world.snapshot(follow_up(placed))


async def goes_on(world: World, placed: Placement) -> bool:
    """Whether a follow-up order was started; that happens before the ledger has the deposit."""
    try:
        await world.handle(follow_up(placed)).describe()
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return False
    return True


async def transfer(node: AnvilDriver, token: str, placed: Placement, amount: int = AGREED) -> str:
    assert placed.deposit_address is not None
    sent_hash: str = (await node.transfer(token, placed.deposit_address, amount))["transactionHash"]
    return sent_hash


async def kept(world: World, placed: Placement, tx_hash: str) -> None:
    """Wait until the ledger has the deposit."""
    assert placed.deposit_address is not None

    async def hashes() -> set[str]:
        rows = await world.ledger.watching.known("base", [], [])
        return {row.tx_id for row in rows if row.address == placed.deposit_address}

    assert await eventually(hashes) == {tx_hash}


async def test_confirmed_late_money_is_submitted_for_the_old_quote(chain: World, node: AnvilDriver, token: str) -> None:
    placed = await expired(chain)
    tx_hash = await transfer(node, token, placed)
    await known_to_orchestra(chain, placed, tx_hash)

    await until_it_goes_on(chain, placed)
    snapshot = await until_seen(chain, follow_up(placed), "exact")
    assert (snapshot.phase, snapshot.deposits[0].state) == (Phase.AWAITING_DEPOSIT, "seen")
    assert [quote.quote_id for quote in snapshot.quotes] == [placed.quote_id]

    await node.mine(2)

    assert (await chain.baton.wait(follow_up(placed).reference)).outcome is Outcome.COMPLETED
    (submit,) = await submits(chain, follow_up(placed))
    assert (submit["body"]["quoteId"], submit["body"]["txHash"]) == (placed.quote_id, tx_hash)
    assert await submits(chain, placed) == []


async def test_late_money_may_come_to_the_address_of_any_quote_of_the_order(
    chain: World, node: AnvilDriver, token: str
) -> None:
    placed = await chain.place(policy={"onQuoteExpiry": "requote", "maxRequotes": 1, "depositWindow": "PT5M"})
    await chain.pass_expiry(placed)
    await eventually(lambda: chain.snapshot(placed), lambda snapshot: len(snapshot.quotes) == 2)
    await chain.advance(placed, minutes=5)
    assert (await chain.baton.wait(placed.reference)).outcome is Outcome.EXPIRED

    tx_hash = await transfer(node, token, placed)
    await known_to_orchestra(chain, placed, tx_hash)
    await node.mine(2)

    assert (await until_it_goes_on(chain, placed)).reference == follow_up(placed).reference
    assert (await chain.baton.wait(follow_up(placed).reference)).outcome is Outcome.COMPLETED
    assert [call["body"]["quoteId"] for call in await submits(chain, follow_up(placed))] == [placed.quote_id]


async def test_late_money_that_chain_and_orchestra_report_makes_one_order(
    chain: World, node: AnvilDriver, token: str
) -> None:
    placed = await expired(chain)
    tx_hash = await transfer(node, token, placed)
    await chain.sandbox.deposit(placed.quote_id, txHash=tx_hash, detect=True)
    await node.mine(2)

    await until_it_goes_on(chain, placed)
    assert (await chain.baton.wait(follow_up(placed).reference)).outcome is Outcome.COMPLETED
    orders = [order for order in await chain.sandbox.orders() if order["quoteId"] == placed.quote_id]
    assert len(orders) == 1
    assert (await chain.snapshot(follow_up(placed))).order_id == orders[0]["id"]


async def test_late_money_that_is_gone_again_is_not_submitted(chain: World, node: AnvilDriver, token: str) -> None:
    placed = await expired(chain)
    await transfer(node, token, placed)
    await until_it_goes_on(chain, placed)
    await until_seen(chain, follow_up(placed), "exact")

    await node.reorg(1)

    snapshot = await until_seen(chain, follow_up(placed), "gone")
    assert (snapshot.phase, snapshot.attention) == (Phase.AWAITING_DEPOSIT, None)
    await chain.baton.cancel(follow_up(placed).reference)
    assert await submits(chain, follow_up(placed)) == []


async def test_dust_after_the_end_is_only_recorded_in_the_ledger(chain: World, node: AnvilDriver, token: str) -> None:
    placed = await expired(chain)
    tx_hash = await transfer(node, token, placed, AGREED // 100 - 1)
    await node.mine(3)

    await kept(chain, placed, tx_hash)
    assert not await goes_on(chain, placed)


async def test_money_on_chain_after_a_cancel_asks_a_person(chain: World, node: AnvilDriver, token: str) -> None:
    placed = await chain.place()
    await chain.baton.cancel(placed.reference)
    tx_hash = await transfer(node, token, placed)
    await node.mine(3)

    await kept(chain, placed, tx_hash)
    (attention,) = (await eventually(lambda: chain.snapshot(placed), lambda snapshot: snapshot.attentions)).attentions
    assert attention.reason == "late_deposit"
    assert tx_hash in attention.message
    assert not await goes_on(chain, placed)


async def test_money_on_chain_for_a_terminated_order_is_submitted_with_attention(
    chain: World, node: AnvilDriver, token: str
) -> None:
    placed = await chain.place()
    await chain.handle(placed).terminate("by mistake")
    tx_hash = await transfer(node, token, placed)
    await known_to_orchestra(chain, placed, tx_hash)
    await node.mine(3)

    late = await until_it_goes_on(chain, placed)
    assert [attention.reason for attention in late.attentions] == ["order_terminated"]
    assert (await chain.baton.wait(late.reference)).outcome is Outcome.COMPLETED
    assert [submit["body"]["txHash"] for submit in await submits(chain, follow_up(placed))] == [tx_hash]
