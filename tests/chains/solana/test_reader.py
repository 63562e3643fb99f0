"""What a scan of Solana reports, and how far its cursor moves."""

import json
from typing import Any

import httpx
import pytest

from baton.chains.deposits import NATIVE, Deposit, DepositState, Scan
from baton.chains.solana.accounts import TOKEN_2022_PROGRAM, associated_token_account
from baton.chains.spec import KnownToken
from tests.chains.solana.node_server import (
    PAYER,
    SINCE,
    USDC,
    FakeSolanaNode,
    account_of,
    owner,
    reader,
    spec,
    tokens,
    transaction,
    usdc_payment,
    watch,
)

MINE, OTHER = owner(1), owner(2)
FOREIGN = owner(3)


def amounts(scan: Scan) -> list[int]:
    return [deposit.amount for deposit in scan.deposits]


def positions(scan: Scan) -> Any:
    return json.loads(scan.cursor)["marks"]


async def test_a_payment_to_the_token_account_is_reported() -> None:
    node = FakeSolanaNode()
    signature = node.pay(MINE, 5_000_000)
    scan = await reader(node).scan([watch(MINE)], None)
    assert scan.deposits == [
        Deposit(
            chain="solana",
            address=MINE,
            asset=USDC,
            symbol="USDC",
            decimals=6,
            tx_id=signature,
            index=account_of(MINE),
            amount=5_000_000,
            sender=PAYER,
            block_height=90,
            confirmations=11,
            state=DepositState.FINAL,
        )
    ]
    assert (scan.head, scan.unread, scan.caught_up) == (100, frozenset(), True)
    assert positions(scan) == {MINE: {account_of(MINE): signature}}


async def test_sol_is_reported_if_it_is_watched() -> None:
    node = FakeSolanaNode()
    node.add(MINE, transaction([PAYER, MINE], before=[9_000, 0], after=[3_000, 1_000]))
    scan = await reader(node).scan([watch(MINE)], None)
    assert [
        (deposit.asset, deposit.index, deposit.symbol, deposit.decimals, deposit.amount) for deposit in scan.deposits
    ] == [(NATIVE, NATIVE, "SOL", 9, 1_000)]
    assert (await reader(node, spec(watch_native=False)).scan([watch(MINE)], None)).deposits == []


async def test_unwatched_sol_in_a_token_payment_is_left_out() -> None:
    node = FakeSolanaNode()
    body = usdc_payment(MINE, 5)
    body["transaction"]["message"]["accountKeys"].append({"pubkey": MINE})
    body["meta"] |= {"preBalances": [9_000, 1, 1, 0], "postBalances": [3_000, 1, 1, 1_000]}
    node.add(account_of(MINE), body)
    assert len((await reader(node).scan([watch(MINE)], None)).deposits) == 2
    assert amounts(await reader(node, spec(watch_native=False)).scan([watch(MINE)], None)) == [5]


async def test_the_next_scan_reports_only_new_deposits() -> None:
    node = FakeSolanaNode()
    node.pay(MINE, 1)
    solana = reader(node)
    first = await solana.scan([watch(MINE)], None)
    node.pay(MINE, 2)
    second = await solana.scan([watch(MINE)], first.cursor)
    assert (amounts(first), amounts(second)) == ([1], [2])
    assert amounts(await solana.scan([watch(MINE)], second.cursor)) == []


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("processed", DepositState.SEEN),
        (None, DepositState.SEEN),
        ("confirmed", DepositState.CONFIRMED),
        ("finalized", DepositState.FINAL),
    ],
)
async def test_the_state_follows_the_status(status: str, state: DepositState) -> None:
    node = FakeSolanaNode()
    node.pay(MINE, 1, status=status)
    scan = await reader(node).scan([watch(MINE)], None)
    assert [deposit.state for deposit in scan.deposits] == [state]


async def test_a_confirmed_status_counts_once_it_is_as_deep_as_configured() -> None:
    node = FakeSolanaNode()
    node.pay(MINE, 1, status="confirmed")
    solana = reader(node, spec(confirmations=20))
    scan = await solana.scan([watch(MINE)], None)
    assert [(deposit.state, deposit.confirmations) for deposit in scan.deposits] == [(DepositState.SEEN, 11)]
    node.slot = 109
    scan = await solana.scan([watch(MINE)], scan.cursor)
    assert [(deposit.state, deposit.confirmations) for deposit in scan.deposits] == [(DepositState.CONFIRMED, 20)]


