"""What a scan of Solana finds, and how far its cursor goes."""

import json
from typing import Any

import httpx
import pytest

from baton.chains.deposits import NATIVE, Deposit, DepositState, Scan
from baton.chains.solana.accounts import TOKEN_2022_PROGRAM, associated_token_account
from tests.chains.solana.node_server import (
    PAYER,
    SINCE,
    USDC,
    Node,
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


def marks(scan: Scan) -> Any:
    return json.loads(scan.cursor)["marks"]


async def test_a_payment_to_the_token_account_is_told() -> None:
    node = Node()
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
    assert marks(scan) == {MINE: {account_of(MINE): signature}}


async def test_sol_is_told_where_it_is_watched() -> None:
    node = Node()
    node.add(MINE, transaction([PAYER, MINE], before=[9_000, 0], after=[3_000, 1_000]))
    scan = await reader(node).scan([watch(MINE)], None)
    assert [(one.asset, one.index, one.symbol, one.decimals, one.amount) for one in scan.deposits] == [
        (NATIVE, NATIVE, "SOL", 9, 1_000)
    ]
    assert (await reader(node, spec(watch_native=False)).scan([watch(MINE)], None)).deposits == []


async def test_a_token_payment_that_also_moves_sol_leaves_unwatched_sol_out() -> None:
    node = Node()
    body = usdc_payment(MINE, 5)
    body["transaction"]["message"]["accountKeys"].append({"pubkey": MINE})
    body["meta"] |= {"preBalances": [9_000, 1, 1, 0], "postBalances": [3_000, 1, 1, 1_000]}
    node.add(account_of(MINE), body)
    assert len((await reader(node).scan([watch(MINE)], None)).deposits) == 2
    assert amounts(await reader(node, spec(watch_native=False)).scan([watch(MINE)], None)) == [5]


async def test_the_next_scan_tells_only_what_is_new() -> None:
    node = Node()
    node.pay(MINE, 1)
    look = reader(node)
    first = await look.scan([watch(MINE)], None)
    node.pay(MINE, 2)
    second = await look.scan([watch(MINE)], first.cursor)
    assert (amounts(first), amounts(second)) == ([1], [2])
    assert amounts(await look.scan([watch(MINE)], second.cursor)) == []


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
    node = Node()
    node.pay(MINE, 1, status=status)
    scan = await reader(node).scan([watch(MINE)], None)
    assert [one.state for one in scan.deposits] == [state]


async def test_a_confirmed_deposit_is_only_seen_until_it_is_as_deep_as_configured() -> None:
    node = Node()
    node.pay(MINE, 1, status="confirmed")
    look = reader(node, spec(confirmations=20))
    scan = await look.scan([watch(MINE)], None)
    assert [(one.state, one.confirmations) for one in scan.deposits] == [(DepositState.SEEN, 11)]
    node.slot = 109
    scan = await look.scan([watch(MINE)], scan.cursor)
    assert [(one.state, one.confirmations) for one in scan.deposits] == [(DepositState.CONFIRMED, 20)]


async def test_the_cursor_waits_for_what_is_not_final() -> None:
    node = Node()
    settled = node.pay(MINE, 1)
    node.pay(MINE, 2, status="confirmed")
    node.pay(MINE, 3)
    look = reader(node)
    first = await look.scan([watch(MINE)], None)
    assert amounts(first) == [1, 2, 3]
    assert marks(first) == {MINE: {account_of(MINE): settled}}
    node.finalize()
    second = await look.scan([watch(MINE)], first.cursor)
    assert [(one.amount, one.state) for one in second.deposits] == [(2, DepositState.FINAL), (3, DepositState.FINAL)]
    assert amounts(await look.scan([watch(MINE)], second.cursor)) == []


async def test_a_transaction_that_vanished_is_told_no_more() -> None:
    node = Node()
    node.pay(MINE, 1, status="confirmed")
    look = reader(node)
    first = await look.scan([watch(MINE)], None)
    node.listed[account_of(MINE)].clear()
    assert (await look.scan([watch(MINE)], first.cursor)).deposits == []


async def test_a_failed_transaction_is_passed_without_reading_it() -> None:
    node = Node()
    failed = node.add(account_of(MINE), None, err={"InstructionError": [0, {"Custom": 1}]})
    scan = await reader(node).scan([watch(MINE)], None)
    assert scan.deposits == []
    assert marks(scan) == {MINE: {account_of(MINE): failed}}
    assert node.asked["getTransaction"] == 0


async def test_what_was_before_the_quote_is_not_read() -> None:
    node = Node()
    before = SINCE.timestamp() - 3600
    node.add(account_of(MINE), None, time=before)
    node.add(account_of(MINE), usdc_payment(MINE, 1), time=None)
    node.add(account_of(MINE), usdc_payment(MINE, 2), time=before / 1000)
    node.add(account_of(MINE), usdc_payment(MINE, 3), time=SINCE.timestamp() - 60)
    scan = await reader(node).scan([watch(MINE)], None)
    assert amounts(scan) == [1, 2, 3]
    assert node.asked["getTransaction"] == 3


async def test_an_old_history_is_not_paged_through() -> None:
    node = Node()
    for _ in range(50):
        node.add(account_of(MINE), None, time=SINCE.timestamp() - 3600)
    node.pay(MINE, 7)
    scan = await reader(node, spec(watch_native=False), page=5).scan([watch(MINE)], None)
    assert amounts(scan) == [7]
    assert node.asked["getSignaturesForAddress"] == 1


@pytest.mark.parametrize("page", [2, 3, 7, 23, 24, 1000])
async def test_many_transactions_are_read_page_by_page_oldest_first(page: int) -> None:
    node = Node()
    for amount in range(1, 24):
        node.pay(MINE, amount)
    look = reader(node, page=page)
    first = await look.scan([watch(MINE)], None)
    assert amounts(first) == list(range(1, 24))
    for amount in range(24, 40):
        node.pay(MINE, amount)
    assert amounts(await look.scan([watch(MINE)], first.cursor)) == list(range(24, 40))


async def test_a_mark_that_the_node_does_not_know_loses_nothing() -> None:
    node = Node()
    node.pay(MINE, 1)
    look = reader(node)
    first = await look.scan([watch(MINE)], None)
    node.pay(MINE, 2)
    strange = first.cursor.replace("signature1", "prunedLongAgo")
    assert amounts(await look.scan([watch(MINE)], strange)) == [1, 2]


@pytest.mark.parametrize("cursor", ["", "{", "[]", '{"v":9}', '{"v":1,"marks":[1]}', '{"v":1,"marks":{"a":1}}'])
async def test_a_cursor_that_cannot_be_read_starts_over(cursor: str) -> None:
    node = Node()
    node.pay(MINE, 1)
    assert amounts(await reader(node).scan([watch(MINE)], cursor)) == [1]


async def test_further_token_accounts_and_wrong_tokens_are_found_by_asking() -> None:
    node = Node()
    side = account_of(OTHER, MINE)
    node.further[MINE] = [account_of(MINE), side]
    node.add(side, transaction([PAYER, side], tokens_after=[tokens(1, MINE, 9, FOREIGN)]))
    look = reader(node)
    first = await look.scan([watch(MINE)], None)
    assert [(one.asset, one.symbol, one.decimals, one.index) for one in first.deposits] == [(FOREIGN, None, None, side)]
    node.further.clear()  # closed since, but remembered
    node.add(side, transaction([PAYER, side], tokens_after=[tokens(1, MINE, 4, FOREIGN)]))
    assert amounts(await look.scan([watch(MINE)], first.cursor)) == [4]


async def test_a_token_of_the_newer_program_is_looked_for_in_its_own_account() -> None:
    node = Node()
    newer = associated_token_account(MINE, USDC, TOKEN_2022_PROGRAM)
    node.answers["getMultipleAccounts"] = with_program(node, TOKEN_2022_PROGRAM)
    node.add(newer, transaction([PAYER, newer], tokens_after=[tokens(1, MINE, 9)]))
    scan = await reader(node).scan([watch(MINE)], None)
    assert [(one.amount, one.index, one.symbol) for one in scan.deposits] == [(9, newer, "USDC")]


async def test_addresses_no_longer_watched_are_forgotten() -> None:
    node = Node()
    node.pay(MINE, 1)
    node.pay(OTHER, 2)
    look = reader(node)
    both = await look.scan([watch(MINE), watch(OTHER), watch(MINE)], None)
    assert sorted(amounts(both)) == [1, 2]
    one = await look.scan([watch(OTHER)], both.cursor)
    assert set(marks(one)) == {OTHER}


async def test_what_is_no_address_is_unread_and_does_not_hold_up_the_others() -> None:
    node = Node()
    node.pay(MINE, 1)
    scan = await reader(node).scan([watch("nonsense"), watch(MINE)], None)
    assert (amounts(scan), scan.unread) == ([1], {"nonsense"})


async def test_nothing_to_watch_asks_for_the_slot_and_the_tokens_alone() -> None:
    node = Node()
    scan = await reader(node).scan([], None)
    assert (scan.deposits, scan.head) == ([], 100)
    assert sum(node.asked.values()) == 2


async def test_more_than_a_scan_reads_is_left_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("baton.chains.solana.owners.TRANSACTIONS_A_SCAN", 3)
    node = Node()
    for amount in range(1, 8):
        node.pay(MINE, amount)
    look, told, cursor, rounds = reader(node), list[int](), None, 0
    while True:
        scan = await look.scan([watch(MINE)], cursor)
        told, cursor, rounds = told + amounts(scan), scan.cursor, rounds + 1
        if scan.caught_up:
            break
        assert scan.unread == {MINE}
    assert (told, rounds) == ([1, 2, 3, 4, 5, 6, 7], 3)


async def test_a_deposit_is_rechecked_by_its_transaction() -> None:
    node = Node()
    node.pay(MINE, 5, status="confirmed")
    look = reader(node)
    seen = (await look.scan([watch(MINE)], None)).deposits[0]
    node.finalize()
    node.slot = 130
    again = await look.recheck(seen)
    assert again == seen.model_copy(update={"state": DepositState.FINAL, "confirmations": 41})
    node.listed[account_of(MINE)][0]["err"] = "AccountInUse"
    assert await look.recheck(seen) is None
    node.listed.clear()
    assert await look.recheck(seen) is None


async def test_another_deposit_of_the_same_transaction_is_not_taken_for_it() -> None:
    node = Node()
    node.pay(MINE, 5)
    look = reader(node)
    seen = (await look.scan([watch(MINE)], None)).deposits[0]
    assert await look.recheck(seen.model_copy(update={"index": NATIVE, "asset": NATIVE})) is None


def with_program(node: Node, program: str) -> Any:
    def answer(request: httpx.Request) -> httpx.Response:
        call = json.loads(request.content)
        result = node._getMultipleAccounts(*call["params"])
        for one in result["value"]:
            if one is not None:
                one["owner"] = program
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": call["id"], "result": result})

    return answer
