"""The EVM reader on a real node: deposits from wallets and contracts, through reorgs and outages."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from baton.chains.changes import compare
from baton.chains.deposits import NATIVE, Deposit, DepositState
from baton.chains.errors import WrongChain
from baton.encoding.addresses import checksummed
from tests.local.nodes.anvil import AnvilDriver, data_of
from tests.local.nodes.evm_scans import ETHER, A, B, address, amounts, evm_reader, known, scanned, watch

pytestmark = pytest.mark.nodes


async def test_a_transfer_is_seen_then_confirmed_then_final(anvil: AnvilDriver, token: str) -> None:
    async with evm_reader(anvil, tokens=known(token)) as (reader, _):
        receipt = await anvil.transfer(token, A, 5_000_000)
        first = await scanned(reader, watch(A.lower()))
        [seen] = first.deposits
        assert seen == Deposit(
            chain="anvil", address=A.lower(), asset=checksummed(token), symbol="USDC", decimals=6,
            tx_id=receipt["transactionHash"], index=str(int(receipt["logs"][0]["logIndex"], 16)), amount=5_000_000,
            sender=checksummed(anvil.accounts[0]), block_height=int(receipt["blockNumber"], 16),
            block_hash=receipt["blockHash"], confirmations=1, state=DepositState.SEEN,
        )  # fmt: skip
        await anvil.mine()
        [confirmed] = (second := await scanned(reader, watch(A.lower()), first.cursor)).deposits
        assert (confirmed.state, confirmed.confirmations) == (DepositState.CONFIRMED, 2)
        await anvil.mine(10)
        [final] = (third := await scanned(reader, watch(A.lower()), second.cursor)).deposits
        assert final.state is DepositState.FINAL
        assert (await scanned(reader, watch(A.lower()), third.cursor)).deposits == []


async def test_two_transfers_of_one_transaction_are_one_deposit(anvil: AnvilDriver, token: str) -> None:
    router = await anvil.deploy("Router")
    await anvil.send(token, data_of("Token", "approve", router, 10**12))
    await anvil.send(router, data_of("Router", "pay", token, A, 700))
    twice = await anvil.send(router, data_of("Router", "payTwice", token, A, 60_000_000, 40_000_000))
    places = tuple(str(int(log["logIndex"], 16)) for log in twice["logs"])
    async with evm_reader(anvil, tokens=known(token)) as (reader, _):
        first = await scanned(reader, watch(A, B))
        single, summed = first.deposits
        assert (single.amount, single.parts) == (700, ())
        assert (summed.amount, summed.index, summed.parts) == (100_000_000, places[0], places)
        assert await reader.recheck(summed) == summed
        await anvil.reorg(1)
        await anvil.mine()
        assert [deposit.key for deposit in (await scanned(reader, watch(A), first.cursor)).deposits] == [single.key]
        assert await reader.recheck(summed) is None


async def test_transfers_stored_one_by_one_become_one_deposit(anvil: AnvilDriver, token: str) -> None:
    router = await anvil.deploy("Router")
    await anvil.send(token, data_of("Token", "approve", router, 10**12))
    await anvil.send(router, data_of("Router", "payTwice", token, A, 60_000_000, 40_000_000))
    async with evm_reader(anvil, tokens=known(token)) as (reader, _):
        scan = await scanned(reader, watch(A))
        [summed] = scan.deposits
        stored = [
            summed.model_copy(update={"index": place, "parts": (), "amount": amount})
            for place, amount in zip(summed.parts, (60_000_000, 40_000_000), strict=True)
        ]
        assert [await reader.recheck(part) for part in stored] == [None, None]
    changes = compare(stored, scan)
    assert [(news.before, news.now.state, news.now.amount) for news in changes.news] == [
        (stored[1], DepositState.GONE, 40_000_000),
        (stored[0], DepositState.SEEN, 100_000_000),
    ]
    assert changes.missing == []


async def test_a_fake_token_and_a_deposit_in_one_transaction_stay_two(anvil: AnvilDriver, token: str) -> None:
    router, other = await anvil.deploy("Router"), await anvil.token()
    fake = await anvil.deploy("FakeToken")
    await anvil.send(fake, data_of("FakeToken", "pretend", router, A, 100_000_000))
    await anvil.transfer(other, A, 100_000_000)
    await anvil.transfer(token, A, 1)
    await anvil.transfer(token, A, 100_000_000)
    async with evm_reader(anvil, tokens=known(token)) as (reader, _):
        deposits = (await scanned(reader, watch(A))).deposits
    assert [(deposit.symbol, deposit.amount) for deposit in deposits] == [
        (None, 100_000_000),
        (None, 100_000_000),
        ("USDC", 1),
        ("USDC", 100_000_000),
    ]
    assert [deposit.asset for deposit in deposits[:2]] == [checksummed(fake), checksummed(other)]


async def test_coins_sent_twice_inside_one_transaction_are_one_deposit(anvil: AnvilDriver) -> None:
    await anvil.put_multicall()
    sent = await anvil.send(None, "0x" + _call_code(A, 60) + _call_code(B, 7) + _call_code(A, 40) + "00", value=107)
    async with evm_reader(anvil, watch_native=True) as (reader, _):
        first = await scanned(reader, watch(A, B))
        deposits = {deposit.address: deposit for deposit in first.deposits}
        assert {name: (found.amount, found.index, found.parts) for name, found in deposits.items()} == {
            A: (100, "call.0", ("call.0", "call.2")),
            B: (7, "call.1", ()),
        }
        assert {found.tx_id for found in first.deposits} == {sent["transactionHash"]}
        assert await reader.recheck(deposits[A]) == deposits[A]
        part = deposits[A].model_copy(update={"index": "call.2", "parts": (), "amount": 40})
        assert await reader.recheck(part) is None, "as older versions stored it"


def _call_code(receiver: str, amount: int) -> str:
    """Return the code of a call that sends coins: no data, no answer, all gas left."""
    return f"600060006000600060{amount:02x}73{receiver[2:].lower()}5af150"


async def test_the_amount_of_a_token_with_a_fee_is_what_arrived(anvil: AnvilDriver) -> None:
    fee_token = await anvil.token("FeeToken")
    await anvil.transfer(fee_token, A, 1_000_000)
    async with evm_reader(anvil, tokens=known(fee_token)) as (reader, _):
        assert amounts(await scanned(reader, watch(A))) == [990_000]


async def test_a_token_that_copies_a_known_name_is_unknown(anvil: AnvilDriver, token: str) -> None:
    fake = await anvil.deploy("FakeToken")
    await anvil.send(fake, data_of("FakeToken", "pretend", anvil.accounts[0], A, 5_000_000))
    async with evm_reader(anvil, tokens=known(token)) as (reader, _):
        [deposit] = (await scanned(reader, watch(A))).deposits
    assert (deposit.asset, deposit.symbol, deposit.decimals) == (checksummed(fake), None, None)


async def test_collectibles_and_transfers_of_zero_are_no_deposits(anvil: AnvilDriver, token: str) -> None:
    collectible = await anvil.deploy("Collectible")
    await anvil.send(collectible, data_of("Collectible", "mint", A, 7))
    await anvil.transfer(token, A, 0)
    await anvil.transfer(token, A, 3)
    async with evm_reader(anvil, tokens=known(token)) as (reader, _):
        assert amounts(await scanned(reader, watch(A))) == [3]


async def test_a_deposit_that_a_reorg_removed_is_gone(anvil: AnvilDriver, token: str) -> None:
    async with evm_reader(anvil, tokens=known(token)) as (reader, _):
        await anvil.transfer(token, A, 41)
        await anvil.transfer(token, A, 42)
        before = await scanned(reader, watch(A))
        [stays, goes] = before.deposits
        assert await reader.recheck(goes) == goes
        await anvil.reorg(1)
        await anvil.mine()
        after = await scanned(reader, watch(A), before.cursor)
        assert [deposit.key for deposit in after.deposits] == [stays.key]
        assert after.head is not None
        assert json.loads(before.cursor)["next"] <= goes.block_height <= after.head
        assert await reader.recheck(goes) is None
        rechecked = await reader.recheck(stays)
        assert rechecked is not None
        assert (rechecked.state, rechecked.confirmations) == (DepositState.CONFIRMED, 3)


async def test_a_deposit_between_two_distant_scans_is_found(anvil: AnvilDriver, token: str) -> None:
    async with evm_reader(anvil, tokens=known(token)) as (reader, _):
        before = await scanned(reader, watch(A))
    await anvil.mine(200)
    await anvil.transfer(token, A, 77)
    await anvil.mine(300)
    async with evm_reader(anvil, tokens=known(token), span=10, calls_per_scan=20) as (reader, provider):
        after = await scanned(reader, watch(A), before.cursor)
        assert amounts(after) == [77]
        assert provider.calls > 50, "ten blocks at a time"


async def test_a_scan_stops_after_its_calls_and_the_next_one_continues(anvil: AnvilDriver, token: str) -> None:
    await anvil.mine(400)
    async with evm_reader(anvil, tokens=known(token), span=10, calls_per_scan=15) as (reader, provider):
        first = await reader.scan(watch(A), None)
        assert not first.caught_up
        assert first.head is not None
        assert first.head < 300
        assert provider.calls <= 25
        second = await reader.scan(watch(A), first.cursor)
        assert second.head is not None
        assert json.loads(first.cursor)["next"] == first.head + 1
        assert second.head > first.head


async def test_an_address_added_late_is_read_from_its_own_time(anvil: AnvilDriver, token: str) -> None:
    async with evm_reader(anvil, tokens=known(token)) as (reader, provider):
        start = datetime.fromtimestamp(await anvil.time(), UTC)
        await anvil.transfer(token, B, 500)
        await anvil.mine(600, seconds=10)
        early = await scanned(reader, watch(A))
        await anvil.transfer(token, A, 1)
        both = [*watch(A), *watch(B, since=start)]
        joined = await scanned(reader, both, early.cursor)
        assert sorted(amounts(joined)) == [1, 500]
        calls = provider.calls
        again = await scanned(reader, both, joined.cursor)
        assert amounts(again) == [1], "a final deposit is not reported twice"
        assert provider.calls - calls <= 4


async def test_an_address_added_in_time_costs_no_call(anvil: AnvilDriver, token: str) -> None:
    async with evm_reader(anvil, tokens=known(token)) as (reader, provider):
        await anvil.mine(100, seconds=10)
        first = await scanned(reader, watch(A))
        calls = provider.calls
        same = await scanned(reader, watch(A), first.cursor)
        usual, calls = provider.calls - calls, provider.calls
        now = datetime.fromtimestamp(await anvil.time(), UTC)
        await scanned(reader, [*watch(A), *watch(B, since=now)], same.cursor)
        assert provider.calls - calls == usual


async def test_a_thousand_open_addresses_cost_as_many_calls_as_one(anvil: AnvilDriver, token: str) -> None:
    await anvil.transfer(token, address(999), 9)
    costs = []
    for count in (1, 1000):
        async with evm_reader(anvil, tokens=known(token)) as (reader, provider):
            watches = watch(*(address(1000 - place) for place in range(1, count + 1)))
            first = await scanned(reader, watches)
            calls = provider.calls
            assert amounts(await scanned(reader, watches, first.cursor)) == [9]
            costs.append(provider.calls - calls)
    assert costs == [3, 3]


async def test_an_address_of_another_chain_is_unread(anvil: AnvilDriver, token: str) -> None:
    async with evm_reader(anvil, tokens=known(token)) as (reader, _):
        scan = await scanned(reader, watch(A, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"))
    assert scan.unread == {"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"}


async def test_finality_can_be_a_number_of_confirmations(anvil: AnvilDriver, token: str) -> None:
    await anvil.transfer(token, A, 8)
    await anvil.mine(5)
    async with evm_reader(anvil, tokens=known(token), final_after=6) as (reader, _):
        [deposit] = (await scanned(reader, watch(A))).deposits
    assert (deposit.state, deposit.confirmations) == (DepositState.FINAL, 6)


@pytest.fixture(params=["one call for all balances", "a call for each balance"])
def multicall(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "one call for all balances")


async def test_coins_sent_forwarded_and_from_a_selfdestruct_are_found(anvil: AnvilDriver, multicall: bool) -> None:
    if multicall:
        await anvil.put_multicall()
    router = await anvil.deploy("Router")
    async with evm_reader(anvil, watch_native=True) as (reader, _):
        before = await scanned(reader, watch(A, B))
        direct = await anvil.pay(A, ETHER)
        forwarded = await anvil.send(router, data_of("Router", "forward", A), value=2 * ETHER)
        destroyed = await anvil.send(router, data_of("Router", "destroyTo", A), value=3 * ETHER)
        deposits = (await scanned(reader, watch(A, B), before.cursor)).deposits
    found = {(deposit.tx_id, deposit.index, deposit.amount, deposit.sender) for deposit in deposits}
    payer, contract = checksummed(anvil.accounts[0]), checksummed(router)
    assert found == {
        (direct["transactionHash"], "call", ETHER, payer),
        (forwarded["transactionHash"], "call.0", 2 * ETHER, contract),
        (destroyed["transactionHash"], "call.0", 3 * ETHER, contract),
    }
    assert {(deposit.asset, deposit.symbol, deposit.decimals, deposit.address) for deposit in deposits} == {
        (NATIVE, "ETH", 18, A)
    }


async def test_balances_are_also_read_in_blocks_before_multicall(anvil: AnvilDriver) -> None:
    router = await anvil.deploy("Router")
    await anvil.send(router, data_of("Router", "forward", A), value=2)
    await anvil.mine(30)
    await anvil.put_multicall()
    await anvil.mine(30)
    async with evm_reader(anvil, watch_native=True) as (reader, _):
        assert amounts(await scanned(reader, watch(A, B))) == [2]


async def test_coins_of_a_reverted_call_are_no_deposit(anvil: AnvilDriver) -> None:
    await anvil.put_multicall()
    router = await anvil.deploy("Router")
    await anvil.send(router, data_of("Router", "forwardAndUndo", A), value=ETHER)
    failed = await anvil.send(router, data_of("Router", "payAndRevert", A), value=ETHER)
    assert failed["status"] == "0x0"
    async with evm_reader(anvil, watch_native=True) as (reader, _):
        assert (await scanned(reader, watch(A))).deposits == []


async def test_coins_that_the_receiver_refused_are_no_deposit(anvil: AnvilDriver) -> None:
    refusing = await anvil.deploy("FakeToken")
    failed = await anvil.send(refusing, value=ETHER)
    assert failed["status"] == "0x0"
    async with evm_reader(anvil, watch_native=True) as (reader, _):
        assert (await scanned(reader, watch(refusing))).deposits == []


async def test_coins_in_blocks_read_before_an_address_was_added_are_found(anvil: AnvilDriver) -> None:
    await anvil.put_multicall()
    async with evm_reader(anvil, watch_native=True, final_after=50) as (reader, provider):
        await anvil.mine(40)
        await anvil.pay(B, 5)
        first = await scanned(reader, watch(A))
        joined = await scanned(reader, watch(A, B), first.cursor)
        assert amounts(joined) == [5]
        calls = provider.calls
        await scanned(reader, watch(A, B, address(3)), joined.cursor)
        assert provider.calls - calls <= 10, "no block is read again for an address without coins"


async def test_coins_that_leave_the_address_hide_no_deposit(anvil: AnvilDriver) -> None:
    await anvil.put_multicall()
    router = await anvil.deploy("Router")
    payer, swept = anvil.accounts[0], anvil.accounts[1]
    start = datetime.fromtimestamp(await anvil.time(), UTC) + timedelta(seconds=30)
    async with evm_reader(anvil, watch_native=True) as (reader, _):
        before = await scanned(reader, watch(swept, since=start))
        await anvil.pay(swept, ETHER, sender=payer)
        await anvil.pay(payer, 4 * ETHER, sender=swept)
        await anvil.send(router, data_of("Router", "forward", swept), value=2 * ETHER)
        assert amounts(await scanned(reader, watch(swept, since=start), before.cursor)) == [ETHER, 2 * ETHER]


async def test_each_block_is_read_for_coins_only_once(anvil: AnvilDriver) -> None:
    await anvil.put_multicall()
    await anvil.mine(50)
    async with evm_reader(anvil, watch_native=True, final_after=100) as (reader, provider):
        first = await scanned(reader, watch(A))
        calls = provider.calls
        await anvil.pay(A, 7)
        await anvil.mine(2)
        second = await scanned(reader, watch(A), first.cursor)
        assert amounts(second) == [7]
        assert provider.calls - calls <= 12


async def test_each_block_is_read_for_coins_only_once_with_short_log_queries(anvil: AnvilDriver) -> None:
    await anvil.put_multicall()
    await anvil.mine(50)
    async with evm_reader(anvil, watch_native=True, final_after=100, span=10, calls_per_scan=30) as (reader, provider):
        first = await scanned(reader, watch(A))
        calls = provider.calls
        await anvil.pay(A, 7)
        assert amounts(await scanned(reader, watch(A), first.cursor)) == [7]
        assert provider.calls - calls <= 15


async def test_blocks_that_are_not_final_are_read_in_one_scan(anvil: AnvilDriver, token: str) -> None:
    await anvil.mine(200)
    await anvil.transfer(token, A, 9)
    async with evm_reader(anvil, tokens=known(token), final_after=1000, span=5, calls_per_scan=10) as (reader, _):
        scan = await reader.scan(watch(A), None)
    assert (amounts(scan), scan.caught_up) == ([9], True)


async def test_an_address_added_late_gets_calls_besides_the_newest_blocks(anvil: AnvilDriver, token: str) -> None:
    start = datetime.fromtimestamp(await anvil.time(), UTC)
    await anvil.transfer(token, B, 500)
    await anvil.mine(300, seconds=10)
    async with evm_reader(anvil, tokens=known(token), final_after=150, span=5, calls_per_scan=12) as (reader, _):
        now = datetime.fromtimestamp(await anvil.time(), UTC)
        first = await scanned(reader, watch(A, since=now))
        joined = await scanned(reader, [*watch(A, since=now), *watch(B, since=start)], first.cursor)
    assert amounts(joined) == [500]


async def test_after_a_reorg_removed_coins_the_next_ones_are_found(anvil: AnvilDriver) -> None:
    await anvil.put_multicall()
    router = await anvil.deploy("Router")
    async with evm_reader(anvil, watch_native=True, final_after=50) as (reader, _):
        await anvil.pay(A, 1)
        await anvil.send(router, data_of("Router", "forward", A), value=2)
        before = await scanned(reader, watch(A))
        assert amounts(before) == [1, 2]
        await anvil.reorg(2)
        assert amounts(await scanned(reader, watch(A), before.cursor)) == []
        await anvil.pay(A, 4)
        after = await scanned(reader, watch(A), before.cursor)
        assert amounts(after) == [4]
        assert [await reader.recheck(deposit) for deposit in before.deposits] == [None, None]
        assert await reader.recheck(after.deposits[0]) == after.deposits[0]


async def test_a_provider_of_another_chain_is_refused(anvil: AnvilDriver) -> None:
    async with evm_reader(anvil, chain_id=8453) as (reader, _):
        with pytest.raises(WrongChain, match=r"serves chain 31337, but chains\.anvil\.chain_id is 8453"):
            await reader.scan(watch(A), None)
