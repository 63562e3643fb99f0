"""Bitcoin deposits on a real node, found by both readers: through Esplora's API and from bitcoind's wallet."""

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
from tests.local.nodes.bitcoind import BitcoindDriver, running_bitcoind
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


class BitcoinWorld(NamedTuple):
    """A node, and a function that opens a reader of it."""

    node: BitcoindDriver
    open: Callable[[str], Reader]


def watch_from_now(address: str, since: timedelta = timedelta()) -> Watch:
    return Watch(address=address, since=datetime.now(UTC) + since)


class BitcoinPoller:
    """Keeps a cursor between polls, as the service does."""

    def __init__(self, reader: Reader, *addresses: str, since: timedelta = timedelta()) -> None:
        self.reader = reader
        self.cursor: str | None = None
        self.unread: frozenset[str] = frozenset()
        self.watches = [watch_from_now(address, since) for address in addresses]

    async def poll(self) -> dict[tuple[str, str], Deposit]:
        """Scan up to the head, and return the deposits by transaction and output."""
        deposits: dict[tuple[str, str], Deposit] = {}
        for _ in range(50):
            scan = await self.reader.scan(self.watches, self.cursor)
            deposits |= {(deposit.tx_id, deposit.index): deposit for deposit in scan.deposits}
            self.cursor, self.unread = scan.cursor, scan.unread
            if scan.caught_up:
                return deposits
        raise AssertionError("the reader never reached the head")

    async def only(self) -> Deposit:
        """Poll, and return the only deposit."""
        (deposit,) = (await self.poll()).values()
        return deposit


@pytest.fixture(scope="module")
async def world() -> AsyncIterator[BitcoinWorld]:
    async with running_bitcoind() as node, running_esplora(node) as url:
        opened: list[Reader] = []

        def open_reader(kind: str) -> Reader:
            esplora = kind == "esplora"
            reader = EsploraReader(SPEC, Provider(url)) if esplora else BitcoindReader(SPEC, Provider(node.url))
            opened.append(reader)
            return reader

        yield BitcoinWorld(node, open_reader)
        for reader in opened:
            await reader.aclose()


@pytest.fixture(params=KINDS)
def reader(world: BitcoinWorld, request: pytest.FixtureRequest) -> Reader:
    return world.open(request.param)


@pytest.fixture
def node(world: BitcoinWorld) -> BitcoindDriver:
    return world.node


async def test_a_deposit_is_seen_in_the_mempool_then_confirmed_then_final(node: BitcoindDriver, reader: Reader) -> None:
    address = await node.address()
    poller = BitcoinPoller(reader, address)
    assert await poller.poll() == {}
    tx_id = await node.pay(address, 123_456_789)
    seen = await poller.only()
    assert (seen.tx_id, seen.amount, seen.address, seen.symbol, seen.decimals) == (
        tx_id,
        123_456_789,
        address,
        "BTC",
        8,
    )
    assert (seen.state, seen.confirmations, seen.block_height) == (DepositState.SEEN, 0, None)
    (block,) = await node.mine()
    young = await poller.only()
    assert (young.state, young.confirmations, young.block_hash) == (DepositState.SEEN, 1, block)
    assert young.block_height == await node.rpc("getblockcount")
    await node.mine()
    assert ((await poller.only()).state, (await poller.only()).confirmations) == (DepositState.CONFIRMED, 2)
    await node.mine(4)
    final = await poller.only()
    assert (final.state, final.confirmations, final.block_hash) == (DepositState.FINAL, 6, block)
    assert final.key == seen.key


async def test_the_payers_address_is_reported_as_the_sender(node: BitcoindDriver, reader: Reader) -> None:
    address = await node.address()
    poller = BitcoinPoller(reader, address)
    tx_id = await node.pay(address, 50_000)
    (block,) = await node.mine()
    spent = (await node.rpc("getrawtransaction", tx_id, 2, block))["vin"][0]["prevout"]["scriptPubKey"]["address"]
    assert (await poller.only()).sender == spent


@pytest.mark.parametrize("form", ["legacy", "p2sh-segwit", "bech32", "bech32m"])
async def test_every_form_of_address_is_watched(node: BitcoindDriver, reader: Reader, form: str) -> None:
    address = await node.address(form)
    poller = BitcoinPoller(reader, address)
    await node.pay(address, 40_000)
    assert (await poller.only()).address == address


