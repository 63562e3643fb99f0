"""Deposits from bitcoind's wallet: imports in bounded steps, what counts as a deposit, and the node's faults."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest

from baton.chains.bitcoin.cursor import read_cursor
from baton.chains.deposits import DepositState, Watch
from baton.chains.errors import ChainError, NoProvider, RpcRefused
from tests.chains.bitcoin.bitcoind_server import HEAD, NOW, PASSWORD, BitcoindRefusal, FakeBitcoind, entry
from tests.chains.bitcoin.esplora_server import ADDRESS, OTHER, tx_id

WATCH = Watch(address=ADDRESS, since=NOW)
OLD = Watch(address=OTHER, since=NOW - timedelta(days=3))


async def test_a_wallet_without_keys_is_created_once_and_loads_on_startup() -> None:
    node = FakeBitcoind()
    reader = node.reader()
    cursor = (await reader.scan([WATCH], None)).cursor
    await reader.scan([WATCH], cursor)
    assert node.calls_of("createwallet") == [["baton-watch", True, True, "", False, True, True]]


async def test_one_listing_covers_any_number_of_addresses() -> None:
    watches = [Watch(address=f"bc1q{each}", since=NOW) for each in range(1200)]
    node = FakeBitcoind(*(entry(tx_id(each), f"bc1q{each}", "0.001", 3) for each in range(1200)))
    reader = node.reader()
    scan = await reader.scan(watches, None)
    assert (len(scan.deposits), scan.unread) == (1200, frozenset())
    node.calls.clear()
    assert len((await reader.scan(watches, scan.cursor)).deposits) == 1200
    assert [method for method, _ in node.calls] == ["getblockchaininfo", "getblockhash", "listsinceblock"]


async def test_the_listing_starts_below_the_blocks_that_are_not_final() -> None:
    node = FakeBitcoind()
    reader = node.reader()
    scan = await reader.scan([WATCH], None)
    node.calls.clear()
    await reader.scan([WATCH], scan.cursor)
    cursor = read_cursor(scan.cursor)
    assert cursor
    assert cursor.floor == HEAD - 4
    assert node.calls_of("getblockhash") == [[HEAD - 5]]


async def test_an_added_address_is_listed_from_its_start_until_a_cursor_has_it() -> None:
    node = FakeBitcoind(entry(tx_id(1), OTHER, "0.5", 300))
    node.labels[OTHER] = f"baton since {int(OLD.since.timestamp())}"
    reader = node.reader()
    first = await reader.scan([WATCH], None)
    for _ in range(2):
        # The same cursor twice, because the first report may not have been stored.
        again = await reader.scan([WATCH, OLD], first.cursor)
        assert [deposit.tx_id for deposit in again.deposits] == [tx_id(1)]
    assert (await reader.scan([WATCH, OLD], again.cursor)).deposits == []


async def test_a_cursor_from_another_process_does_not_count_as_listed() -> None:
    node = FakeBitcoind(entry(tx_id(1), OTHER, "0.5", 300))
    node.labels[OTHER] = f"baton since {int(OLD.since.timestamp())}"
    cursor = (await node.reader().scan([WATCH], None)).cursor
    reader = node.reader()
    for _ in range(2):
        assert [deposit.tx_id for deposit in (await reader.scan([WATCH, OLD], cursor)).deposits] == [tx_id(1)]


async def test_replaced_and_dropped_transactions_are_not_reported() -> None:
    node = FakeBitcoind(
        entry(tx_id(1), ADDRESS, "0.1", 0),
        entry(tx_id(2), ADDRESS, "0.2", 0, replaced_by_txid=tx_id(1)),
        entry(tx_id(3), ADDRESS, "0.3", -2),
        entry(tx_id(4), ADDRESS, "-0.4", 0, category="send"),
    )
    node.mempool = {tx_id(1), tx_id(4)}
    (deposit,) = (await node.reader().scan([WATCH], None)).deposits
    assert (deposit.tx_id, deposit.amount, deposit.state) == (tx_id(1), 10_000_000, DepositState.SEEN)


async def test_a_history_of_days_is_read_in_steps_and_reported_at_the_end() -> None:
    node = FakeBitcoind(entry(tx_id(1), OTHER, "0.5", 400), entry(tx_id(2), ADDRESS, "0.1", 1))
    reader, cursor, scans = node.reader(), None, 0
    while True:
        scan = await reader.scan([WATCH, OLD], cursor)
        cursor, scans = scan.cursor, scans + 1
        if scan.caught_up:
            break
        assert scan.unread == {OTHER}
        assert [deposit.tx_id for deposit in scan.deposits] == [tx_id(2)]
    assert {deposit.tx_id for deposit in scan.deposits} == {tx_id(1), tx_id(2)}
    steps = node.calls_of("rescanblockchain")
    assert len(steps) == scans > 2
    assert steps[0][0] < HEAD - 3 * 144
    assert steps[-1][1] == HEAD
    assert all(high + 1 == low for (_, high), (low, _) in pairwise(steps))
    assert node.labels[OTHER] == f"baton since {int(OLD.since.timestamp())}"


async def test_a_rescan_that_times_out_is_halved_and_a_busy_wallet_is_skipped() -> None:
    node = FakeBitcoind()
    reader = node.reader()

    def slow(method: str, params: list[Any]) -> None:
        if method == "rescanblockchain":
            raise httpx.ReadTimeout("slow")

    node.fault = slow
    with pytest.raises(NoProvider):
        await reader.scan([OLD], None)

    def busy(method: str, params: list[Any]) -> None:
        if method == "rescanblockchain":
            raise BitcoindRefusal(-4, "Wallet is currently rescanning. Abort existing rescan or wait.")

    node.fault = busy
    scan = await reader.scan([OLD, WATCH], None)
    assert (scan.unread, scan.caught_up) == ({OTHER}, True)
    node.fault = lambda method, params: None
    await reader.scan([OLD, WATCH], scan.cursor)
    whole, *_, half = (high - low + 1 for low, high in node.calls_of("rescanblockchain"))
    assert half == whole // 2


async def test_an_import_that_times_out_is_halved() -> None:
    node = FakeBitcoind()
    watches = [Watch(address=f"bc1q{each}", since=NOW) for each in range(600)]
    reader = node.reader()

    def slow(method: str, params: list[Any]) -> None:
        if method == "importdescriptors":
            raise httpx.ReadTimeout("slow")

    node.fault = slow
    with pytest.raises(NoProvider):
        await reader.scan(watches, None)
    node.fault = lambda method, params: None
    assert (await reader.scan(watches, None)).unread == frozenset()
    whole, *halves, rest = (len(requests) for [requests] in node.calls_of("importdescriptors"))
    assert (whole, halves, rest) == (500, [250, 250], 100)


async def test_a_pruned_history_leaves_only_its_own_address_unread() -> None:
    node = FakeBitcoind()
    older, reader = Watch(address="bc1qolder", since=NOW - timedelta(days=30)), node.reader()

    def pruned(method: str, params: list[Any]) -> None:
        if method == "rescanblockchain" and params[0] < HEAD - 2000:
            raise BitcoindRefusal(-1, "Can't rescan beyond pruned data.")

    node.fault = pruned
    await reader.scan([older], None)
    cursor = None
    for _ in range(20):
        scan = await reader.scan([older, OLD], cursor)
        cursor = scan.cursor
    assert scan.unread == {"bc1qolder"}


async def test_an_address_that_the_node_rejects_leaves_only_itself_unread() -> None:
    node = FakeBitcoind(entry(tx_id(1), ADDRESS, "0.1", 1))

    def reject_other(method: str, params: list[Any]) -> None:
        if method == "getdescriptorinfo" and OTHER in params[0]:
            raise BitcoindRefusal(-5, "Address is not valid")

    node.fault = reject_other
    scan = await node.reader().scan([WATCH, OLD], None)
    assert (len(scan.deposits), scan.unread) == (1, {OTHER})


async def test_a_lagging_node_reports_nothing_and_keeps_the_cursor() -> None:
    node = FakeBitcoind(entry(tx_id(1), ADDRESS, "0.1", 1))
    reader = node.reader()
    before = await reader.scan([WATCH], None)
    node.head = HEAD - 3
    scan = await reader.scan([WATCH], before.cursor)
    assert (scan.deposits, scan.cursor, scan.unread) == ([], before.cursor, {ADDRESS})


async def test_an_output_that_cannot_be_read_is_stepped_over_and_listed_again() -> None:
    odd: list[Any] = [entry(tx_id(1), ADDRESS, "0.123456789", 20), {"txid": "odd"}]
    node = FakeBitcoind(*odd, entry(tx_id(2), ADDRESS, "0.2", 3))
    reader = node.reader()
    scan = await reader.scan([WATCH], None)
    assert ([deposit.amount for deposit in scan.deposits], scan.unread) == ([20_000_000], frozenset())
    assert scan.unreadable == tuple(
        f"node.test: listsinceblock: an output of transaction {name} cannot be read" for name in (tx_id(1), "?")
    )
    cursor = read_cursor(scan.cursor)
    assert cursor
    assert cursor.floor == HEAD - 19

    node.entries[:2] = [entry(tx_id(1), ADDRESS, "0.1", 20)]
    again = await reader.scan([WATCH], scan.cursor)
    assert sorted(deposit.amount for deposit in again.deposits) == [10_000_000, 20_000_000]
    cursor = read_cursor(again.cursor)
    assert cursor
    assert cursor.floor == HEAD - 4


async def test_an_output_that_stays_unreadable_holds_the_cursor_for_a_day() -> None:
    node = FakeBitcoind({"txid": "odd"})
    reader = node.reader()
    cursor, floors = None, list[int]()
    for blocks in (0, 100, 250):
        node.head = HEAD + blocks
        cursor = (await reader.scan([WATCH], cursor)).cursor
        floors += [found.floor - HEAD for found in [read_cursor(cursor)] if found]
    assert floors == [-4, -4, 246]


@pytest.mark.parametrize(
    "answer", [httpx.Response(401), httpx.Response(200, text='{"result": {"blo'), httpx.Response(200, json=[])]
)
async def test_no_error_contains_the_password(answer: httpx.Response) -> None:
    node = FakeBitcoind()
    node._answer = lambda request: answer  # type: ignore[method-assign]
    with pytest.raises(ChainError) as caught:
        await node.reader().scan([WATCH], None)
    text = f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert PASSWORD not in text
    assert "node.test" in text


async def test_a_node_without_wallet_support_is_a_clear_error() -> None:
    node = FakeBitcoind()

    def no_wallets(method: str, params: list[Any]) -> None:
        if "wallet" in method or "list" in method:
            raise BitcoindRefusal(-32601, "Method not found")

    node.fault = no_wallets
    with pytest.raises(RpcRefused, match="Method not found"):
        await node.reader().scan([WATCH], None)
