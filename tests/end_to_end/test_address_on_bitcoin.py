"""A permanent Bitcoin address on a real node: a payer may replace a transaction, or spend its coins elsewhere."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from baton.chains.spec import ChainSpec, Family, ProviderSpec
from baton.local.nodes.book import NodeEntry
from baton.orders.answers import Snapshot
from baton.orders.models import Outcome
from baton.sources.answers import SourceSnapshot
from tests.end_to_end.address_deposits import advance, orders_of
from tests.end_to_end.test_addresses import liquidation
from tests.end_to_end.test_deposits_on_other_chains import worlds
from tests.end_to_end.world import World
from tests.eventually import eventually
from tests.local.nodes.bitcoind import BitcoindDriver, running_bitcoind

pytestmark = pytest.mark.nodes

PAID = 400_000
GONE = "deposit_gone"


@pytest.fixture(scope="module")
async def bitcoind() -> AsyncIterator[BitcoindDriver]:
    async with running_bitcoind() as running:
        yield running


@pytest.fixture(scope="module")
async def bitcoin(bitcoind: BitcoindDriver, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    url = SecretStr(bitcoind.url)
    spec = ChainSpec(
        name="bitcoin",
        family=Family.BITCOIN,
        native="BTC",
        native_decimals=8,
        confirmations=1,
        final_after=6,
        poll_seconds=0.1,
        block_seconds=600,
        providers=(ProviderSpec(url=url, kind="bitcoind"),),
    )
    folder = tmp_path_factory.mktemp("bitcoin")
    async for world in worlds(folder, spec, NodeEntry(node="bitcoind", url=url)):
        yield world


async def test_a_replaced_deposit_ends_and_its_replacement_is_the_order(
    bitcoin: World, bitcoind: BitcoindDriver
) -> None:
    address = await bitcoin.baton.create_address(liquidation(zeroconfEnabled=False))
    first = await bitcoind.pay(address.addresses["bitcoin"], PAID)
    await _until(bitcoin, address, first)

    second = await bitcoind.replace(first)
    replaced, order = await _until(bitcoin, address, first, second)
    await bitcoind.mine()
    await _known_to_orchestra(bitcoin, address, order)

    await advance(bitcoin, order, minutes=2)
    await advance(bitcoin, replaced, hours=25)
    ended = await _until_ended(bitcoin, address)
    assert _ends(ended) == {first: (Outcome.EXPIRED, GONE, False), second: (Outcome.COMPLETED, None, True)}
    assert len(await _made_by_orchestra(bitcoin, address)) == 1


async def test_a_deposit_spent_elsewhere_asks_a_person_and_then_ends(bitcoin: World, bitcoind: BitcoindDriver) -> None:
    address = await bitcoin.baton.create_address(liquidation(zeroconfEnabled=False))
    tx_id = await bitcoind.pay(address.addresses["bitcoin"], PAID)
    await _until(bitcoin, address, tx_id)

    await bitcoind.take_back(tx_id)
    [order] = await eventually(lambda: orders_of(bitcoin, address), lambda orders: _reasons(orders[0]) == [GONE])
    assert order.attention is not None
    assert f"0.004 BTC (400000 smallest units) in {tx_id}" in order.attention.message
    assert "a transaction that replaces it has an order of its own" in order.attention.message
    assert order.waiting_for is not None
    assert order.waiting_for.what == "the deposit to come back on its chain"

    await advance(bitcoin, order, hours=25)
    assert _ends(await _until_ended(bitcoin, address)) == {tx_id: (Outcome.EXPIRED, GONE, False)}
    assert await _made_by_orchestra(bitcoin, address) == []


async def test_a_replacement_makes_no_second_order_at_orchestra(bitcoin: World, bitcoind: BitcoindDriver) -> None:
    address = await bitcoin.baton.create_address(liquidation(zeroconfEnabled=False))
    first = await bitcoind.pay(address.addresses["bitcoin"], PAID)
    [order] = await _until(bitcoin, address, first)
    await _known_to_orchestra(bitcoin, address, order)
    await eventually(lambda: orders_of(bitcoin, address), lambda orders: orders[0].order_id is not None)

    second = await bitcoind.replace(first)
    await _until(bitcoin, address, first, second)
    assert len(await _made_by_orchestra(bitcoin, address)) == 1


async def _until(world: World, address: SourceSnapshot, *tx_ids: str) -> list[Snapshot]:
    """Wait until the address has exactly one order for each of these transactions; return them in that order."""

    def reached(orders: list[Snapshot]) -> bool:
        return sorted(map(_paid_by, orders)) == sorted(tx_ids)

    orders = await eventually(lambda: orders_of(world, address), reached)
    return sorted(orders, key=lambda order: tx_ids.index(_paid_by(order)))


async def _until_ended(world: World, address: SourceSnapshot) -> list[Snapshot]:
    return await eventually(
        lambda: orders_of(world, address), lambda orders: all(order.outcome is not None for order in orders)
    )


async def _known_to_orchestra(world: World, address: SourceSnapshot, order: Snapshot) -> None:
    assert order.address_deposit is not None
    proof = {"bitcoinTxid": order.address_deposit.tx_id, "bitcoinVout": order.address_deposit.output}
    await world.sandbox.deposit(deposit_address=address.addresses["bitcoin"], chain="bitcoin", amount=PAID, **proof)


async def _made_by_orchestra(world: World, address: SourceSnapshot) -> list[str]:
    orders = await world.sandbox.orders()
    return [order["id"] for order in orders if order["depositAddress"] == address.addresses["bitcoin"]]


def _paid_by(order: Snapshot) -> str:
    assert order.address_deposit is not None
    return order.address_deposit.tx_id


def _ends(orders: list[Snapshot]) -> dict[str, tuple[Outcome | None, str | None, bool]]:
    return {
        _paid_by(order): (
            order.outcome,
            order.reason.code if order.reason else None,
            order.order_id is not None,
        )
        for order in orders
    }


def _reasons(order: Snapshot) -> list[str]:
    return [attention.reason for attention in order.attentions]
