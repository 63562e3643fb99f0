"""Sparkscan's incoming transactions are deposits; an empty list proves nothing."""

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
    FakeSparkscan,
    reader,
    token,
    watch,
)
from tests.encoding.spelling import spark


def amounts(scan: Scan) -> list[int]:
    return [deposit.amount for deposit in scan.deposits]


def position(scan: Scan) -> Any:
    return json.loads(scan.cursor)["marks"].get(KEY.hex())


async def test_a_transfer_of_sats_is_final_at_once() -> None:
    explorer = FakeSparkscan()
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
    assert (scan.unread, scan.head, position(scan)) == (frozenset(), None, name)
    assert dict(explorer.requests[0].params) == {"network": "MAINNET", "limit": "100", "offset": "0"}


async def test_an_empty_list_is_not_an_error_since_the_wallet_may_be_private() -> None:
    scan = await reader(FakeSparkscan()).scan([watch(MINE)], None)
    assert (scan.deposits, scan.unread, position(scan)) == ([], frozenset(), None)


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
async def test_only_incoming_transfers_count(direction: str, status: str, states: list[DepositState]) -> None:
    explorer = FakeSparkscan()
    explorer.add(MINE, direction=direction, status=status)
    scan = await reader(explorer).scan([watch(MINE)], None)
    assert [deposit.state for deposit in scan.deposits] == states


@pytest.mark.parametrize(
    ("metadata", "asset", "symbol"),
    [
        (token(), USDB, "USDB"),
        (token(address=None), USDB, "USDB"),
        (token(identifier="ab" * 32, address=None), "ab" * 32, None),
    ],
)
async def test_tokens_are_recognized_by_identifier(metadata: dict[str, Any], asset: str, symbol: str | None) -> None:
    explorer = FakeSparkscan()
    explorer.add(MINE, type="token_transfer", amountSats=None, tokenAmount=10**21, tokenMetadata=metadata)
    scan = await reader(explorer).scan([watch(MINE)], None)
    assert [(deposit.asset, deposit.symbol, deposit.amount) for deposit in scan.deposits] == [(asset, symbol, 10**21)]


async def test_a_token_transfer_with_many_outputs_counts_the_wallets_gain() -> None:
    explorer = FakeSparkscan()
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


async def test_the_position_stays_below_a_pending_transaction() -> None:
    explorer = FakeSparkscan()
    settled = explorer.add(MINE, amountSats=1)
    explorer.add(MINE, amountSats=2, status="sent")
    newest = explorer.add(MINE, amountSats=3)
    spark_reader = reader(explorer)
    first = await spark_reader.scan([watch(MINE)], None)
    assert position(first) == settled
    explorer.listed[MINE][1]["status"] = "confirmed"
    second = await spark_reader.scan([watch(MINE)], first.cursor)
    assert (amounts(second), position(second)) == ([1, 2, 3], newest)
    assert {deposit.state for deposit in second.deposits} == {DepositState.FINAL}


async def test_a_pending_transaction_listed_late_moves_the_position_back() -> None:
    explorer = FakeSparkscan()
    late = explorer.add(MINE, amountSats=1, status="sent")
    hidden = explorer.listed[MINE].pop()
    explorer.add(MINE, amountSats=2)
    spark_reader = reader(explorer)
    first = await spark_reader.scan([watch(MINE)], None)
    explorer.listed[MINE].append(hidden)
    second = await spark_reader.scan([watch(MINE)], first.cursor)
    assert [deposit.state for deposit in second.deposits if deposit.tx_id == late] == [DepositState.SEEN]
    assert (position(first), position(second)) == (explorer.listed[MINE][0]["id"], None)


@pytest.mark.parametrize("page", [1, 2, 5, 24, 25, 100])
async def test_a_long_list_is_read_completely_and_oldest_first(page: int) -> None:
    explorer = FakeSparkscan()
    for amount in range(1, 25):
        explorer.add(MINE, amountSats=amount)
    scan = await reader(explorer, page=page).scan([watch(MINE)], None)
    assert amounts(scan) == list(range(1, 25))


