"""A provider in trouble costs time and never a deposit; and accounts at rest cost next to no calls."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from baton.chains.deposits import DepositState
from baton.chains.errors import ChainError, NoProvider, ProviderBroken, Throttled
from tests.chains.solana.node_server import Node, account_of, owner, reader, spec, usdc_payment, watch

MINE, OTHER, THIRD = owner(1), owner(2), owner(3)
PASS = httpx.Response(200, content=b"")
"""Leaves the answer to the node."""


def on_account(account: str, trouble: Callable[[], httpx.Response]) -> Callable[[httpx.Request], httpx.Response]:
    """Answer with trouble where an account's transactions are asked for."""
    return lambda request: trouble() if json.loads(request.content)["params"][0] == account else PASS


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


async def test_one_address_that_fails_leaves_the_others_read() -> None:
    node = Node()
    for number, address in enumerate((MINE, OTHER, THIRD), 1):
        node.pay(address, number)
    look = reader(node, spec(watch_native=False))
    node.answers["getSignaturesForAddress"] = on_account(account_of(OTHER), torn)
    first = await look.scan([watch(MINE), watch(OTHER), watch(THIRD)], None)
    assert sorted(one.amount for one in first.deposits) == [1, 3]
    assert (first.unread, set(json.loads(first.cursor)["marks"])) == ({OTHER}, {MINE, THIRD})
    node.answers.clear()
    second = await look.scan([watch(MINE), watch(OTHER), watch(THIRD)], first.cursor)
    assert [one.amount for one in second.deposits] == [2]
    assert second.unread == frozenset()


async def test_a_failure_after_a_read_keeps_the_old_mark_of_that_address() -> None:
    node = Node()
    first_payment = node.pay(MINE, 1)
    node.pay(OTHER, 5)
    look = reader(node, spec(watch_native=False))
    first = await look.scan([watch(MINE), watch(OTHER)], None)
    node.pay(MINE, 2)
    node.add(account_of(MINE), None)  # listed, but the provider does not know it
    second = await look.scan([watch(MINE), watch(OTHER)], first.cursor)
    assert (second.deposits, second.unread) == ([], {MINE})
    assert json.loads(second.cursor)["marks"][MINE] == {account_of(MINE): first_payment}


