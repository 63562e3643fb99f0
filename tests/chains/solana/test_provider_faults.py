"""A provider's faults cost time but never a deposit, and unchanged accounts cost almost no calls."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from baton.chains.deposits import DepositState
from baton.chains.errors import ChainError, NoProvider, ProviderBroken, Throttled
from tests.chains.solana.node_server import FakeSolanaNode, account_of, owner, reader, spec, usdc_payment, watch

MINE, OTHER, THIRD = owner(1), owner(2), owner(3)
PASS = httpx.Response(200, content=b"")
"""The node's own answer."""


def on_account(account: str, fault: Callable[[], httpx.Response]) -> Callable[[httpx.Request], httpx.Response]:
    """Answer the call for one account's transactions with a fault."""
    return lambda request: fault() if json.loads(request.content)["params"][0] == account else PASS


def too_many() -> httpx.Response:
    return httpx.Response(429, headers={"Retry-After": "7"})


def torn() -> httpx.Response:
    return httpx.Response(
        200, content=b'{"jsonrpc": "2.0", "id": 1, "resu', headers={"Content-Type": "application/json"}
    )


def shapeless() -> httpx.Response:
    return httpx.Response(200, content=b'{"jsonrpc": "2.0", "id": 4, "result": {"secret": 1}}')


def refused() -> httpx.Response:
    raise httpx.ConnectError("no")


async def test_an_address_that_fails_leaves_the_others_read() -> None:
    node = FakeSolanaNode()
    for number, address in enumerate((MINE, OTHER, THIRD), 1):
        node.pay(address, number)
    solana = reader(node, spec(watch_native=False))
    node.answers["getSignaturesForAddress"] = on_account(account_of(OTHER), torn)
    first = await solana.scan([watch(MINE), watch(OTHER), watch(THIRD)], None)
    assert sorted(deposit.amount for deposit in first.deposits) == [1, 3]
    assert (first.unread, set(json.loads(first.cursor)["marks"])) == ({OTHER}, {MINE, THIRD})
    node.answers.clear()
    second = await solana.scan([watch(MINE), watch(OTHER), watch(THIRD)], first.cursor)
    assert [deposit.amount for deposit in second.deposits] == [2]
    assert second.unread == frozenset()


async def test_a_failed_read_keeps_the_old_position_of_its_address() -> None:
    node = FakeSolanaNode()
    first_payment = node.pay(MINE, 1)
    node.pay(OTHER, 5)
    solana = reader(node, spec(watch_native=False))
    first = await solana.scan([watch(MINE), watch(OTHER)], None)
    node.pay(MINE, 2)
    node.answers["getTransaction"] = lambda _: refused()
    second = await solana.scan([watch(MINE), watch(OTHER)], first.cursor)
    assert (second.deposits, second.unread, second.unreadable) == ([], {MINE}, ())
    assert json.loads(second.cursor)["marks"][MINE] == {account_of(MINE): first_payment}


async def test_a_rate_limit_ends_the_scan_with_the_reads_so_far() -> None:
    node = FakeSolanaNode()
    owners = [owner(number) for number in range(1, 30)]
    for address in owners:
        node.pay(address, 1)
    count = 0

    def after_ten(request: httpx.Request) -> httpx.Response:
        nonlocal count
        count += 1
        return PASS if count <= 10 else too_many()

    node.answers["getSignaturesForAddress"] = after_ten
    solana = reader(node, spec(watch_native=False), concurrency=2)
    first = await solana.scan([watch(address) for address in owners], None)
    assert len(first.deposits) == 10
    assert len(first.unread) == 19
    assert count <= 12  # only the calls that had already started
    node.answers.clear()
    second = await solana.scan([watch(address) for address in owners], first.cursor)
    assert {deposit.address for deposit in first.deposits} | {deposit.address for deposit in second.deposits} == set(
        owners
    )


@pytest.mark.parametrize("method", ["getSlot", "getMultipleAccounts", "getSignaturesForAddress", "getTransaction"])
async def test_a_rate_limit_before_any_read_is_an_error(method: str) -> None:
    node = FakeSolanaNode()
    node.pay(MINE, 1)
    node.answers[method] = lambda request: too_many()
    with pytest.raises(Throttled) as caught:
        await reader(node).scan([watch(MINE)], None)
    assert caught.value.retry_after == 7