async def test_one_page_after_the_position_is_read() -> None:
    explorer = FakeSparkscan()
    for amount in range(1, 25):
        explorer.add(MINE, amountSats=amount)
    spark_reader = reader(explorer, page=5)
    first = await spark_reader.scan([watch(MINE)], None)
    explorer.add(MINE, amountSats=99)
    late = explorer.listed[MINE].pop()
    explorer.listed[MINE].insert(7, late | {"createdAt": explorer.listed[MINE][7]["createdAt"]})
    explorer.requests.clear()
    second = await spark_reader.scan([watch(MINE)], first.cursor)
    assert {1, 99} <= set(amounts(second))
    assert len(explorer.requests) == 2


async def test_transfers_before_the_quote_are_neither_reported_nor_paged() -> None:
    explorer = FakeSparkscan()
    for _ in range(30):
        explorer.add(MINE, amountSats=1, createdAt=(SINCE - timedelta(days=1)).isoformat())
    explorer.add(MINE, amountSats=2, createdAt=None)
    explorer.add(MINE, amountSats=3)
    scan = await reader(explorer, page=10).scan([watch(MINE)], None)
    assert (amounts(scan), len(explorer.requests)) == ([2, 3], 1)


async def test_a_list_longer_than_the_page_limit_is_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("baton.chains.spark.listing.MAX_PAGES", 3)
    explorer = FakeSparkscan()
    for _ in range(9):
        explorer.add(MINE)
    scan = await reader(explorer, page=2).scan([watch(MINE)], None)
    assert (scan.deposits, scan.unread) == ([], {MINE})


async def test_spellings_of_one_wallet_are_read_once() -> None:
    explorer = FakeSparkscan()
    older = spark("sp", KEY)
    explorer.add(older, amountSats=5)
    scan = await reader(explorer).scan([watch(MINE, SINCE + timedelta(hours=1)), watch(older)], None)
    assert [(deposit.address, deposit.amount) for deposit in scan.deposits] == [(older, 5)]
    assert (len(explorer.requests), scan.unread) == (1, frozenset())


async def test_a_regtest_address_is_read_from_regtest() -> None:
    explorer = FakeSparkscan()
    explorer.add(spark("sparkrt"))
    scan = await reader(explorer).scan([watch(spark("sparkrt"))], None)
    assert len(scan.deposits) == 1
    assert explorer.requests[0].params["network"] == "REGTEST"


@pytest.mark.parametrize("amount", [None, 1.5, 1e3, "many", -4])
async def test_an_inexact_amount_leaves_the_address_unread(amount: object) -> None:
    explorer = FakeSparkscan()
    settled = explorer.add(MINE, amountSats=7)
    explorer.add(MINE, amountSats=amount)
    scan = await reader(explorer).scan([watch(MINE)], None)
    assert (amounts(scan), scan.unread, position(scan)) == ([7], {MINE}, settled)
    assert scan.stepped_over


@pytest.mark.parametrize("odd", [{"status": None}, {"tokenMetadata": 3}, {"multiIoDetails": []}, {"id": 7}])
async def test_a_transaction_that_cannot_be_read_hides_no_other(odd: dict[str, Any]) -> None:
    explorer = FakeSparkscan()
    settled = explorer.add(MINE, amountSats=7)
    explorer.add(MINE, amountSats=8, **odd)
    explorer.add(MINE, amountSats=9)
    explorer.add(OTHER, amountSats=3)
    spark_reader, watches = reader(explorer), [watch(MINE), watch(OTHER)]
    scan = await spark_reader.scan(watches, None)

    assert (sorted(amounts(scan)), scan.unread, position(scan)) == ([3, 7, 9], {MINE}, settled)
    [sentence] = scan.unreadable
    assert sentence.startswith("scan.example: transaction ")

    explorer.listed[MINE][1] |= {"id": "8", "status": "confirmed", "tokenMetadata": None, "multiIoDetails": None}
    again = await spark_reader.scan(watches, scan.cursor)
    assert (8 in amounts(again), again.unread, again.unreadable) == (True, frozenset(), ())


