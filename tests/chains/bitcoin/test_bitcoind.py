"""Deposits from bitcoind's wallet: imports in bounded steps, what counts as there, and what a node may do wrong."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest

from baton.chains.bitcoin.cursor import read_cursor
from baton.chains.deposits import DepositState, Watch
from baton.chains.errors import ChainError, NoProvider, ProviderBroken, RpcRefused
from tests.chains.bitcoin.bitcoind_server import HEAD, NOW, PASSWORD, FakeNode, Refusal, entry
from tests.chains.bitcoin.esplora_server import ADDRESS, OTHER, tx_id

WATCH = Watch(address=ADDRESS, since=NOW)
OLD = Watch(address=OTHER, since=NOW - timedelta(days=3))


async def test_a_wallet_without_keys_is_made_once_and_loaded_with_the_node() -> None:
    node = FakeNode()
    reader = node.reader()
    cursor = (await reader.scan([WATCH], None)).cursor
    await reader.scan([WATCH], cursor)
    assert node.made("createwallet") == [["baton-watch", True, True, "", False, True, True]]


async def test_one_list_serves_any_number_of_addresses() -> None:
    watches = [Watch(address=f"bc1q{each}", since=NOW) for each in range(1200)]
    node = FakeNode(*(entry(tx_id(each), f"bc1q{each}", "0.001", 3) for each in range(1200)))
    reader = node.reader()
    scan = await reader.scan(watches, None)
    assert (len(scan.deposits), scan.unread) == (1200, frozenset())
    node.calls.clear()
    assert len((await reader.scan(watches, scan.cursor)).deposits) == 1200
    assert [method for method, _ in node.calls] == ["getblockchaininfo", "getblockhash", "listsinceblock"]


async def test_the_list_starts_below_what_is_not_final() -> None:
    node = FakeNode()
    reader = node.reader()
    scan = await reader.scan([WATCH], None)
    node.calls.clear()
    await reader.scan([WATCH], scan.cursor)
    cursor = read_cursor(scan.cursor)
    assert cursor
    assert cursor.floor == HEAD - 4
    assert node.made("getblockhash") == [[HEAD - 5]]


async def test_an_address_added_later_is_listed_from_its_own_beginning_until_a_cursor_covers_it() -> None:
    node = FakeNode(entry(tx_id(1), OTHER, "0.5", 300))
    node.labels[OTHER] = f"baton since {int(OLD.since.timestamp())}"
    reader = node.reader()
    first = await reader.scan([WATCH], None)
    for _ in range(2):
        # The same cursor twice: what the first of these told may have been lost.
        told = await reader.scan([WATCH, OLD], first.cursor)
        assert [one.tx_id for one in told.deposits] == [tx_id(1)]
    assert (await reader.scan([WATCH, OLD], told.cursor)).deposits == []


async def test_a_cursor_of_another_process_says_nothing_about_what_was_listed() -> None:
    node = FakeNode(entry(tx_id(1), OTHER, "0.5", 300))
    node.labels[OTHER] = f"baton since {int(OLD.since.timestamp())}"
    cursor = (await node.reader().scan([WATCH], None)).cursor
    reader = node.reader()
    for _ in range(2):
        assert [one.tx_id for one in (await reader.scan([WATCH, OLD], cursor)).deposits] == [tx_id(1)]


async def test_what_was_replaced_or_dropped_is_not_told() -> None:
    node = FakeNode(
        entry(tx_id(1), ADDRESS, "0.1", 0),
        entry(tx_id(2), ADDRESS, "0.2", 0, replaced_by_txid=tx_id(1)),
        entry(tx_id(3), ADDRESS, "0.3", -2),
        entry(tx_id(4), ADDRESS, "-0.4", 0, category="send"),
    )
    node.mempool = {tx_id(1), tx_id(4)}
    (deposit,) = (await node.reader().scan([WATCH], None)).deposits
    assert (deposit.tx_id, deposit.amount, deposit.state) == (tx_id(1), 10_000_000, DepositState.SEEN)


async def test_a_past_of_days_is_read_in_steps_and_told_when_it_is_read() -> None:
    node = FakeNode(entry(tx_id(1), OTHER, "0.5", 400), entry(tx_id(2), ADDRESS, "0.1", 1))
    reader, cursor, scans = node.reader(), None, 0
    while True:
        scan = await reader.scan([WATCH, OLD], cursor)
        cursor, scans = scan.cursor, scans + 1
        if scan.caught_up:
            break
        assert scan.unread == {OTHER}
        assert [one.tx_id for one in scan.deposits] == [tx_id(2)]
    assert {one.tx_id for one in scan.deposits} == {tx_id(1), tx_id(2)}
    steps = node.made("rescanblockchain")
    assert len(steps) == scans > 2
    assert steps[0][0] < HEAD - 3 * 144
    assert steps[-1][1] == HEAD
    assert all(high + 1 == low for (_, high), (low, _) in pairwise(steps))
    assert node.labels[OTHER] == f"baton since {int(OLD.since.timestamp())}"


async def test_a_step_that_takes_too_long_is_halved_and_a_busy_wallet_left_alone() -> None:
    node = FakeNode()
    reader = node.reader()

    def slow(method: str, params: list[Any]) -> None:
        if method == "rescanblockchain":
            raise httpx.ReadTimeout("slow")

    node.trouble = slow
    with pytest.raises(NoProvider):
        await reader.scan([OLD], None)

    def busy(method: str, params: list[Any]) -> None:
        if method == "rescanblockchain":
            raise Refusal(-4, "Wallet is currently rescanning. Abort existing rescan or wait.")

    node.trouble = busy
    scan = await reader.scan([OLD, WATCH], None)
    assert (scan.unread, scan.caught_up) == ({OTHER}, True)
    node.trouble = lambda method, params: None
    await reader.scan([OLD, WATCH], scan.cursor)
    whole, *_, half = (high - low + 1 for low, high in node.made("rescanblockchain"))
    assert half == whole // 2


async def test_a_past_that_the_node_has_pruned_leaves_its_address_unread_and_holds_up_no_other() -> None:
    node = FakeNode()
    older, reader = Watch(address="bc1qolder", since=NOW - timedelta(days=30)), node.reader()

    def pruned(method: str, params: list[Any]) -> None:
        if method == "rescanblockchain" and params[0] < HEAD - 2000:
            raise Refusal(-1, "Can't rescan beyond pruned data.")

    node.trouble = pruned
    await reader.scan([older], None)
    cursor = None
    for _ in range(20):
        scan = await reader.scan([older, OLD], cursor)
        cursor = scan.cursor
    assert scan.unread == {"bc1qolder"}


async def test_an_address_that_the_node_does_not_take_is_unread_and_the_others_count() -> None:
    node = FakeNode(entry(tx_id(1), ADDRESS, "0.1", 1))

    def choosy(method: str, params: list[Any]) -> None:
        if method == "getdescriptorinfo" and OTHER in params[0]:
            raise Refusal(-5, "Address is not valid")

    node.trouble = choosy
    scan = await node.reader().scan([WATCH, OLD], None)
    assert (len(scan.deposits), scan.unread) == (1, {OTHER})


async def test_a_node_that_lags_behind_tells_nothing_and_keeps_the_cursor() -> None:
    node = FakeNode(entry(tx_id(1), ADDRESS, "0.1", 1))
    reader = node.reader()
    before = await reader.scan([WATCH], None)
    node.head = HEAD - 3
    scan = await reader.scan([WATCH], before.cursor)
    assert (scan.deposits, scan.cursor, scan.unread) == ([], before.cursor, {ADDRESS})


async def test_an_amount_that_is_none_is_an_error_rather_than_a_guess() -> None:
    node = FakeNode(entry(tx_id(1), ADDRESS, "0.123456789", 1))
    with pytest.raises(ProviderBroken, match=r"another shape at transactions\.0\.amount"):
        await node.reader().scan([WATCH], None)


@pytest.mark.parametrize(
    "answer", [httpx.Response(401), httpx.Response(200, text='{"result": {"blo'), httpx.Response(200, json=[])]
)
async def test_no_error_tells_the_password(answer: httpx.Response) -> None:
    node = FakeNode()
    node._answer = lambda request: answer  # type: ignore[method-assign]
    with pytest.raises(ChainError) as caught:
        await node.reader().scan([WATCH], None)
    told = f"{caught.value!r} {caught.value.__cause__!r} {caught.value.__context__!r}"
    assert PASSWORD not in told
    assert "node.test" in told


async def test_a_node_without_wallets_is_an_error_that_says_so() -> None:
    node = FakeNode()

    def bare(method: str, params: list[Any]) -> None:
        if "wallet" in method or "list" in method:
            raise Refusal(-32601, "Method not found")

    node.trouble = bare
    with pytest.raises(RpcRefused, match="Method not found"):
        await node.reader().scan([WATCH], None)
