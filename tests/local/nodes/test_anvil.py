"""The EVM reader against a real node: what wallets, contracts, reorganisations and outages do to deposits."""

from datetime import UTC, datetime, timedelta

import pytest

from baton.chains.deposits import NATIVE, Deposit, DepositState
from baton.chains.errors import WrongChain
from baton.encoding.addresses import checksummed
from tests.local.nodes.anvil import Anvil, data_of
from tests.local.nodes.evm_reading import ETHER, A, B, address, amounts, known, reading, scanned, watch

pytestmark = pytest.mark.nodes


async def test_a_transfer_is_seen_then_confirmed_then_final(anvil: Anvil, token: str) -> None:
    async with reading(anvil, tokens=known(token)) as (reader, _):
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


async def test_transfers_by_a_contract_are_found_each_of_one_transaction_too(anvil: Anvil, token: str) -> None:
    router = await anvil.deploy("Router")
    await anvil.send(token, data_of("Token", "approve", router, 10**12))
    await anvil.send(router, data_of("Router", "pay", token, A, 700))
    await anvil.send(router, data_of("Router", "payTwice", token, A, 11, 22))
    async with reading(anvil, tokens=known(token)) as (reader, _):
        deposits = (await scanned(reader, watch(A, B))).deposits
    assert [one.amount for one in deposits] == [700, 11, 22]
    assert deposits[1].tx_id == deposits[2].tx_id
    assert deposits[1].key != deposits[2].key


async def test_of_a_token_that_takes_a_fee_what_arrived_is_told(anvil: Anvil) -> None:
    fee_token = await anvil.token("FeeToken")
    await anvil.transfer(fee_token, A, 1_000_000)
    async with reading(anvil, tokens=known(fee_token)) as (reader, _):
        assert amounts(await scanned(reader, watch(A))) == [990_000]


async def test_a_token_with_a_known_name_stays_a_stranger(anvil: Anvil, token: str) -> None:
    fake = await anvil.deploy("FakeToken")
    await anvil.send(fake, data_of("FakeToken", "pretend", anvil.accounts[0], A, 5_000_000))
    async with reading(anvil, tokens=known(token)) as (reader, _):
        [deposit] = (await scanned(reader, watch(A))).deposits
    assert (deposit.asset, deposit.symbol, deposit.decimals) == (checksummed(fake), None, None)


async def test_collectibles_and_transfers_of_nothing_are_no_deposits(anvil: Anvil, token: str) -> None:
    collectible = await anvil.deploy("Collectible")
    await anvil.send(collectible, data_of("Collectible", "mint", A, 7))
    await anvil.transfer(token, A, 0)
    await anvil.transfer(token, A, 3)
    async with reading(anvil, tokens=known(token)) as (reader, _):
        assert amounts(await scanned(reader, watch(A))) == [3]


async def test_a_deposit_that_a_reorganisation_removed_is_gone(anvil: Anvil, token: str) -> None:
    async with reading(anvil, tokens=known(token)) as (reader, _):
        await anvil.transfer(token, A, 41)
        await anvil.transfer(token, A, 42)
        before = await scanned(reader, watch(A))
        [stays, goes] = before.deposits
        assert await reader.recheck(goes) == goes
        await anvil.reorg(1)
        await anvil.mine()
        after = await scanned(reader, watch(A), before.cursor)
        assert [one.key for one in after.deposits] == [stays.key]
        assert after.from_height is not None
        assert after.head is not None
        assert after.from_height <= goes.block_height <= after.head
        assert await reader.recheck(goes) is None
        rechecked = await reader.recheck(stays)
        assert rechecked is not None
        assert (rechecked.state, rechecked.confirmations) == (DepositState.CONFIRMED, 3)


async def test_what_came_while_nobody_looked_is_found_afterwards(anvil: Anvil, token: str) -> None:
    async with reading(anvil, tokens=known(token)) as (reader, _):
        before = await scanned(reader, watch(A))
    await anvil.mine(200)
    await anvil.transfer(token, A, 77)
    await anvil.mine(300)
    async with reading(anvil, tokens=known(token), span=10, calls_per_scan=20) as (reader, provider):
        after = await scanned(reader, watch(A), before.cursor)
        assert amounts(after) == [77]
        assert provider.calls > 50, "ten blocks at a time"


async def test_a_scan_stops_after_its_share_of_calls_and_the_next_goes_on(anvil: Anvil, token: str) -> None:
    await anvil.mine(400)
    async with reading(anvil, tokens=known(token), span=10, calls_per_scan=15) as (reader, provider):
        one = await reader.scan(watch(A), None)
        assert not one.caught_up
        assert one.head is not None
        assert one.head < 300
        assert provider.calls <= 25
        other = await reader.scan(watch(A), one.cursor)
        assert other.head is not None
        assert other.from_height == one.head + 1


