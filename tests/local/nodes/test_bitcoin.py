"""Bitcoin deposits on a real node, seen by both readers: over Esplora HTTP and from bitcoind's wallet."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest

from baton.chains.bitcoin.bitcoind import BitcoindReader
from baton.chains.bitcoin.esplora import EsploraReader
from baton.chains.bitcoin.node import WALLET
from baton.chains.deposits import Deposit, DepositState, Reader, Watch
from baton.chains.errors import ProviderBroken
from baton.chains.http import Provider
from baton.chains.spec import ChainSpec, Family
from tests.local.nodes.bitcoind import Bitcoind, running_bitcoind
from tests.local.nodes.esplora_facade import running_esplora

pytestmark = [pytest.mark.nodes, pytest.mark.timeout(180)]

SPEC = ChainSpec(
    name="bitcoin",
    family=Family.BITCOIN,
    native="BTC",
    native_decimals=8,
    confirmations=2,
    final_after=6,
    block_seconds=600,
)
KINDS = ("esplora", "bitcoind")


class World(NamedTuple):
    """A node, and how to make a reader of it."""

    node: Bitcoind
    open: Callable[[str], Reader]


def watch_from_now(address: str, since: timedelta = timedelta()) -> Watch:
    return Watch(address=address, since=datetime.now(UTC) + since)


class Watcher:
    """What holds a cursor between looks, as the service does."""

    def __init__(self, reader: Reader, *addresses: str, since: timedelta = timedelta()) -> None:
        self.reader = reader
        self.cursor: str | None = None
        self.unread: frozenset[str] = frozenset()
        self.watches = [watch_from_now(address, since) for address in addresses]

    async def look(self) -> dict[tuple[str, str], Deposit]:
        """Scan up to the head and return what was told, by transaction and output."""
        told: dict[tuple[str, str], Deposit] = {}
        for _ in range(50):
            scan = await self.reader.scan(self.watches, self.cursor)
            told |= {(one.tx_id, one.index): one for one in scan.deposits}
            self.cursor, self.unread = scan.cursor, scan.unread
            if scan.caught_up:
                return told
        raise AssertionError("the reader never came to the head")

    async def only(self) -> Deposit:
        """Look, and return the one deposit there is."""
        (deposit,) = (await self.look()).values()
        return deposit


@pytest.fixture(scope="module")
async def world() -> AsyncIterator[World]:
    async with running_bitcoind() as node, running_esplora(node) as url:
        opened: list[Reader] = []

        def open_reader(kind: str) -> Reader:
            made = EsploraReader(SPEC, Provider(url)) if kind == "esplora" else BitcoindReader(SPEC, Provider(node.url))
            opened.append(made)
            return made

        yield World(node, open_reader)
        for reader in opened:
            await reader.aclose()


@pytest.fixture(params=KINDS)
def reader(world: World, request: pytest.FixtureRequest) -> Reader:
    return world.open(request.param)


@pytest.fixture
def node(world: World) -> Bitcoind:
    return world.node


async def test_a_deposit_is_seen_in_the_mempool_then_confirmed_then_final(node: Bitcoind, reader: Reader) -> None:
    address = await node.address()
    watcher = Watcher(reader, address)
    assert await watcher.look() == {}
    tx_id = await node.pay(address, 123_456_789)
    seen = await watcher.only()
    assert (seen.tx_id, seen.amount, seen.address, seen.symbol, seen.decimals) == (
        tx_id,
        123_456_789,
        address,
        "BTC",
        8,
    )
    assert (seen.state, seen.confirmations, seen.block_height) == (DepositState.SEEN, 0, None)
    (block,) = await node.mine()
    young = await watcher.only()
    assert (young.state, young.confirmations, young.block_hash) == (DepositState.SEEN, 1, block)
    assert young.block_height == await node.rpc("getblockcount")
    await node.mine()
    assert ((await watcher.only()).state, (await watcher.only()).confirmations) == (DepositState.CONFIRMED, 2)
    await node.mine(4)
    final = await watcher.only()
    assert (final.state, final.confirmations, final.block_hash) == (DepositState.FINAL, 6, block)
    assert final.key == seen.key


async def test_whoever_paid_is_told_as_a_hint(node: Bitcoind, reader: Reader) -> None:
    address = await node.address()
    watcher = Watcher(reader, address)
    tx_id = await node.pay(address, 50_000)
    (block,) = await node.mine()
    spent = (await node.rpc("getrawtransaction", tx_id, 2, block))["vin"][0]["prevout"]["scriptPubKey"]["address"]
    assert (await watcher.only()).sender == spent


@pytest.mark.parametrize("form", ["legacy", "p2sh-segwit", "bech32", "bech32m"])
async def test_every_form_of_address_is_watched(node: Bitcoind, reader: Reader, form: str) -> None:
    address = await node.address(form)
    watcher = Watcher(reader, address)
    await node.pay(address, 40_000)
    assert (await watcher.only()).address == address


async def test_an_address_in_capitals_keeps_its_spelling(node: Bitcoind, reader: Reader) -> None:
    address = (await node.address()).upper()
    watcher = Watcher(reader, address)
    await node.pay(address.lower(), 40_001)
    deposit = await watcher.only()
    assert deposit.address == address
    assert await reader.recheck(deposit) == deposit


async def test_a_replaced_deposit_is_gone_and_its_replacement_told(node: Bitcoind, reader: Reader) -> None:
    address = await node.address()
    watcher = Watcher(reader, address)
    first = await node.pay(address, 70_000)
    old = await watcher.only()
    second = await node.replace(first)
    new = await watcher.only()
    assert (old.tx_id, new.tx_id, new.amount) == (first, second, 70_000)
    assert await reader.recheck(old) is None
    assert await reader.recheck(new) == new
    await node.mine()
    assert (await watcher.only()).tx_id == second
    assert await reader.recheck(old) is None


async def test_a_deposit_that_the_payer_took_back_is_gone(node: Bitcoind, reader: Reader) -> None:
    address = await node.address()
    watcher = Watcher(reader, address)
    tx_id = await node.pay(address, 80_000)
    deposit = await watcher.only()
    await node.take_back(tx_id)
    assert await watcher.look() == {}
    assert await reader.recheck(deposit) is None


async def test_two_outputs_to_one_address_are_two_deposits(node: Bitcoind, reader: Reader) -> None:
    address = await node.address()
    watcher = Watcher(reader, address)
    tx_id = await node.pay_twice(address, 11_000, 22_000)
    for _ in range(2):
        told = await watcher.look()
        assert {one.tx_id for one in told.values()} == {tx_id}
        assert sorted(one.amount for one in told.values()) == [11_000, 22_000]
        assert len({one.key for one in told.values()}) == 2
        for one in told.values():
            assert await reader.recheck(one) == one
        await node.mine()


async def test_a_reorganisation_sends_a_deposit_back_to_the_mempool_and_it_is_confirmed_again(
    node: Bitcoind, reader: Reader
) -> None:
    address = await node.address()
    watcher = Watcher(reader, address)
    await node.pay(address, 90_000)
    await node.mine(2)
    before = await watcher.only()
    assert before.state is DepositState.CONFIRMED
    await node.reorganise(2)
    thrown_out = await watcher.only()
    assert (thrown_out.state, thrown_out.block_height, thrown_out.block_hash) == (DepositState.SEEN, None, None)
    assert await reader.recheck(before) == thrown_out.model_copy(update={"sender": before.sender})
    await node.mine(2)
    again = await watcher.only()
    assert (again.state, again.key) == (DepositState.CONFIRMED, before.key)
    assert again.block_hash != before.block_hash


async def test_nothing_is_missed_while_the_watcher_is_down_for_five_hundred_blocks(
    node: Bitcoind, reader: Reader
) -> None:
    addresses = [await node.address() for _ in range(5)]
    watcher = Watcher(reader, *addresses)
    await watcher.look()
    sent = set()
    for address in addresses:
        sent.add(await node.pay(address, 33_000))
        await node.mine(100)
    sent.add(await node.pay(addresses[0], 44_000))
    told = await watcher.look()
    assert {one.tx_id for one in told.values()} == sent
    assert [one.state for one in told.values()].count(DepositState.FINAL) == 5


async def test_sixty_deposits_to_one_address_are_all_told_and_so_is_the_next(node: Bitcoind, reader: Reader) -> None:
    address = await node.address()
    watcher = Watcher(reader, address)
    for each in range(60):
        await node.pay(address, 20_000 + each)
        if each % 20 == 19:
            await node.mine()
    assert sorted(one.amount for one in (await watcher.look()).values()) == list(range(20_000, 20_060))
    await node.mine(10)
    assert len(await watcher.look()) == 60
    late = await node.pay(address, 1_000)
    await node.mine()
    assert late in {tx_id for tx_id, _ in await watcher.look()}


async def test_a_hundred_addresses_are_watched_at_once(node: Bitcoind, reader: Reader) -> None:
    amounts = {await node.address(): 10_000 + each for each in range(100)}
    watcher = Watcher(reader, *amounts)
    assert await watcher.look() == {}
    paid = list(amounts.items())
    for start in range(0, len(paid), 10):
        await node.pay_each(dict(paid[start : start + 10]))
    for _ in range(2):
        assert {one.address: one.amount for one in (await watcher.look()).values()} == amounts
        await node.mine()


async def test_an_address_added_late_is_read_from_its_own_beginning(node: Bitcoind, reader: Reader) -> None:
    address, other = await node.address(), await node.address()
    registered_late = watch_from_now(address)
    tx_id = await node.pay(address, 55_000)
    await node.mine(20)
    watcher = Watcher(reader, other)
    assert await watcher.look() == {}
    watcher.watches.append(registered_late)
    deposit = await watcher.only()
    assert (deposit.tx_id, deposit.state) == (tx_id, DepositState.FINAL)


async def test_what_a_lost_scan_told_is_told_again(node: Bitcoind, reader: Reader) -> None:
    address, other = await node.address(), await node.address()
    watcher = Watcher(reader, other)
    await watcher.look()
    registered_late = watch_from_now(address)
    await node.pay(address, 56_000)
    await node.mine(20)
    watcher.watches.append(registered_late)
    kept = watcher.cursor
    told = await watcher.look()
    watcher.cursor = kept
    assert await watcher.look() == told != {}


async def test_what_was_paid_hours_before_the_quote_is_of_no_interest(node: Bitcoind, reader: Reader) -> None:
    address = await node.address()
    await node.pay(address, 57_000)
    await node.mine()
    assert await Watcher(reader, address, since=timedelta(hours=3)).look() == {}


async def test_an_address_of_another_network_is_unread_and_the_others_count(node: Bitcoind, reader: Reader) -> None:
    foreign, address = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", await node.address()
    watcher = Watcher(reader, foreign, address)
    await node.pay(address, 58_000)
    assert (await watcher.only()).address == address
    assert watcher.unread == {foreign}


async def test_a_sweep_from_one_watched_address_to_another_is_a_deposit_to_the_latter(
    node: Bitcoind, reader: Reader
) -> None:
    first, second = await node.address(), await node.address()
    watcher = Watcher(reader, first, second)
    paid = await node.pay(first, 61_000_000)
    await node.mine()
    swept = await node.sweep(second, 30_000_000)
    told = await watcher.look()
    assert {(one.tx_id, one.address, one.amount) for one in told.values()} == {
        (paid, first, 61_000_000),
        (swept, second, 30_000_000),
    }
    await node.mine()


@pytest.mark.parametrize(("first", "then"), [KINDS, KINDS[::-1]])
async def test_one_reader_goes_on_where_the_other_stopped(world: World, first: str, then: str) -> None:
    node, address = world.node, await world.node.address()
    watcher = Watcher(world.open(first), address)
    old = await node.pay(address, 62_000)
    await node.mine()
    assert set(await watcher.look()) == {(old, (await watcher.only()).index)}
    await node.mine(10)
    new = await node.pay(address, 63_000)
    await node.mine(10)
    watcher.reader = world.open(then)
    assert new in {tx_id for tx_id, _ in await watcher.look()}


async def test_a_wallet_that_was_unloaded_is_loaded_before_anything_is_told(world: World) -> None:
    node, address = world.node, await world.node.address()
    watcher = Watcher(world.open("bitcoind"), address)
    await node.pay(address, 64_000)
    told = await watcher.look()
    await node.rpc("unloadwallet", WALLET)
    with pytest.raises(ProviderBroken, match="the wallet was not loaded"):
        await watcher.look()
    assert await watcher.look() == told != {}


async def test_a_wallet_that_never_saw_an_address_calls_no_deposit_gone(world: World) -> None:
    node, address = world.node, await world.node.address()
    await node.pay(address, 65_000)
    deposit = await Watcher(world.open("esplora"), address).only()
    with pytest.raises(ProviderBroken, match="scan this address first"):
        await world.open("bitcoind").recheck(deposit)


async def test_a_new_process_finds_the_wallet_as_the_old_one_left_it(world: World) -> None:
    node, address = world.node, await world.node.address()
    watcher = Watcher(world.open("bitcoind"), address)
    await watcher.look()
    await node.pay(address, 66_000)
    await node.mine(30)
    provider = Provider(node.url)
    watcher.reader = BitcoindReader(SPEC, provider)
    scan = await watcher.reader.scan(watcher.watches, watcher.cursor)
    assert [one.amount for one in scan.deposits] == [66_000]
    assert (scan.caught_up, scan.unread) == (True, frozenset())
    await watcher.reader.aclose()
