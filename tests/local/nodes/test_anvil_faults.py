"""The EVM and Tron readers on a real node behind one or two faulty providers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from baton.chains.changes import compare
from baton.chains.deposits import NATIVE, DepositState
from baton.chains.errors import NoProvider, ProviderBroken, Throttled
from baton.chains.evm.reader import EvmReader
from baton.chains.failover import FailoverReader
from baton.chains.http import Provider
from baton.chains.spec import Family, Token
from baton.chains.tron import TronCodec, TronReader
from tests.local.nodes.anvil import AnvilDriver, data_of
from tests.local.nodes.evm_scans import ETHER, A, amounts, known, scanned, spec, watch
from tests.local.nodes.fault_proxy import FaultProxy

pytestmark = pytest.mark.nodes


@asynccontextmanager
async def behind(anvil: AnvilDriver, proxy: FaultProxy, **changes: Any) -> AsyncIterator[EvmReader]:
    reader = EvmReader(spec(**changes), Provider(anvil.url, transport=proxy))
    try:
        yield reader
    finally:
        await reader.aclose()


async def test_the_reader_adapts_to_a_range_limit_and_misses_nothing(anvil: AnvilDriver, token: str) -> None:
    await anvil.transfer(token, A, 1)
    await anvil.mine(300)
    await anvil.transfer(token, A, 2)
    proxy = FaultProxy(range_limit=10)
    async with behind(anvil, proxy, tokens=known(token)) as reader:
        assert amounts(await scanned(reader, watch(A))) == [1, 2]
    assert proxy.calls.count("eth_getLogs") < 70


async def test_a_provider_that_requires_contracts_reports_known_tokens(anvil: AnvilDriver, token: str) -> None:
    fake = await anvil.deploy("FakeToken")
    await anvil.send(fake, data_of("FakeToken", "pretend", anvil.accounts[0], A, 1))
    await anvil.transfer(token, A, 2)
    async with behind(anvil, FaultProxy(wants_contracts=True), tokens=known(token)) as reader:
        assert amounts(await scanned(reader, watch(A))) == [2]


async def test_after_an_outage_and_throttling_no_deposit_is_missing(anvil: AnvilDriver, token: str) -> None:
    proxy = FaultProxy()
    async with behind(anvil, proxy, tokens=known(token), span=20) as reader:
        before = await scanned(reader, watch(A))
        proxy.down = True
        await anvil.transfer(token, A, 5)
        await anvil.mine(500)
        with pytest.raises(NoProvider):
            await reader.scan(watch(A), before.cursor)
        proxy.down, proxy.throttled = False, 1
        with pytest.raises(Throttled) as throttled:
            await reader.scan(watch(A), before.cursor)
        assert throttled.value.retry_after == 7
        proxy.truncated = 1
        with pytest.raises(ProviderBroken, match="not JSON"):
            await reader.scan(watch(A), before.cursor)
        [deposit] = (await scanned(reader, watch(A), before.cursor)).deposits
    assert (deposit.amount, deposit.state) == (5, DepositState.FINAL)


async def test_an_error_in_a_long_scan_keeps_the_progress(anvil: AnvilDriver, token: str) -> None:
    await anvil.transfer(token, A, 5)
    await anvil.mine(300)
    proxy = FaultProxy()
    async with behind(anvil, proxy, tokens=known(token), span=10) as reader:
        proxy.throttled_at = ("eth_getLogs", 6)
        part = await reader.scan(watch(A), None)
        assert amounts(part) == [5]
        assert not part.caught_up
        assert part.head == 50
        assert (await scanned(reader, watch(A), part.cursor)).head == await anvil.height()


async def test_a_provider_behind_the_cursor_reports_and_moves_nothing(anvil: AnvilDriver, token: str) -> None:
    proxy = FaultProxy()
    async with behind(anvil, proxy, tokens=known(token)) as reader:
        await anvil.mine(20)
        await anvil.transfer(token, A, 6)
        before = await scanned(reader, watch(A))
        proxy.lag = 10
        lagging = await reader.scan(watch(A), before.cursor)
        assert lagging.deposits == []
        assert (lagging.cursor, lagging.unread) == (before.cursor, {A})
        proxy.lag = 0
        assert amounts(await scanned(reader, watch(A), before.cursor)) == [6]


async def test_a_deposit_too_new_for_a_lagging_provider_is_not_gone(anvil: AnvilDriver, token: str) -> None:
    proxy = FaultProxy()
    async with behind(anvil, proxy, tokens=known(token)) as reader:
        await anvil.transfer(token, A, 6)
        [deposit] = (await scanned(reader, watch(A))).deposits
        proxy.lag = 1
        with pytest.raises(ProviderBroken, match="its head lies below block"):
            await reader.recheck(deposit)


async def test_the_newest_blocks_are_left_for_later_if_behind_says_so(anvil: AnvilDriver, token: str) -> None:
    async with behind(anvil, FaultProxy(), tokens=known(token), behind=2) as reader:
        await anvil.transfer(token, A, 6)
        first = await scanned(reader, watch(A))
        assert first.deposits == []
        await anvil.mine(2)
        assert amounts(await scanned(reader, watch(A), first.cursor)) == [6]


async def test_without_traces_the_balance_shows_coins_from_a_contract(anvil: AnvilDriver) -> None:
    await anvil.put_multicall()
    router = await anvil.deploy("Router")
    async with behind(anvil, FaultProxy(refused=("debug_",)), watch_native=True) as reader:
        before = await scanned(reader, watch(A))
        await anvil.pay(A, ETHER)
        receipt = await anvil.send(router, data_of("Router", "forward", A), value=2 * ETHER)
        await anvil.mine(3)
        after = await scanned(reader, watch(A), before.cursor)
        found = {(deposit.index, deposit.tx_id, deposit.amount, deposit.asset) for deposit in after.deposits}
        assert ("balance:" + A.lower(), receipt["blockHash"], 2 * ETHER, NATIVE) in found
        assert sorted(amounts(after)) == [ETHER, 2 * ETHER]
        [unexplained] = [deposit for deposit in after.deposits if deposit.index != "call"]
        assert await reader.recheck(unexplained) == unexplained
        await anvil.reorg(5)
        await anvil.mine(5)
        assert await reader.recheck(unexplained) is None


async def test_the_balance_shows_coins_that_came_while_states_were_missing(anvil: AnvilDriver) -> None:
    await anvil.put_multicall()
    router = await anvil.deploy("Router")
    proxy = FaultProxy()
    async with behind(anvil, proxy, watch_native=True) as reader:
        before = await scanned(reader, watch(A))
        proxy.refused = ("eth_call", "eth_getBalance")
        await anvil.pay(A, ETHER)
        await anvil.send(router, data_of("Router", "forward", A), value=2 * ETHER)
        await anvil.mine(60)
        meanwhile = await scanned(reader, watch(A), before.cursor)
        assert amounts(meanwhile) == [ETHER]
        proxy.refused = ()
        await anvil.mine()
        after = await scanned(reader, watch(A), meanwhile.cursor)
        assert [(deposit.index, deposit.amount) for deposit in after.deposits] == [("balance:" + A.lower(), 2 * ETHER)]


async def test_the_second_provider_continues_from_the_cursor_of_the_first(anvil: AnvilDriver, token: str) -> None:
    first, second = FaultProxy(), FaultProxy()
    fields = {"tokens": known(token)}
    async with behind(anvil, first, **fields) as main, behind(anvil, second, **fields) as fallback:
        both = FailoverReader([main, fallback])
        await anvil.transfer(token, A, 1)
        before = await both.scan(watch(A), None)
        assert second.calls == []
        first.lag = 50
        await anvil.mine(20)
        await anvil.transfer(token, A, 2)
        assert amounts(await both.scan(watch(A), before.cursor)) == [1, 2]
        assert "eth_getLogs" in second.calls


async def test_tron_is_read_with_the_same_calls_in_its_own_spelling(anvil: AnvilDriver, token: str) -> None:
    codec = TronCodec()
    address, contract = codec.decode(A.lower()), codec.decode(token)
    tokens = {"USDT": Token(contract=contract, decimals=6)}
    tron = spec(name="tron", family=Family.TRON, native="TRX", native_decimals=6, final_after=3, tokens=tokens)
    # A node whose only block tag is `latest`.
    reader = TronReader(tron, Provider(anvil.url, transport=FaultProxy()))
    receipt = await anvil.transfer(token, A, 25_000_000)
    await anvil.mine(2)
    [deposit] = (await scanned(reader, watch(address))).deposits
    assert (deposit.chain, deposit.address, deposit.asset, deposit.symbol) == ("tron", address, contract, "USDT")
    assert deposit.tx_id == receipt["transactionHash"].removeprefix("0x")
    assert deposit.sender == codec.decode(anvil.accounts[0])
    assert (deposit.amount, deposit.state) == (25_000_000, DepositState.FINAL)
    assert await reader.recheck(deposit) == deposit
    await reader.aclose()


async def test_a_null_instead_of_events_calls_no_deposit_gone(anvil: AnvilDriver, token: str) -> None:
    proxy = FaultProxy()
    async with behind(anvil, proxy, tokens=known(token)) as reader:
        await anvil.transfer(token, A, 5)
        before = await scanned(reader, watch(A))
        proxy.odd["eth_getLogs", None] = {"result": None}
        blank = await scanned(reader, watch(A), before.cursor)
        assert (blank.deposits, compare(before.deposits, blank)) == ([], ([], []))
        await anvil.mine(10)
        final = await scanned(reader, watch(A), blank.cursor)
        proxy.odd.clear()
        after = await scanned(reader, watch(A), final.cursor)
    assert [deposit.state for deposit in after.deposits] == [DepositState.FINAL], "the cursor waited for an answer"


async def test_an_event_that_one_provider_garbles_is_read_from_the_other(anvil: AnvilDriver, token: str) -> None:
    await anvil.transfer(token, A, 5)
    garbled = FaultProxy()
    garbled.odd["eth_getLogs", None] = {"result": [{"address": token, "topics": None}]}
    tokens = known(token)
    async with behind(anvil, garbled, tokens=tokens) as first, behind(anvil, FaultProxy(), tokens=tokens) as second:
        alone = await first.scan(watch(A), None)
        both = await FailoverReader([first, second]).scan(watch(A), None)
    assert (alone.deposits, len(alone.unreadable)) == ([], 1)
    assert (amounts(both), both.unreadable) == ([5], ())