async def test_an_address_that_joins_late_is_read_from_its_own_time_and_the_others_go_on(
    anvil: Anvil, token: str
) -> None:
    async with reading(anvil, tokens=known(token)) as (reader, provider):
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
        assert amounts(again) == [1], "what is final is not told twice"
        assert provider.calls - calls <= 4


async def test_an_address_that_joins_in_time_costs_no_call(anvil: Anvil, token: str) -> None:
    async with reading(anvil, tokens=known(token)) as (reader, provider):
        await anvil.mine(100, seconds=10)
        first = await scanned(reader, watch(A))
        calls = provider.calls
        same = await scanned(reader, watch(A), first.cursor)
        usual, calls = provider.calls - calls, provider.calls
        now = datetime.fromtimestamp(await anvil.time(), UTC)
        await scanned(reader, [*watch(A), *watch(B, since=now)], same.cursor)
        assert provider.calls - calls == usual


async def test_a_thousand_open_addresses_cost_as_many_calls_as_one(anvil: Anvil, token: str) -> None:
    await anvil.transfer(token, address(999), 9)
    costs = []
    for count in (1, 1000):
        async with reading(anvil, tokens=known(token)) as (reader, provider):
            watches = watch(*(address(1000 - place) for place in range(1, count + 1)))
            first = await scanned(reader, watches)
            calls = provider.calls
            assert amounts(await scanned(reader, watches, first.cursor)) == [9]
            costs.append(provider.calls - calls)
    assert costs == [3, 3]