async def test_the_cursor_stays_below_what_is_not_final() -> None:
    node = FakeSolanaNode()
    settled = node.pay(MINE, 1)
    node.pay(MINE, 2, status="confirmed")
    node.pay(MINE, 3)
    solana = reader(node)
    first = await solana.scan([watch(MINE)], None)
    assert amounts(first) == [1, 2, 3]
    assert positions(first) == {MINE: {account_of(MINE): settled}}
    node.finalize()
    second = await solana.scan([watch(MINE)], first.cursor)
    assert [(deposit.amount, deposit.state) for deposit in second.deposits] == [
        (2, DepositState.FINAL),
        (3, DepositState.FINAL),
    ]
    assert amounts(await solana.scan([watch(MINE)], second.cursor)) == []


async def test_a_transaction_that_vanished_is_not_reported() -> None:
    node = FakeSolanaNode()
    node.pay(MINE, 1, status="confirmed")
    solana = reader(node)
    first = await solana.scan([watch(MINE)], None)
    node.listed[account_of(MINE)].clear()
    assert (await solana.scan([watch(MINE)], first.cursor)).deposits == []


async def test_a_failed_transaction_is_skipped_without_reading_it() -> None:
    node = FakeSolanaNode()
    failed = node.add(account_of(MINE), None, err={"InstructionError": [0, {"Custom": 1}]})
    scan = await reader(node).scan([watch(MINE)], None)
    assert scan.deposits == []
    assert positions(scan) == {MINE: {account_of(MINE): failed}}
    assert node.calls["getTransaction"] == 0


async def test_transactions_before_the_quote_are_not_read() -> None:
    node = FakeSolanaNode()
    before = SINCE.timestamp() - 3600
    node.add(account_of(MINE), None, time=before)
    node.add(account_of(MINE), usdc_payment(MINE, 1), time=None)
    node.add(account_of(MINE), usdc_payment(MINE, 2), time=before / 1000)
    node.add(account_of(MINE), usdc_payment(MINE, 3), time=SINCE.timestamp() - 60)
    scan = await reader(node).scan([watch(MINE)], None)
    assert amounts(scan) == [1, 2, 3]
    assert node.calls["getTransaction"] == 3


async def test_an_old_history_is_not_paged_through() -> None:
    node = FakeSolanaNode()
    for _ in range(50):
        node.add(account_of(MINE), None, time=SINCE.timestamp() - 3600)
    node.pay(MINE, 7)
    scan = await reader(node, spec(watch_native=False), page=5).scan([watch(MINE)], None)
    assert amounts(scan) == [7]
    assert node.calls["getSignaturesForAddress"] == 1


@pytest.mark.parametrize("page", [2, 3, 7, 23, 24, 1000])
async def test_many_transactions_are_read_page_by_page_oldest_first(page: int) -> None:
    node = FakeSolanaNode()
    for amount in range(1, 24):
        node.pay(MINE, amount)
    solana = reader(node, page=page)
    first = await solana.scan([watch(MINE)], None)
    assert amounts(first) == list(range(1, 24))
    for amount in range(24, 40):
        node.pay(MINE, amount)
    assert amounts(await solana.scan([watch(MINE)], first.cursor)) == list(range(24, 40))


async def test_a_position_that_the_node_does_not_know_loses_nothing() -> None:
    node = FakeSolanaNode()
    node.pay(MINE, 1)
    solana = reader(node)
    first = await solana.scan([watch(MINE)], None)
    node.pay(MINE, 2)
    unknown = first.cursor.replace("signature1", "prunedLongAgo")
    assert amounts(await solana.scan([watch(MINE)], unknown)) == [1, 2]


@pytest.mark.parametrize("cursor", ["", "{", "[]", '{"v":9}', '{"v":1,"marks":[1]}', '{"v":1,"marks":{"a":1}}'])
async def test_an_unreadable_cursor_starts_over(cursor: str) -> None:
    node = FakeSolanaNode()
    node.pay(MINE, 1)
    assert amounts(await reader(node).scan([watch(MINE)], cursor)) == [1]


async def test_other_token_accounts_and_wrong_tokens_are_found_by_listing() -> None:
    node = FakeSolanaNode()
    side = account_of(OTHER, MINE)
    node.token_accounts[MINE] = [account_of(MINE), side]
    node.add(side, transaction([PAYER, side], tokens_after=[tokens(1, MINE, 9, FOREIGN)]))
    solana = reader(node)
    first = await solana.scan([watch(MINE)], None)
    assert [(deposit.asset, deposit.symbol, deposit.decimals, deposit.index) for deposit in first.deposits] == [
        (FOREIGN, None, None, side)
    ]
    node.token_accounts.clear()  # closed since, but still in the cursor
    node.add(side, transaction([PAYER, side], tokens_after=[tokens(1, MINE, 4, FOREIGN)]))
    assert amounts(await solana.scan([watch(MINE)], first.cursor)) == [4]


