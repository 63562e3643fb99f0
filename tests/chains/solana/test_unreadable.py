"""A transaction that cannot be read hides no other one: it is stepped over, named, and tried again."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from baton.chains.deposits import Scan
from baton.chains.solana.skipped import MAX_SKIPPED, SkippedTransactions
from tests.chains.solana.node_server import FakeSolanaNode, account_of, owner, reader, spec, usdc_payment, watch

MINE, OTHER = owner(1), owner(2)
BOTH = [watch(MINE), watch(OTHER)]
NEWER = {"code": -32015, "message": "Transaction version (1) is not supported by the requesting client"}


def result(value: Any) -> Callable[[Any], httpx.Response]:
    return lambda call: httpx.Response(200, json={"jsonrpc": "2.0", "id": call, "result": value})


def error(value: Any) -> Callable[[Any], httpx.Response]:
    return lambda call: httpx.Response(200, json={"jsonrpc": "2.0", "id": call, "error": value})


def status(code: int) -> Callable[[Any], httpx.Response]:
    return lambda _: httpx.Response(code, text="<html>")


NULL = result(None)


def breaks(node: FakeSolanaNode, *signatures: str, answer: Callable[[Any], httpx.Response] = NULL) -> None:
    """Let the node answer in an odd way for these transactions."""

    def fault(request: httpx.Request) -> httpx.Response:
        call = json.loads(request.content)
        return answer(call["id"]) if call["params"][0] in signatures else httpx.Response(200, content=b"")

    node.answers["getTransaction"] = fault


def amounts(scan: Scan) -> list[int]:
    return sorted(deposit.amount for deposit in scan.deposits)


@pytest.mark.parametrize(
    "answer",
    [result(None), result({"slot": 1}), result("0x"), error(NEWER), error({"code": -32603}), status(500)],
    ids=["null", "another shape", "text", "a newer version", "an error", "a failure"],
)
async def test_a_transaction_that_cannot_be_read_hides_no_other(answer: Callable[[Any], httpx.Response]) -> None:
    node = FakeSolanaNode()
    odd = node.pay(MINE, 1)
    node.pay(MINE, 2)
    node.pay(OTHER, 5)
    breaks(node, odd, answer=answer)
    solana = reader(node, spec(watch_native=False))
    scan = await solana.scan(BOTH, None)

    assert (amounts(scan), scan.unread, scan.caught_up, scan.stepped_over) == ([2, 5], frozenset(), True, True)
    [sentence] = scan.unreadable
    assert sentence.startswith(f"node.example: transaction {odd} cannot be read: node.example: getTransaction")

    node.pay(MINE, 3)
    after = await solana.scan(BOTH, scan.cursor)
    assert (amounts(after), after.unreadable) == ([3], (sentence,))

    node.answers.clear()
    found, cursor = list[int](), after.cursor
    for _ in range(4):
        again = await solana.scan(BOTH, cursor)
        found, cursor = found + amounts(again), again.cursor
    assert (found, again.unreadable, "skipped" in json.loads(cursor)) == ([1], (), False)


async def test_another_reader_tries_a_skipped_transaction_at_once() -> None:
    node = FakeSolanaNode()
    odd = node.pay(MINE, 1)
    breaks(node, odd)
    first = await reader(node).scan(BOTH, None)
    node.answers.clear()

    assert amounts(await reader(node, full_read_every=10_000).scan(BOTH, first.cursor)) == [1]


async def test_a_skipped_transaction_is_tried_ever_more_rarely() -> None:
    node = FakeSolanaNode()
    odd = node.pay(MINE, 1)
    breaks(node, odd)
    solana, cursor, tries = reader(node, spec(watch_native=False)), None, list[int]()
    for number in range(40):
        node.calls.clear()
        scan = await solana.scan([watch(MINE)], cursor)
        cursor = scan.cursor
        assert len(scan.unreadable) == 1
        tries += [number] * node.calls["getTransaction"]
    assert tries == [0, 1, 3, 7, 15, 31]


async def test_an_unreadable_transaction_that_is_not_final_is_listed_again() -> None:
    node = FakeSolanaNode()
    odd = node.pay(MINE, 1, status="confirmed")
    breaks(node, odd)
    solana = reader(node, spec(watch_native=False), full_read_every=10_000)
    first = await solana.scan([watch(MINE)], None)
    assert json.loads(first.cursor) == {"v": 1, "marks": {}}
    node.answers.clear()

    assert amounts(await solana.scan([watch(MINE)], first.cursor)) == [1]


async def test_more_than_the_cursor_keeps_are_read_again_and_hide_nothing() -> None:
    node = FakeSolanaNode()
    odd = [node.pay(MINE, 1) for _ in range(MAX_SKIPPED + 5)]
    node.pay(MINE, 7)
    breaks(node, *odd)
    solana = reader(node, spec(watch_native=False))
    first = await solana.scan([watch(MINE)], None)
    assert (amounts(first), len(first.unreadable)) == ([7], len(odd))
    assert json.loads(first.cursor)["marks"][MINE][account_of(MINE)] == odd[MAX_SKIPPED - 1]
    node.answers.clear()
    later = await solana.scan([watch(MINE)], first.cursor)

    assert amounts(later) == [1] * len(odd) + [7]


async def test_one_transaction_to_two_addresses_is_skipped_for_both() -> None:
    node = FakeSolanaNode()
    body = usdc_payment(MINE, 4)
    for address in (MINE, OTHER):
        node.add(account_of(address), body, name="batch")
    breaks(node, "batch")
    solana = reader(node, spec(watch_native=False))
    scan = await solana.scan(BOTH, None)
    assert json.loads(scan.cursor)["skipped"] == {MINE: ["batch"], OTHER: ["batch"]}
    node.answers.clear()

    assert amounts(await solana.scan(BOTH, scan.cursor)) == [4]


def test_what_is_no_longer_skipped_is_forgotten() -> None:
    skipped = SkippedTransactions()
    skipped.begin_scan([])
    skipped.failed("a", "odd")
    skipped.begin_scan(["a"])
    assert (skipped.is_due("a"), skipped.sentence("a")) == (True, "transaction a cannot be read: odd")
    skipped.failed("a", "odd")
    assert not skipped.is_due("a")
    skipped.begin_scan([])
    assert skipped.is_due("a")


@pytest.mark.parametrize("odd", [{"blockTime": "soon"}, {"confirmationStatus": 3}, {"slot": None}])
async def test_an_odd_entry_of_the_list_hides_no_deposit(odd: dict[str, Any]) -> None:
    node = FakeSolanaNode()
    node.pay(MINE, 1)
    node.pay(MINE, 2)
    node.listed[account_of(MINE)][0] |= odd
    scan = await reader(node, spec(watch_native=False)).scan([watch(MINE)], None)

    assert (amounts(scan), scan.unread) == ([1, 2], frozenset())