async def test_an_address_that_fails_keeps_its_position() -> None:
    explorer = FakeSparkscan()
    settled = explorer.add(MINE, amountSats=1)
    spark_reader = reader(explorer)
    first = await spark_reader.scan([watch(MINE)], None)
    explorer.add(MINE, amountSats=2)
    explorer.add(OTHER, amountSats=3)
    explorer.faults[MINE] = httpx.Response(200, content=b'{"meta": {"totalItems": 2}, "da')
    second = await spark_reader.scan([watch(MINE), watch(OTHER), watch("nonsense")], first.cursor)
    assert (amounts(second), second.unread, position(second)) == ([3], {MINE, "nonsense"}, settled)
    explorer.faults.clear()
    assert 2 in amounts(await spark_reader.scan([watch(MINE), watch(OTHER)], second.cursor))


async def test_a_rate_limit_ends_the_scan_and_is_an_error_before_any_read() -> None:
    explorer = FakeSparkscan()
    addresses = [spark(key=b"\x02" + bytes([number]) * 32) for number in range(1, 9)]
    for address in addresses:
        explorer.add(address)
    explorer.faults[addresses[3]] = httpx.Response(429, headers={"Retry-After": "9"})
    scan = await reader(explorer, concurrency=1).scan([watch(address) for address in addresses], None)
    assert (len(scan.deposits), scan.unread) == (3, set(addresses[3:]))
    with pytest.raises(Throttled) as caught:
        await reader(explorer).scan([watch(addresses[3])], None)
    assert caught.value.retry_after == 9


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (httpx.ConnectError("no"), NoProvider),
        (httpx.Response(422, json={"detail": []}), ProviderBroken),
        (httpx.Response(200, json={"data": [{"id": "secret"}]}), ProviderBroken),
    ],
)
async def test_a_scan_that_reads_nothing_is_an_error(fault: Any, error: type[Exception]) -> None:
    explorer = FakeSparkscan()
    explorer.faults[MINE] = fault
    with pytest.raises(error) as caught:
        await reader(explorer).scan([watch(MINE)], None)
    assert "secret" not in str(caught.value)


async def seen_deposit(explorer: FakeSparkscan, **fields: Any) -> Deposit:
    explorer.add(MINE, status="sent", **fields)
    return (await reader(explorer).scan([watch(MINE)], None)).deposits[0]


async def test_a_deposit_is_rechecked_by_its_id() -> None:
    explorer = FakeSparkscan()
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
    spark_reader = reader(explorer)
    assert await spark_reader.recheck(seen) == seen.model_copy(update={"state": DepositState.FINAL, "confirmations": 1})
    for change in ({"status": "expired"}, {"to": {"type": "spark", "identifier": OTHER}}):
        explorer.single[seen.tx_id] = single | change
        assert await spark_reader.recheck(seen) is None
    del explorer.single[seen.tx_id]
    assert await spark_reader.recheck(seen) is None


async def test_a_token_deposit_is_rechecked_as_the_same_token() -> None:
    explorer = FakeSparkscan()
    seen = await seen_deposit(explorer, amountSats=None, tokenAmount=5, tokenMetadata=token())
    single = {"id": seen.tx_id, "type": "token_transfer", "status": "confirmed", "amount": 5, "to": None}
    explorer.single[seen.tx_id] = single | {"tokenMetadata": token()}
    again = await reader(explorer).recheck(seen)
    assert again
    assert (again.asset, again.amount, again.state) == (USDB, 5, DepositState.FINAL)
    explorer.single[seen.tx_id] = single | {"tokenMetadata": token("ab" * 32, None)}
    assert await reader(explorer).recheck(seen) is None


async def test_a_recheck_without_a_usable_answer_is_an_error() -> None:
    explorer = FakeSparkscan()
    seen = await seen_deposit(explorer)
    for fault in (httpx.Response(500), httpx.Response(200, json={}), httpx.ReadTimeout("slow")):
        explorer.faults[seen.tx_id] = fault
        with pytest.raises((ProviderBroken, NoProvider)):
            await reader(explorer).recheck(seen)