async def test_a_token_of_the_newer_program_has_its_own_account() -> None:
    node = FakeSolanaNode()
    newer = associated_token_account(MINE, USDC, TOKEN_2022_PROGRAM)
    node.answers["getMultipleAccounts"] = with_program(node, TOKEN_2022_PROGRAM)
    node.add(newer, transaction([PAYER, newer], tokens_after=[tokens(1, MINE, 9)]))
    scan = await reader(node).scan([watch(MINE)], None)
    assert [(deposit.amount, deposit.index, deposit.symbol) for deposit in scan.deposits] == [(9, newer, "USDC")]


async def test_an_address_that_is_no_longer_watched_leaves_the_cursor() -> None:
    node = FakeSolanaNode()
    node.pay(MINE, 1)
    node.pay(OTHER, 2)
    solana = reader(node)
    both = await solana.scan([watch(MINE), watch(OTHER), watch(MINE)], None)
    assert sorted(amounts(both)) == [1, 2]
    scan = await solana.scan([watch(OTHER)], both.cursor)
    assert set(positions(scan)) == {OTHER}


async def test_an_invalid_address_leaves_only_itself_unread() -> None:
    node = FakeSolanaNode()
    node.pay(MINE, 1)
    scan = await reader(node).scan([watch("nonsense"), watch(MINE)], None)
    assert (amounts(scan), scan.unread) == ([1], {"nonsense"})


async def test_a_scan_without_watches_reads_only_the_slot_and_the_mints() -> None:
    node = FakeSolanaNode()
    scan = await reader(node).scan([], None)
    assert (scan.deposits, scan.head) == ([], 100)
    assert sum(node.calls.values()) == 2


async def test_transactions_beyond_the_limit_are_left_to_the_next_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("baton.chains.solana.owners.TRANSACTIONS_A_SCAN", 3)
    node = FakeSolanaNode()
    for amount in range(1, 8):
        node.pay(MINE, amount)
    solana, reported, cursor, rounds = reader(node), list[int](), None, 0
    while True:
        scan = await solana.scan([watch(MINE)], cursor)
        reported, cursor, rounds = reported + amounts(scan), scan.cursor, rounds + 1
        if scan.caught_up:
            break
        assert scan.unread == {MINE}
    assert (reported, rounds) == ([1, 2, 3, 4, 5, 6, 7], 3)


async def test_a_deposit_is_rechecked_by_its_transaction() -> None:
    node = FakeSolanaNode()
    node.pay(MINE, 5, status="confirmed")
    solana = reader(node)
    seen = (await solana.scan([watch(MINE)], None)).deposits[0]
    node.finalize()
    node.slot = 130
    again = await solana.recheck(seen)
    assert again == seen.model_copy(update={"state": DepositState.FINAL, "confirmations": 41})
    node.listed[account_of(MINE)][0]["err"] = "AccountInUse"
    assert await solana.recheck(seen) is None
    node.listed.clear()
    assert await solana.recheck(seen) is None


async def test_another_deposit_of_the_same_transaction_is_not_confused() -> None:
    node = FakeSolanaNode()
    node.pay(MINE, 5)
    solana = reader(node)
    seen = (await solana.scan([watch(MINE)], None)).deposits[0]
    assert await solana.recheck(seen.model_copy(update={"index": NATIVE, "asset": NATIVE})) is None


def with_program(node: FakeSolanaNode, program: str) -> Any:
    def answer(request: httpx.Request) -> httpx.Response:
        call = json.loads(request.content)
        result = node._getMultipleAccounts(*call["params"])
        for account in result["value"]:
            if account is not None:
                account["owner"] = program
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": call["id"], "result": result})

    return answer


async def test_a_token_of_the_routes_is_read_at_once_where_an_order_pays_with_it() -> None:
    mint = "cbbtcf3aa214zXHbiAZQwf4122FBYbraNdFqgw4iMij"
    node = FakeSolanaNode()
    chain = spec(watch_native=False).with_routes((KnownToken("cbBTC", mint, 8),))
    solana = reader(node, chain, full_read_every=10_000)
    paying, other = watch(owner(1)).model_copy(update={"asset": "cbBTC"}), watch(owner(2))
    cursor = (await solana.scan([paying, other], None)).cursor
    for address in (owner(1), owner(2)):
        moved = {"tokens_before": [tokens(1, address, 0, mint)], "tokens_after": [tokens(1, address, 5, mint)]}
        node.add(account_of(address, mint), transaction([PAYER, account_of(address, mint)], **moved))
        node.balances[account_of(address, mint)] = 5

    [deposit] = (await solana.scan([paying, other], cursor)).deposits

    assert (deposit.address, deposit.symbol, deposit.asset, deposit.amount) == (owner(1), "cbBTC", mint, 5)