async def test_an_address_in_capitals_keeps_its_spelling(node: BitcoindDriver, reader: Reader) -> None:
    address = (await node.address()).upper()
    poller = BitcoinPoller(reader, address)
    await node.pay(address.lower(), 40_001)
    deposit = await poller.only()
    assert deposit.address == address
    assert await reader.recheck(deposit) == deposit


async def test_a_replaced_deposit_is_gone_and_its_replacement_found(node: BitcoindDriver, reader: Reader) -> None:
    address = await node.address()
    poller = BitcoinPoller(reader, address)
    first = await node.pay(address, 70_000)
    old = await poller.only()
    second = await node.replace(first)
    new = await poller.only()
    assert (old.tx_id, new.tx_id, new.amount) == (first, second, 70_000)
    assert await reader.recheck(old) is None
    assert await reader.recheck(new) == new
    await node.mine()
    assert (await poller.only()).tx_id == second
    assert await reader.recheck(old) is None


async def test_a_deposit_that_the_payer_took_back_is_gone(node: BitcoindDriver, reader: Reader) -> None:
    address = await node.address()
    poller = BitcoinPoller(reader, address)
    tx_id = await node.pay(address, 80_000)
    deposit = await poller.only()
    await node.take_back(tx_id)
    assert await poller.poll() == {}
    assert await reader.recheck(deposit) is None


async def test_two_outputs_to_one_address_are_two_deposits(node: BitcoindDriver, reader: Reader) -> None:
    address = await node.address()
    poller = BitcoinPoller(reader, address)
    tx_id = await node.pay_twice(address, 11_000, 22_000)
    for _ in range(2):
        deposits = await poller.poll()
        assert {deposit.tx_id for deposit in deposits.values()} == {tx_id}
        assert sorted(deposit.amount for deposit in deposits.values()) == [11_000, 22_000]
        assert len({deposit.key for deposit in deposits.values()}) == 2
        for deposit in deposits.values():
            assert await reader.recheck(deposit) == deposit
        await node.mine()


async def test_a_reorg_returns_a_deposit_to_the_mempool_until_confirmed_again(
    node: BitcoindDriver, reader: Reader
) -> None:
    address = await node.address()
    poller = BitcoinPoller(reader, address)
    await node.pay(address, 90_000)
    await node.mine(2)
    before = await poller.only()
    assert before.state is DepositState.CONFIRMED
    await node.reorg(2)
    returned = await poller.only()
    assert (returned.state, returned.block_height, returned.block_hash) == (DepositState.SEEN, None, None)
    assert await reader.recheck(before) == returned.model_copy(update={"sender": before.sender})
    await node.mine(2)
    again = await poller.only()
    assert (again.state, again.key) == (DepositState.CONFIRMED, before.key)
    assert again.block_hash != before.block_hash


async def test_deposits_during_an_outage_of_100_blocks_are_found(node: BitcoindDriver, reader: Reader) -> None:
    addresses = [await node.address() for _ in range(5)]
    poller = BitcoinPoller(reader, *addresses)
    await poller.poll()
    sent = set()
    for address in addresses:
        sent.add(await node.pay(address, 33_000))
        await node.mine(20)  # many more than make a deposit final; each block costs the node some milliseconds
    sent.add(await node.pay(addresses[0], 44_000))
    deposits = await poller.poll()
    assert {deposit.tx_id for deposit in deposits.values()} == sent
    assert [deposit.state for deposit in deposits.values()].count(DepositState.FINAL) == 5


async def test_sixty_deposits_to_one_address_and_the_next_one_are_found(node: BitcoindDriver, reader: Reader) -> None:
    address = await node.address()
    poller = BitcoinPoller(reader, address)
    for number in range(60):
        await node.pay(address, 20_000 + number)
        if number % 20 == 19:
            await node.mine()
    assert sorted(deposit.amount for deposit in (await poller.poll()).values()) == list(range(20_000, 20_060))
    await node.mine(10)
    assert len(await poller.poll()) == 60
    late = await node.pay(address, 1_000)
    await node.mine()
    assert late in {tx_id for tx_id, _ in await poller.poll()}


async def test_a_hundred_addresses_are_watched_at_once(node: BitcoindDriver, reader: Reader) -> None:
    amounts = {await node.address(): 10_000 + number for number in range(100)}
    poller = BitcoinPoller(reader, *amounts)
    assert await poller.poll() == {}
    paid = list(amounts.items())
    for start in range(0, len(paid), 10):
        await node.pay_each(dict(paid[start : start + 10]))
    for _ in range(2):
        assert {deposit.address: deposit.amount for deposit in (await poller.poll()).values()} == amounts
        await node.mine()