@pytest.mark.parametrize(
    ("fault", "error"), [(torn, ProviderBroken), (shapeless, ProviderBroken), (refused, NoProvider)]
)
@pytest.mark.parametrize("method", ["getSlot", "getSignaturesForAddress"])
async def test_a_scan_that_reads_nothing_is_an_error(
    method: str, fault: Callable[[], httpx.Response], error: type[ChainError]
) -> None:
    node = FakeSolanaNode()
    node.pay(MINE, 1)
    node.answers[method] = lambda request: fault()
    with pytest.raises(error) as caught:
        await reader(node).scan([watch(MINE)], None)
    assert "secret" not in caught.value.message


@pytest.mark.parametrize("kept", [0, 1, 7])
async def test_a_page_that_lost_its_place_is_not_the_end_of_the_list(kept: int) -> None:
    node = FakeSolanaNode()
    for amount in range(1, 8):
        node.pay(MINE, amount)

    def forget_page(request: httpx.Request) -> httpx.Response:
        call = json.loads(request.content)
        if "before" not in call["params"][1]:
            return PASS
        result = node.listed[account_of(MINE)][:kept]
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": call["id"], "result": result})

    node.answers["getSignaturesForAddress"] = forget_page
    with pytest.raises(ProviderBroken, match="lost its place"):
        await reader(node, page=3).scan([watch(MINE)], None)


async def test_without_balances_every_account_is_read() -> None:
    node = FakeSolanaNode()
    solana = reader(node, full_read_every=1000)
    first = await solana.scan([watch(MINE)], None)

    def refuse(request: httpx.Request) -> httpx.Response:
        call = json.loads(request.content)
        error = {"code": -32600, "message": "too many accounts"}
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": call["id"], "error": error})

    node.answers["getMultipleAccounts"] = refuse
    node.pay(MINE, 3)
    assert [deposit.amount for deposit in (await solana.scan([watch(MINE)], first.cursor)).deposits] == [3]


async def test_a_hundred_unchanged_accounts_cost_one_call() -> None:
    node = FakeSolanaNode()
    owners = [watch(owner(number)) for number in range(1, 101)]
    solana = reader(node, spec(watch_native=False), full_read_every=10_000)
    cursor = (await solana.scan(owners, None)).cursor
    node.calls.clear()
    scan = await solana.scan(owners, cursor)
    assert scan.unread == frozenset()
    assert (node.calls["getMultipleAccounts"], node.calls["getSlot"]) == (1, 1)
    assert sum(node.calls.values()) <= 5  # one or two accounts have their regular turn


async def test_a_payment_to_an_unchanged_account_is_followed_until_final() -> None:
    node = FakeSolanaNode()
    solana = reader(node, full_read_every=10_000)
    cursor = (await solana.scan([watch(MINE)], None)).cursor
    node.pay(MINE, 4, status="confirmed")
    states = []
    for _ in range(12):
        scan = await solana.scan([watch(MINE)], cursor)
        cursor = scan.cursor
        states += [deposit.state for deposit in scan.deposits]
    node.finalize()
    last = await solana.scan([watch(MINE)], cursor)
    assert states == [DepositState.CONFIRMED] * 12
    assert [deposit.state for deposit in last.deposits] == [DepositState.FINAL]


async def test_a_list_that_lags_behind_the_balance_is_read_again() -> None:
    node = FakeSolanaNode()
    solana = reader(node, full_read_every=10_000)
    cursor = (await solana.scan([watch(MINE)], None)).cursor
    node.balances[account_of(MINE)] = 99
    cursor = (await solana.scan([watch(MINE)], cursor)).cursor
    node.pay(MINE, 4)
    node.balances[account_of(MINE)] = 99
    assert [deposit.amount for deposit in (await solana.scan([watch(MINE)], cursor)).deposits] == [4]


async def test_a_payment_moved_on_between_scans_is_found_at_the_regular_turn() -> None:
    node = FakeSolanaNode()
    solana = reader(node, full_read_every=20)
    cursor = (await solana.scan([watch(MINE)], None)).cursor
    node.add(account_of(MINE), usdc_payment(MINE, 6))
    del node.balances[account_of(MINE)]
    found: list[Any] = []
    for _ in range(20):
        scan = await solana.scan([watch(MINE)], cursor)
        cursor, found = scan.cursor, found + scan.deposits
    assert [deposit.amount for deposit in found] == [6]


async def test_deposits_whose_cursor_was_not_stored_are_reported_again() -> None:
    node = FakeSolanaNode()
    solana = reader(node, full_read_every=10_000)
    before = await solana.scan([watch(MINE)], None)
    node.pay(MINE, 4)
    for _ in range(20):
        again = await solana.scan([watch(MINE)], before.cursor)  # as if storing the new cursor failed every time
        assert [deposit.amount for deposit in again.deposits] == [4]