async def test_only_addresses_that_the_chain_can_have_are_read(anvil: Anvil, token: str) -> None:
    async with reading(anvil, tokens=known(token)) as (reader, _):
        scan = await scanned(reader, watch(A, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"))
    assert scan.unread == {"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"}


async def test_the_chain_itself_may_be_counted_instead_of_asked(anvil: Anvil, token: str) -> None:
    await anvil.transfer(token, A, 8)
    await anvil.mine(5)
    async with reading(anvil, tokens=known(token), final_after=6) as (reader, _):
        [deposit] = (await scanned(reader, watch(A))).deposits
    assert (deposit.state, deposit.confirmations) == (DepositState.FINAL, 6)


@pytest.fixture(params=["one call for all balances", "a call for each balance"])
def multicall(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "one call for all balances")


async def test_coins_sent_forwarded_and_left_behind_are_found(anvil: Anvil, multicall: bool) -> None:
    if multicall:
        await anvil.put_multicall()
    router = await anvil.deploy("Router")
    async with reading(anvil, watch_native=True) as (reader, _):
        before = await scanned(reader, watch(A, B))
        direct = await anvil.pay(A, ETHER)
        forwarded = await anvil.send(router, data_of("Router", "forward", A), value=2 * ETHER)
        destroyed = await anvil.send(router, data_of("Router", "destroyTo", A), value=3 * ETHER)
        deposits = (await scanned(reader, watch(A, B), before.cursor)).deposits
    told = {(one.tx_id, one.index, one.amount, one.sender) for one in deposits}
    payer, contract = checksummed(anvil.accounts[0]), checksummed(router)
    assert told == {
        (direct["transactionHash"], "call", ETHER, payer),
        (forwarded["transactionHash"], "call.0", 2 * ETHER, contract),
        (destroyed["transactionHash"], "call.0", 3 * ETHER, contract),
    }
    assert {(one.asset, one.symbol, one.decimals, one.address) for one in deposits} == {(NATIVE, "ETH", 18, A)}


async def test_balances_are_read_of_blocks_older_than_multicall_too(anvil: Anvil) -> None:
    router = await anvil.deploy("Router")
    await anvil.send(router, data_of("Router", "forward", A), value=2)
    await anvil.mine(30)
    await anvil.put_multicall()
    await anvil.mine(30)
    async with reading(anvil, watch_native=True) as (reader, _):
        assert amounts(await scanned(reader, watch(A, B))) == [2]


async def test_coins_that_a_transaction_took_back_are_no_deposit(anvil: Anvil) -> None:
    await anvil.put_multicall()
    router = await anvil.deploy("Router")
    await anvil.send(router, data_of("Router", "forwardAndUndo", A), value=ETHER)
    failed = await anvil.send(router, data_of("Router", "payAndRevert", A), value=ETHER)
    assert failed["status"] == "0x0"
    async with reading(anvil, watch_native=True) as (reader, _):
        assert (await scanned(reader, watch(A))).deposits == []


async def test_coins_that_the_receiver_refused_are_no_deposit(anvil: Anvil) -> None:
    refusing = await anvil.deploy("FakeToken")
    failed = await anvil.send(refusing, value=ETHER)
    assert failed["status"] == "0x0"
    async with reading(anvil, watch_native=True) as (reader, _):
        assert (await scanned(reader, watch(refusing))).deposits == []


async def test_coins_in_blocks_that_were_read_before_their_address_joined_are_found(anvil: Anvil) -> None:
    await anvil.put_multicall()
    async with reading(anvil, watch_native=True, final_after=50) as (reader, provider):
        await anvil.mine(40)
        await anvil.pay(B, 5)
        first = await scanned(reader, watch(A))
        joined = await scanned(reader, watch(A, B), first.cursor)
        assert amounts(joined) == [5]
        calls = provider.calls
        await scanned(reader, watch(A, B, address(3)), joined.cursor)
        assert provider.calls - calls <= 10, "an address without coins has no blocks read again"


async def test_coins_that_left_again_hide_no_deposit(anvil: Anvil) -> None:
    await anvil.put_multicall()
    router = await anvil.deploy("Router")
    payer, swept = anvil.accounts[0], anvil.accounts[1]
    start = datetime.fromtimestamp(await anvil.time(), UTC) + timedelta(seconds=30)
    async with reading(anvil, watch_native=True) as (reader, _):
        before = await scanned(reader, watch(swept, since=start))
        await anvil.pay(swept, ETHER, sender=payer)
        await anvil.pay(payer, 4 * ETHER, sender=swept)
        await anvil.send(router, data_of("Router", "forward", swept), value=2 * ETHER)
        assert amounts(await scanned(reader, watch(swept, since=start), before.cursor)) == [ETHER, 2 * ETHER]


async def test_blocks_are_read_for_coins_once_only(anvil: Anvil) -> None:
    await anvil.put_multicall()
    await anvil.mine(50)
    async with reading(anvil, watch_native=True, final_after=100) as (reader, provider):
        first = await scanned(reader, watch(A))
        calls = provider.calls
        await anvil.pay(A, 7)
        await anvil.mine(2)
        second = await scanned(reader, watch(A), first.cursor)
        assert amounts(second) == [7]
        assert provider.calls - calls <= 12


async def test_coins_too_are_read_once_where_log_queries_are_short(anvil: Anvil) -> None:
    await anvil.put_multicall()
    await anvil.mine(50)
    async with reading(anvil, watch_native=True, final_after=100, span=10, calls_per_scan=30) as (reader, provider):
        first = await scanned(reader, watch(A))
        calls = provider.calls
        await anvil.pay(A, 7)
        assert amounts(await scanned(reader, watch(A), first.cursor)) == [7]
        assert provider.calls - calls <= 15


async def test_blocks_that_are_not_final_are_read_in_one_go_however_many_calls_they_take(
    anvil: Anvil, token: str
) -> None:
    await anvil.mine(200)
    await anvil.transfer(token, A, 9)
    async with reading(anvil, tokens=known(token), final_after=1000, span=5, calls_per_scan=10) as (reader, _):
        scan = await reader.scan(watch(A), None)
    assert (amounts(scan), scan.caught_up) == ([9], True)


async def test_who_joins_late_gets_calls_though_the_newest_blocks_take_all(anvil: Anvil, token: str) -> None:
    start = datetime.fromtimestamp(await anvil.time(), UTC)
    await anvil.transfer(token, B, 500)
    await anvil.mine(300, seconds=10)
    async with reading(anvil, tokens=known(token), final_after=150, span=5, calls_per_scan=12) as (reader, _):
        now = datetime.fromtimestamp(await anvil.time(), UTC)
        first = await scanned(reader, watch(A, since=now))
        joined = await scanned(reader, [*watch(A, since=now), *watch(B, since=start)], first.cursor)
    assert amounts(joined) == [500]


async def test_a_reorganisation_takes_coins_back_and_the_next_ones_are_found(anvil: Anvil) -> None:
    await anvil.put_multicall()
    router = await anvil.deploy("Router")
    async with reading(anvil, watch_native=True, final_after=50) as (reader, _):
        await anvil.pay(A, 1)
        await anvil.send(router, data_of("Router", "forward", A), value=2)
        before = await scanned(reader, watch(A))
        assert amounts(before) == [1, 2]
        await anvil.reorg(2)
        assert amounts(await scanned(reader, watch(A), before.cursor)) == []
        await anvil.pay(A, 4)
        after = await scanned(reader, watch(A), before.cursor)
        assert amounts(after) == [4]
        assert [await reader.recheck(one) for one in before.deposits] == [None, None]
        assert await reader.recheck(after.deposits[0]) == after.deposits[0]


async def test_a_provider_of_another_chain_is_refused(anvil: Anvil) -> None:
    async with reading(anvil, chain_id=8453) as (reader, _):
        with pytest.raises(WrongChain, match=r"serves chain 31337, but chains\.anvil\.chain_id is 8453"):
            await reader.scan(watch(A), None)
