"""What Sparkscan tells of a wallet becomes deposits, and nothing is concluded from its silence."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from baton.chains.deposits import NATIVE, Deposit, DepositState, Scan
from baton.chains.errors import NoProvider, ProviderBroken, Throttled
from tests.chains.spark.explorer_server import (
    KEY,
    MINE,
    OTHER,
    OTHER_KEY,
    PAYER,
    SINCE,
    USDB,
    Explorer,
    reader,
    token,
    watch,
)
from tests.encoding.spelling import spark


def amounts(scan: Scan) -> list[int]:
    return [deposit.amount for deposit in scan.deposits]


def mark(scan: Scan) -> Any:
    return json.loads(scan.cursor)["marks"].get(KEY.hex())


async def test_a_transfer_of_sats_is_told_and_final() -> None:
    explorer = Explorer()
    name = explorer.add(MINE, amountSats=25_000)
    scan = await reader(explorer).scan([watch(MINE)], None)
    assert scan.deposits == [
        Deposit(
            chain="spark",
            address=MINE,
            asset=NATIVE,
            symbol="BTC",
            decimals=8,
            tx_id=name,
            index="0",
            amount=25_000,
            sender=PAYER,
            confirmations=1,
            state=DepositState.FINAL,
        )
    ]
    assert (scan.unread, scan.head, mark(scan)) == (frozenset(), None, name)
    assert dict(explorer.asked[0].params) == {"network": "MAINNET", "limit": "100", "offset": "0"}


async def test_a_private_wallet_tells_nothing_and_nothing_is_concluded() -> None:
    scan = await reader(Explorer()).scan([watch(MINE)], None)
    assert (scan.deposits, scan.unread, mark(scan)) == ([], frozenset(), None)


@pytest.mark.parametrize(
    ("direction", "status", "states"),
    [
        ("incoming", "confirmed", [DepositState.FINAL]),
        ("incoming", "sent", [DepositState.SEEN]),
        ("incoming", "pending", [DepositState.SEEN]),
        ("incoming", "failed", []),
        ("incoming", "expired", []),
        ("incoming", "unheard-of", []),
        ("outgoing", "confirmed", []),
        ("creation", "confirmed", []),
    ],
)
async def test_only_what_comes_in_counts(direction: str, status: str, states: list[DepositState]) -> None:
    explorer = Explorer()
    explorer.add(MINE, direction=direction, status=status)
    scan = await reader(explorer).scan([watch(MINE)], None)
    assert [one.state for one in scan.deposits] == states


@pytest.mark.parametrize(
    ("metadata", "asset", "symbol"),
    [
        (token(), USDB, "USDB"),
        (token(address=None), USDB, "USDB"),
        (token(identifier="ab" * 32, address=None), "ab" * 32, None),
    ],
)
async def test_tokens_are_known_by_identifier(metadata: dict[str, Any], asset: str, symbol: str | None) -> None:
    explorer = Explorer()
    explorer.add(MINE, type="token_transfer", amountSats=None, tokenAmount=10**21, tokenMetadata=metadata)
    scan = await reader(explorer).scan([watch(MINE)], None)
    assert [(one.asset, one.symbol, one.amount) for one in scan.deposits] == [(asset, symbol, 10**21)]


async def test_a_token_transfer_with_many_outputs_counts_what_the_wallet_gained() -> None:
    explorer = Explorer()
    shares = {
        "inputs": [{"address": PAYER, "pubkey": "02" + "33" * 32, "amount": 100}],
        "outputs": [
            {"address": spark("sp", KEY), "pubkey": KEY.hex(), "amount": 30},
            {"address": OTHER, "pubkey": OTHER_KEY.hex(), "amount": 60},
            {"address": MINE, "pubkey": KEY.hex().upper(), "amount": 10},
        ],
    }
    fields = {"type": "token_multi_transfer", "direction": "transfer", "tokenAmount": 100, "tokenMetadata": token()}
    explorer.add(MINE, amountSats=None, multiIoDetails=shares, **fields)
    change = {"inputs": [{"address": MINE, "pubkey": KEY.hex(), "amount": 9}], "outputs": shares["outputs"][:1]}
    explorer.add(MINE, amountSats=None, multiIoDetails=change | {"inputs": change["inputs"] * 4}, **fields)
    assert amounts(await reader(explorer).scan([watch(MINE)], None)) == [40]


async def test_the_mark_waits_for_what_is_pending() -> None:
    explorer = Explorer()
    settled = explorer.add(MINE, amountSats=1)
    explorer.add(MINE, amountSats=2, status="sent")
    newest = explorer.add(MINE, amountSats=3)
    look = reader(explorer)
    first = await look.scan([watch(MINE)], None)
    assert mark(first) == settled
    explorer.listed[MINE][1]["status"] = "confirmed"
    second = await look.scan([watch(MINE)], first.cursor)
    assert (amounts(second), mark(second)) == ([1, 2, 3], newest)
    assert {one.state for one in second.deposits} == {DepositState.FINAL}


async def test_a_pending_entry_that_is_listed_late_takes_the_mark_back() -> None:
    explorer = Explorer()
    late = explorer.add(MINE, amountSats=1, status="sent")
    hidden = explorer.listed[MINE].pop()
    explorer.add(MINE, amountSats=2)
    look = reader(explorer)
    first = await look.scan([watch(MINE)], None)
    explorer.listed[MINE].append(hidden)
    second = await look.scan([watch(MINE)], first.cursor)
    assert [one.state for one in second.deposits if one.tx_id == late] == [DepositState.SEEN]
    assert (mark(first), mark(second)) == (explorer.listed[MINE][0]["id"], None)


@pytest.mark.parametrize("page", [1, 2, 5, 24, 25, 100])
async def test_a_long_list_is_read_whole_and_oldest_first(page: int) -> None:
    explorer = Explorer()
    for amount in range(1, 25):
        explorer.add(MINE, amountSats=amount)
    scan = await reader(explorer, page=page).scan([watch(MINE)], None)
    assert amounts(scan) == list(range(1, 25))


async def test_after_a_mark_one_page_more_is_read() -> None:
    explorer = Explorer()
    for amount in range(1, 25):
        explorer.add(MINE, amountSats=amount)
    look = reader(explorer, page=5)
    first = await look.scan([watch(MINE)], None)
    explorer.add(MINE, amountSats=99)
    late = explorer.listed[MINE].pop()
    explorer.listed[MINE].insert(7, late | {"createdAt": explorer.listed[MINE][7]["createdAt"]})
    explorer.asked.clear()
    second = await look.scan([watch(MINE)], first.cursor)
    assert {1, 99} <= set(amounts(second))
    assert len(explorer.asked) == 2


async def test_what_was_before_the_quote_is_neither_told_nor_paged_through() -> None:
    explorer = Explorer()
    for _ in range(30):
        explorer.add(MINE, amountSats=1, createdAt=(SINCE - timedelta(days=1)).isoformat())
    explorer.add(MINE, amountSats=2, createdAt=None)
    explorer.add(MINE, amountSats=3)
    scan = await reader(explorer, page=10).scan([watch(MINE)], None)
    assert (amounts(scan), len(explorer.asked)) == ([2, 3], 1)


async def test_a_list_that_is_longer_than_can_be_read_is_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("baton.chains.spark.listing.MAX_PAGES", 3)
    explorer = Explorer()
    for _ in range(9):
        explorer.add(MINE)
    scan = await reader(explorer, page=2).scan([watch(MINE)], None)
    assert (scan.deposits, scan.unread) == ([], {MINE})


async def test_spellings_of_one_wallet_are_read_once() -> None:
    explorer = Explorer()
    older = spark("sp", KEY)
    explorer.add(older, amountSats=5)
    scan = await reader(explorer).scan([watch(MINE, SINCE + timedelta(hours=1)), watch(older)], None)
    assert [(one.address, one.amount) for one in scan.deposits] == [(older, 5)]
    assert (len(explorer.asked), scan.unread) == (1, frozenset())


async def test_an_address_of_the_test_network_is_asked_for_there() -> None:
    explorer = Explorer()
    explorer.add(spark("sparkrt"))
    scan = await reader(explorer).scan([watch(spark("sparkrt"))], None)
    assert len(scan.deposits) == 1
    assert explorer.asked[0].params["network"] == "REGTEST"


@pytest.mark.parametrize("amount", [None, 1.5, 1e3, "many", -4])
async def test_an_amount_that_is_not_exact_leaves_the_address_unread(amount: object) -> None:
    explorer = Explorer()
    settled = explorer.add(MINE, amountSats=7)
    explorer.add(MINE, amountSats=amount)
    scan = await reader(explorer).scan([watch(MINE)], None)
    assert (amounts(scan), scan.unread, mark(scan)) == ([7], {MINE}, settled)


async def test_one_address_that_fails_leaves_the_others_read_and_its_mark_alone() -> None:
    explorer = Explorer()
    settled = explorer.add(MINE, amountSats=1)
    look = reader(explorer)
    first = await look.scan([watch(MINE)], None)
    explorer.add(MINE, amountSats=2)
    explorer.add(OTHER, amountSats=3)
    explorer.trouble[MINE] = httpx.Response(200, content=b'{"meta": {"totalItems": 2}, "da')
    second = await look.scan([watch(MINE), watch(OTHER), watch("nonsense")], first.cursor)
    assert (amounts(second), second.unread, mark(second)) == ([3], {MINE, "nonsense"}, settled)
    explorer.trouble.clear()
    assert 2 in amounts(await look.scan([watch(MINE), watch(OTHER)], second.cursor))


async def test_being_throttled_stops_with_what_was_read_and_is_an_error_before_that() -> None:
    explorer = Explorer()
    everyone = [spark(key=b"\x02" + bytes([number]) * 32) for number in range(1, 9)]
    for address in everyone:
        explorer.add(address)
    explorer.trouble[everyone[3]] = httpx.Response(429, headers={"Retry-After": "9"})
    scan = await reader(explorer, concurrency=1).scan([watch(one) for one in everyone], None)
    assert (len(scan.deposits), scan.unread) == (3, set(everyone[3:]))
    with pytest.raises(Throttled) as caught:
        await reader(explorer).scan([watch(everyone[3])], None)
    assert caught.value.retry_after == 9


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (httpx.ConnectError("no"), NoProvider),
        (httpx.Response(422, json={"detail": []}), ProviderBroken),
        (httpx.Response(200, json={"data": [{"id": "secret"}]}), ProviderBroken),
    ],
)
async def test_nothing_read_at_all_is_an_error(trouble: Any, error: type[Exception]) -> None:
    explorer = Explorer()
    explorer.trouble[MINE] = trouble
    with pytest.raises(error) as caught:
        await reader(explorer).scan([watch(MINE)], None)
    assert "secret" not in str(caught.value)


async def seen_deposit(explorer: Explorer, **fields: Any) -> Deposit:
    explorer.add(MINE, status="sent", **fields)
    return (await reader(explorer).scan([watch(MINE)], None)).deposits[0]


async def test_a_deposit_is_rechecked_by_its_id() -> None:
    explorer = Explorer()
    seen = await seen_deposit(explorer)
    single = {
        "id": seen.tx_id,
        "type": "spark_transfer",
        "status": "confirmed",
        "amountSats": 1_000,
        "from": {"type": "spark", "identifier": PAYER},
        "to": {"type": "spark", "identifier": spark("sp", KEY), "pubkey": None},
    }
    explorer.single[seen.tx_id] = single
    look = reader(explorer)
    assert await look.recheck(seen) == seen.model_copy(update={"state": DepositState.FINAL, "confirmations": 1})
    for change in ({"status": "expired"}, {"to": {"type": "spark", "identifier": OTHER}}):
        explorer.single[seen.tx_id] = single | change
        assert await look.recheck(seen) is None
    del explorer.single[seen.tx_id]
    assert await look.recheck(seen) is None


async def test_a_token_deposit_is_rechecked_as_the_same_token() -> None:
    explorer = Explorer()
    seen = await seen_deposit(explorer, amountSats=None, tokenAmount=5, tokenMetadata=token())
    single = {"id": seen.tx_id, "type": "token_transfer", "status": "confirmed", "amount": 5, "to": None}
    explorer.single[seen.tx_id] = single | {"tokenMetadata": token()}
    again = await reader(explorer).recheck(seen)
    assert again
    assert (again.asset, again.amount, again.state) == (USDB, 5, DepositState.FINAL)
    explorer.single[seen.tx_id] = single | {"tokenMetadata": token("ab" * 32, None)}
    assert await reader(explorer).recheck(seen) is None


async def test_a_recheck_without_an_answer_is_an_error() -> None:
    explorer = Explorer()
    seen = await seen_deposit(explorer)
    for trouble in (httpx.Response(500), httpx.Response(200, json={}), httpx.ReadTimeout("slow")):
        explorer.trouble[seen.tx_id] = trouble
        with pytest.raises((ProviderBroken, NoProvider)):
            await reader(explorer).recheck(seen)
