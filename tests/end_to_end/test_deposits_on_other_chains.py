"""The same on Bitcoin and Solana: nobody reports the deposit, Baton sees it on a real node, and the order completes."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from baton.chains.spec import ChainSpec, Family, ProviderSpec, Token
from baton.local.nodes.book import NodeEntry, write_nodes
from baton.orders.answers import Placement
from baton.orders.models import Outcome, Phase
from tests.end_to_end.chain_orders import submits, until_seen
from tests.end_to_end.test_zeroconf import BITCOIN
from tests.end_to_end.world import SPARK, World, running_world
from tests.eventually import eventually
from tests.leftovers import replay_all
from tests.local.nodes.bitcoind import BitcoindDriver, running_bitcoind
from tests.local.nodes.surfnet import DECIMALS, SurfnetDriver, running_surfnet
from tests.temporal_server import temporal_server

pytestmark = pytest.mark.nodes

SOLANA = {
    "sourceChain": "solana",
    "sourceAsset": "USDC",
    "destinationChain": "spark",
    "destinationAsset": "BTC",
    "amount": "100000000",
    "recipientAddress": SPARK,
}


@pytest.fixture(scope="module")
async def bitcoind() -> AsyncIterator[BitcoindDriver]:
    async with running_bitcoind() as running:
        yield running


@pytest.fixture(scope="module")
async def bitcoin(bitcoind: BitcoindDriver, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    spec = ChainSpec(
        name="bitcoin",
        family=Family.BITCOIN,
        native="BTC",
        native_decimals=8,
        confirmations=1,
        final_after=6,
        poll_seconds=0.1,
        block_seconds=600,
        providers=(ProviderSpec(url=SecretStr(bitcoind.url), kind="bitcoind"),),
    )
    entry = NodeEntry(node="bitcoind", url=SecretStr(bitcoind.url))
    async for world in worlds(tmp_path_factory.mktemp("bitcoin"), spec, entry):
        yield world


@pytest.fixture(scope="module")
async def surfnet() -> AsyncIterator[SurfnetDriver]:
    async with running_surfnet(slot_milliseconds=100) as running:
        yield running


@pytest.fixture(scope="module")
async def solana(surfnet: SurfnetDriver, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    mint = await surfnet.create_mint(10**15)
    spec = ChainSpec(
        name="solana",
        family=Family.SOLANA,
        native="SOL",
        native_decimals=9,
        tokens={"USDC": Token(contract=mint, decimals=DECIMALS)},
        poll_seconds=0.2,
        block_seconds=0.1,
        providers=(ProviderSpec(url=SecretStr(surfnet.url)),),
    )
    payer = SecretStr(bytes(surfnet.payer).hex())
    entry = NodeEntry(node="surfnet", url=SecretStr(surfnet.url), payer=payer, tokens={"USDC": mint})
    async for world in worlds(tmp_path_factory.mktemp("solana"), spec, entry):
        yield world


async def worlds(folder: Path, spec: ChainSpec, node: NodeEntry) -> AsyncIterator[World]:
    """Run Baton with a watch on that chain; the sandbox uses real addresses and payments."""
    settle = folder / "nodes.json"
    write_nodes(settle, {spec.name: node})
    async with (
        temporal_server() as temporal,
        running_world(temporal, folder, chains={spec.name: spec}, settle=settle) as world,
    ):
        yield world
        await replay_all(temporal.client)


async def placed_on_bitcoin(world: World, **fields: Any) -> Placement:
    """Place a Bitcoin order whose deposit gets no ZeroConf offer."""
    return await world.place(**{**BITCOIN, "zeroconfEnabled": False, **fields})


async def paid(world: World, placed: Placement) -> str:
    """Pay on the node, so that the sandbox accepts it as the deposit once it is submitted; return the transaction."""
    proof = await world.deposit(placed, detect=False)
    return proof.bitcoin_txid or proof.tx_hash or ""


async def test_a_bitcoin_deposit_is_submitted_as_soon_as_it_is_seen(bitcoin: World, bitcoind: BitcoindDriver) -> None:
    placed = await placed_on_bitcoin(bitcoin)
    tx_id = await paid(bitcoin, placed)

    assert (await bitcoin.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    (submit,) = await submits(bitcoin, placed)
    (line,) = (await bitcoin.snapshot(placed)).deposits
    assert (submit["body"]["bitcoinTxid"], line.tx_id) == (tx_id, tx_id)
    assert (str(submit["body"]["bitcoinVout"]), line.confirmations) == (line.index, 0)


async def test_a_bitcoin_deposit_replaced_before_its_submit_is_replaced_too(
    bitcoin: World, bitcoind: BitcoindDriver
) -> None:
    placed = await placed_on_bitcoin(bitcoin, policy={"submitAt": "confirmed"})
    first = await paid(bitcoin, placed)
    await until_seen(bitcoin, placed, "exact")

    successor = await bitcoind.replace(first)
    snapshot = await until_seen(bitcoin, placed, "gone", "exact")
    assert (snapshot.phase, snapshot.attention, snapshot.deposits[1].tx_id) == (Phase.AWAITING_DEPOSIT, None, successor)
    output = int(snapshot.deposits[1].index)
    await bitcoin.sandbox.deposit(placed.quote_id, bitcoinTxid=successor, bitcoinVout=output, detect=False)
    await bitcoind.mine()

    assert (await bitcoin.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    assert [call["body"]["bitcoinTxid"] for call in await submits(bitcoin, placed)] == [successor]


async def test_a_bitcoin_deposit_replaced_while_not_found_is_resubmitted(
    bitcoin: World, bitcoind: BitcoindDriver
) -> None:
    placed = await placed_on_bitcoin(bitcoin)
    await bitcoin.sandbox.fault("submit", "error", quoteId=placed.quote_id, status=404, code="tx_not_found", times=1)
    assert placed.deposit_address is not None
    assert placed.amount_in is not None
    first = await bitcoind.pay(placed.deposit_address, placed.amount_in)
    await eventually(lambda: submits(bitcoin, placed))

    successor = await bitcoind.replace(first)
    snapshot = await until_seen(bitcoin, placed, "gone", "exact")
    output = int(snapshot.deposits[1].index)
    await bitcoin.sandbox.deposit(placed.quote_id, bitcoinTxid=successor, bitcoinVout=output, detect=False)

    assert (await bitcoin.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    calls = await submits(bitcoin, placed)
    assert (calls[0]["body"]["bitcoinTxid"], calls[-1]["body"]["bitcoinTxid"]) == (first, successor)
    bodies_of: dict[str, set[str]] = {}
    for call in calls:
        bodies_of.setdefault(call["idempotencyKey"], set()).add(call["body"]["bitcoinTxid"])
    assert all(len(transactions) == 1 for transactions in bodies_of.values())


async def test_a_bitcoin_deposit_replaced_after_its_submit_raises_attention(
    bitcoin: World, bitcoind: BitcoindDriver
) -> None:
    placed = await placed_on_bitcoin(bitcoin)
    await bitcoin.sandbox.set_scenario("stepped", placed.quote_id)
    first = await paid(bitcoin, placed)
    order = await bitcoin.until(placed, phase=Phase.TRACKING)
    assert order.order_id is not None

    await bitcoind.replace(first)

    snapshot = await until_seen(bitcoin, placed, "gone", "exact")
    assert snapshot.attention is not None
    assert (snapshot.attention.reason, len(await submits(bitcoin, placed))) == ("deposit_gone", 1)

    # Orchestra continues the order, so no person is needed any more.
    await bitcoin.sandbox.advance(order.order_id)
    await eventually(lambda: bitcoin.snapshot(placed), lambda snapshot: snapshot.attention is None)


async def test_two_orders_paid_by_one_bitcoin_transaction_each_see_theirs(
    bitcoin: World, bitcoind: BitcoindDriver
) -> None:
    placed_orders = [await placed_on_bitcoin(bitcoin, policy={"submitAt": "confirmed"}) for _ in range(2)]
    owed = {placed.deposit_address or "": placed.amount_in or 0 for placed in placed_orders}
    tx_id = await bitcoind.pay_each(owed)

    lines = [(await until_seen(bitcoin, placed, "exact")).deposits[0] for placed in placed_orders]
    assert [line.tx_id for line in lines] == [tx_id, tx_id]
    assert len({line.index for line in lines}) == 2

    for placed, line in zip(placed_orders, lines, strict=True):
        vout = int(line.index)
        await bitcoin.sandbox.deposit(placed.quote_id, bitcoinTxid=tx_id, bitcoinVout=vout, detect=False)
    await bitcoind.mine()
    for placed, line in zip(placed_orders, lines, strict=True):
        assert (await bitcoin.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
        assert [call["body"]["bitcoinVout"] for call in await submits(bitcoin, placed)] == [int(line.index)]


async def test_a_solana_deposit_is_submitted_once_it_is_confirmed(solana: World) -> None:
    placed = await solana.place(**SOLANA)
    signature = await paid(solana, placed)

    assert (await solana.baton.wait(placed.reference)).outcome is Outcome.COMPLETED
    (submit,) = await submits(solana, placed)
    (line,) = (await solana.snapshot(placed)).deposits
    assert (submit["body"]["txHash"], line.tx_id, line.asset) == (signature, signature, "USDC")