async def test_being_throttled_stops_with_what_was_read() -> None:
    node = Node()
    everyone = [owner(number) for number in range(1, 30)]
    for address in everyone:
        node.pay(address, 1)
    asked = 0

    def after_ten(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return PASS if asked <= 10 else too_many()

    node.answers["getSignaturesForAddress"] = after_ten
    look = reader(node, spec(watch_native=False), concurrency=2)
    first = await look.scan([watch(one) for one in everyone], None)
    assert len(first.deposits) == 10
    assert len(first.unread) == 19
    assert asked <= 12  # no more than what was under way
    node.answers.clear()
    second = await look.scan([watch(one) for one in everyone], first.cursor)
    assert {one.address for one in first.deposits} | {one.address for one in second.deposits} == set(everyone)


@pytest.mark.parametrize("method", ["getSlot", "getMultipleAccounts", "getSignaturesForAddress", "getTransaction"])
async def test_being_throttled_before_anything_was_read_is_an_error(method: str) -> None:
    node = Node()
    node.pay(MINE, 1)
    node.answers[method] = lambda request: too_many()
    with pytest.raises(Throttled) as caught:
        await reader(node).scan([watch(MINE)], None)
    assert caught.value.retry_after == 7


@pytest.mark.parametrize(
    ("trouble", "error"), [(torn, ProviderBroken), (shapeless, ProviderBroken), (refused, NoProvider)]
)
@pytest.mark.parametrize("method", ["getSlot", "getSignaturesForAddress", "getTransaction"])
async def test_nothing_read_at_all_is_an_error(
    method: str, trouble: Callable[[], httpx.Response], error: type[ChainError]
) -> None:
    node = Node()
    node.pay(MINE, 1)
    node.answers[method] = lambda request: trouble()
    with pytest.raises(error) as caught:
        await reader(node).scan([watch(MINE)], None)
    assert "secret" not in caught.value.message


@pytest.mark.parametrize("kept", [0, 1, 7])
async def test_a_provider_that_loses_its_place_between_pages_is_not_taken_for_the_end(kept: int) -> None:
    node = Node()
    for amount in range(1, 8):
        node.pay(MINE, amount)

    def forgetful(request: httpx.Request) -> httpx.Response:
        call = json.loads(request.content)
        if "before" not in call["params"][1]:
            return PASS
        result = node.listed[account_of(MINE)][:kept]
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": call["id"], "result": result})

    node.answers["getSignaturesForAddress"] = forgetful
    with pytest.raises(ProviderBroken, match="lost its place"):
        await reader(node, page=3).scan([watch(MINE)], None)


async def test_a_provider_that_does_not_tell_balances_is_asked_for_everything() -> None:
    node = Node()
    look = reader(node, full_read_every=1000)
    first = await look.scan([watch(MINE)], None)

    def refuse(request: httpx.Request) -> httpx.Response:
        call = json.loads(request.content)
        error = {"code": -32600, "message": "too many accounts"}
        return httpx.Response(200, json={"jsonrpc": "2.0", "id": call["id"], "error": error})

    node.answers["getMultipleAccounts"] = refuse
    node.pay(MINE, 3)
    assert [one.amount for one in (await look.scan([watch(MINE)], first.cursor)).deposits] == [3]


async def test_accounts_at_rest_cost_a_call_for_a_hundred() -> None:
    node = Node()
    everyone = [watch(owner(number)) for number in range(1, 101)]
    look = reader(node, spec(watch_native=False), full_read_every=10_000)
    cursor = (await look.scan(everyone, None)).cursor
    node.asked.clear()
    scan = await look.scan(everyone, cursor)
    assert scan.unread == frozenset()
    assert (node.asked["getMultipleAccounts"], node.asked["getSlot"]) == (1, 1)
    assert sum(node.asked.values()) <= 5  # an account or two whose turn it is


async def test_a_payment_to_an_account_at_rest_is_found_at_once_and_followed_to_the_end() -> None:
    node = Node()
    look = reader(node, full_read_every=10_000)
    cursor = (await look.scan([watch(MINE)], None)).cursor
    node.pay(MINE, 4, status="confirmed")
    states = []
    for _ in range(12):
        scan = await look.scan([watch(MINE)], cursor)
        cursor = scan.cursor
        states += [one.state for one in scan.deposits]
    node.finalize()
    last = await look.scan([watch(MINE)], cursor)
    assert states == [DepositState.CONFIRMED] * 12
    assert [one.state for one in last.deposits] == [DepositState.FINAL]


async def test_a_list_that_lags_behind_the_balance_is_asked_again() -> None:
    node = Node()
    look = reader(node, full_read_every=10_000)
    cursor = (await look.scan([watch(MINE)], None)).cursor
    node.held[account_of(MINE)] = 99
    cursor = (await look.scan([watch(MINE)], cursor)).cursor
    node.pay(MINE, 4)
    node.held[account_of(MINE)] = 99
    assert [one.amount for one in (await look.scan([watch(MINE)], cursor)).deposits] == [4]


async def test_what_came_and_went_between_two_looks_is_found_when_its_turn_comes() -> None:
    node = Node()
    look = reader(node, full_read_every=20)
    cursor = (await look.scan([watch(MINE)], None)).cursor
    node.add(account_of(MINE), usdc_payment(MINE, 6))
    del node.held[account_of(MINE)]
    found: list[Any] = []
    for _ in range(20):
        scan = await look.scan([watch(MINE)], cursor)
        cursor, found = scan.cursor, found + scan.deposits
    assert [one.amount for one in found] == [6]


async def test_deposits_that_were_told_but_not_kept_are_told_again() -> None:
    node = Node()
    look = reader(node, full_read_every=10_000)
    before = await look.scan([watch(MINE)], None)
    node.pay(MINE, 4)
    for _ in range(20):
        told = await look.scan([watch(MINE)], before.cursor)  # as if storing the new cursor failed every time
        assert [one.amount for one in told.deposits] == [4]