async def test_a_bitcoin_address_added_late_is_read_from_its_own_time(node: BitcoindDriver, reader: Reader) -> None:
    address, other = await node.address(), await node.address()
    registered_late = watch_from_now(address)
    tx_id = await node.pay(address, 55_000)
    await node.mine(20)
    poller = BitcoinPoller(reader, other)
    assert await poller.poll() == {}
    poller.watches.append(registered_late)
    deposit = await poller.only()
    assert (deposit.tx_id, deposit.state) == (tx_id, DepositState.FINAL)


async def test_the_deposits_of_a_lost_scan_are_reported_again(node: BitcoindDriver, reader: Reader) -> None:
    address, other = await node.address(), await node.address()
    poller = BitcoinPoller(reader, other)
    await poller.poll()
    registered_late = watch_from_now(address)
    await node.pay(address, 56_000)
    await node.mine(20)
    poller.watches.append(registered_late)
    stored = poller.cursor
    deposits = await poller.poll()
    poller.cursor = stored
    assert await poller.poll() == deposits != {}


async def test_a_payment_hours_before_the_quote_is_ignored(node: BitcoindDriver, reader: Reader) -> None:
    address = await node.address()
    await node.pay(address, 57_000)
    await node.mine()
    assert await BitcoinPoller(reader, address, since=timedelta(hours=3)).poll() == {}


async def test_an_address_of_another_network_is_unread_and_the_others_read(
    node: BitcoindDriver, reader: Reader
) -> None:
    foreign, address = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", await node.address()
    poller = BitcoinPoller(reader, foreign, address)
    await node.pay(address, 58_000)
    assert (await poller.only()).address == address
    assert poller.unread == {foreign}


async def test_a_sweep_between_watched_addresses_is_a_deposit_to_the_receiver(
    node: BitcoindDriver, reader: Reader
) -> None:
    first, second = await node.address(), await node.address()
    poller = BitcoinPoller(reader, first, second)
    paid = await node.pay(first, 61_000_000)
    await node.mine()
    swept = await node.sweep(second, 30_000_000)
    deposits = await poller.poll()
    assert {(deposit.tx_id, deposit.address, deposit.amount) for deposit in deposits.values()} == {
        (paid, first, 61_000_000),
        (swept, second, 30_000_000),
    }
    await node.mine()


@pytest.mark.parametrize(("first", "then"), [KINDS, KINDS[::-1]])
async def test_one_reader_continues_from_the_cursor_of_the_other(world: BitcoinWorld, first: str, then: str) -> None:
    node, address = world.node, await world.node.address()
    poller = BitcoinPoller(world.open(first), address)
    old = await node.pay(address, 62_000)
    await node.mine()
    assert set(await poller.poll()) == {(old, (await poller.only()).index)}
    await node.mine(10)
    new = await node.pay(address, 63_000)
    await node.mine(10)
    poller.reader = world.open(then)
    assert new in {tx_id for tx_id, _ in await poller.poll()}


async def test_an_unloaded_wallet_is_loaded_before_a_scan_counts(world: BitcoinWorld) -> None:
    node, address = world.node, await world.node.address()
    poller = BitcoinPoller(world.open("bitcoind"), address)
    await node.pay(address, 64_000)
    deposits = await poller.poll()
    await node.rpc("unloadwallet", WALLET)
    with pytest.raises(ProviderBroken, match="the wallet was not loaded"):
        await poller.poll()
    assert await poller.poll() == deposits != {}


async def test_a_wallet_that_never_scanned_an_address_calls_no_deposit_gone(world: BitcoinWorld) -> None:
    node, address = world.node, await world.node.address()
    await node.pay(address, 65_000)
    deposit = await BitcoinPoller(world.open("esplora"), address).only()
    with pytest.raises(ProviderBroken, match="scan this address first"):
        await world.open("bitcoind").recheck(deposit)


async def test_a_new_process_continues_with_the_wallet_of_the_old_one(world: BitcoinWorld) -> None:
    node, address = world.node, await world.node.address()
    poller = BitcoinPoller(world.open("bitcoind"), address)
    await poller.poll()
    await node.pay(address, 66_000)
    await node.mine(30)
    provider = Provider(node.url)
    poller.reader = BitcoindReader(SPEC, provider)
    scan = await poller.reader.scan(poller.watches, poller.cursor)
    assert [deposit.amount for deposit in scan.deposits] == [66_000]
    assert (scan.caught_up, scan.unread) == (True, frozenset())
    await poller.reader.aclose()
