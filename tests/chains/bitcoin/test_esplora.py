"""Deposits over Esplora: paging, the cursor, and the provider's faults."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from baton.chains.bitcoin.cursor import read_cursor
from baton.chains.bitcoin.depth import floor_at
from baton.chains.deposits import DepositState, Watch
from baton.chains.errors import ChainError, NoProvider, ProviderBroken, Throttled
from tests.chains.bitcoin.esplora_server import ADDRESS, HEAD, NOW, OTHER, PAYER, SPEC, FakeEsplora, transaction, tx_id

WATCH = Watch(address=ADDRESS, since=NOW)


def _many(count: int, *, newest: int = HEAD, first: int = 1) -> list[object]:
    """Return that many deposits, one in each block, newest first."""
    return [transaction(first + each, (ADDRESS, 1000 + each), height=newest - each) for each in range(count)]


async def test_a_deposit_has_its_block_sender_and_amount() -> None:
    reader = FakeEsplora(transaction(1, (OTHER, 5), (ADDRESS, 294), height=HEAD - 1)).reader()
    scan = await reader.scan([WATCH], None)
    (deposit,) = scan.deposits
    assert (deposit.tx_id, deposit.index, deposit.amount, deposit.sender) == (tx_id(1), "1", 294, PAYER)
    assert (deposit.asset, deposit.confirmations, deposit.state) == ("native", 2, DepositState.CONFIRMED)
    assert (scan.head, scan.unread, scan.caught_up) == (HEAD, frozenset(), True)


@pytest.mark.parametrize(
    ("depth", "state"),
    [(1, DepositState.SEEN), (2, DepositState.CONFIRMED), (5, DepositState.CONFIRMED), (6, DepositState.FINAL)],
)
async def test_the_state_follows_the_confirmations(depth: int, state: DepositState) -> None:
    reader = FakeEsplora(transaction(1, (ADDRESS, 1), height=HEAD - depth + 1)).reader()
    (deposit,) = (await reader.scan([WATCH], None)).deposits
    assert (deposit.confirmations, deposit.state) == (depth, state)


async def test_a_block_newer_than_the_head_gives_one_confirmation() -> None:
    reader = FakeEsplora(transaction(1, (ADDRESS, 1), height=HEAD + 2)).reader()
    (deposit,) = (await reader.scan([WATCH], None)).deposits
    assert deposit.confirmations == 1


async def test_a_transaction_in_both_lists_is_one_deposit_in_its_block() -> None:
    esplora = FakeEsplora(transaction(1, (ADDRESS, 1), height=HEAD))
    pool = httpx.Response(200, json=[transaction(1, (ADDRESS, 1))])
    esplora.fault = lambda request: pool if request.url.path.endswith("mempool") else None
    (deposit,) = (await esplora.reader().scan([WATCH], None)).deposits
    assert deposit.block_height == HEAD


@pytest.mark.parametrize("page", [10, 25])
@pytest.mark.parametrize("count", [9, 10, 25, 26, 50, 60])
async def test_every_page_is_read_for_any_page_size(count: int, page: int) -> None:
    esplora = FakeEsplora(*_many(count))
    esplora.page = page
    scan = await esplora.reader().scan([WATCH], None)
    assert len({deposit.key for deposit in scan.deposits}) == len(scan.deposits) == count


async def test_pages_below_the_floor_are_read_once() -> None:
    esplora = FakeEsplora(*_many(80, newest=HEAD - 100))
    reader = esplora.reader()
    cursor = (await reader.scan([WATCH], None)).cursor
    for number in (900, 901, 902):
        esplora.requests.clear()
        esplora.history.insert(0, transaction(number, (ADDRESS, 7), height=HEAD))
        scan = await reader.scan([WATCH], cursor)
        assert tx_id(number) in {deposit.tx_id for deposit in scan.deposits}
        assert sum(count for path, count in esplora.requests.items() if "chain" in path) == 1
        cursor = scan.cursor


async def test_an_unread_busy_address_is_read_from_its_old_floor() -> None:
    esplora = FakeEsplora(*_many(40, newest=HEAD - 100))
    reader = esplora.reader()
    others = [WATCH, Watch(address=OTHER, since=NOW)]
    cursor = (await reader.scan(others, None)).cursor
    esplora.history = _many(40, newest=HEAD + 60, first=500) + esplora.history
    esplora.head = HEAD + 100
    esplora.fault = lambda request: httpx.Response(502) if ADDRESS in request.url.path else None
    missed = await reader.scan(others, cursor)
    assert missed.unread == {ADDRESS}
    esplora.fault = lambda request: None
    esplora.requests.clear()
    found = await reader.scan(others, missed.cursor)
    assert sum(count for path, count in esplora.requests.items() if f"{ADDRESS}/txs/chain" in path) == 2
    assert {tx_id(number) for number in range(500, 540)} <= {deposit.tx_id for deposit in found.deposits}


async def test_a_busy_address_with_an_earlier_start_is_read_again() -> None:
    esplora = FakeEsplora(*_many(80, newest=HEAD - 100))
    reader = esplora.reader()
    cursor = (await reader.scan([WATCH], None)).cursor
    earlier = WATCH.model_copy(update={"since": NOW - timedelta(days=1)})
    assert len((await reader.scan([WATCH, earlier], cursor)).deposits) == 80


async def test_the_cursor_never_passes_a_block_that_is_not_final() -> None:
    esplora = FakeEsplora()
    scan = await esplora.reader().scan([WATCH], None)
    cursor = read_cursor(scan.cursor)
    assert cursor
    assert cursor.floor == floor_at(HEAD, SPEC) == HEAD - 4
    assert "busy" not in json.loads(scan.cursor)


async def test_a_lagging_provider_reports_nothing_and_keeps_the_cursor() -> None:
    esplora = FakeEsplora(transaction(1, (ADDRESS, 1), height=HEAD))
    reader = esplora.reader()
    before = await reader.scan([WATCH], None)
    esplora.head, esplora.history = HEAD - 1, []
    lagging = await reader.scan([WATCH], before.cursor)
    assert (lagging.deposits, lagging.cursor, lagging.unread) == ([], before.cursor, {ADDRESS})


@pytest.mark.parametrize("cursor", ["", "nonsense", "[]", '{"floor": -1}', '{"floor": "7"}', '{"floor": 1, "busy": 3}'])
async def test_an_unreadable_cursor_counts_as_none(cursor: str) -> None:
    reader = FakeEsplora(*_many(30, newest=HEAD - 50)).reader()
    assert len((await reader.scan([WATCH], cursor)).deposits) == 30


async def test_transactions_before_the_watch_are_neither_reported_nor_paged() -> None:
    old = [transaction(each, (ADDRESS, 5), height=HEAD - each, at=NOW - timedelta(days=1)) for each in range(1, 100)]
    esplora = FakeEsplora(transaction(500, (ADDRESS, 7), height=HEAD), *old)
    scan = await esplora.reader().scan([WATCH], None)
    assert [deposit.tx_id for deposit in scan.deposits] == [tx_id(500)]
    assert sum(count for path, count in esplora.requests.items() if "chain" in path) == 1


async def test_a_full_mempool_answer_leaves_the_address_unread() -> None:
    reader = FakeEsplora(*(transaction(each, (ADDRESS, each)) for each in range(1, 61))).reader()
    scan = await reader.scan([WATCH], None)
    assert (len(scan.deposits), scan.unread) == (50, {ADDRESS})


async def test_a_history_that_changes_between_two_pages_is_an_error() -> None:
    esplora = FakeEsplora(*_many(30))
    gone = tx_id(25)

    def reorganise(request: httpx.Request) -> httpx.Response | None:
        if request.url.path.endswith(gone):
            esplora.history = [known for known in esplora.history if known["txid"] != gone]
        return None

    esplora.fault = reorganise
    with pytest.raises(ProviderBroken):
        await esplora.reader().scan([WATCH], None)


async def test_a_server_that_repeats_a_page_is_not_followed_for_ever() -> None:
    esplora = FakeEsplora()
    page = httpx.Response(200, json=_many(25))
    esplora.fault = lambda request: page if "/chain" in request.url.path else None
    with pytest.raises(ProviderBroken, match="changed while it was read"):
        await esplora.reader().scan([WATCH], None)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text='[{"txid": "00'),
        httpx.Response(200, json={"error": "busy"}),
        httpx.Response(404, text="no such address"),
        httpx.Response(502, text="Bad Gateway"),
    ],
)
async def test_an_unusable_answer_leaves_only_its_address_unread(answer: httpx.Response) -> None:
    esplora = FakeEsplora(transaction(1, (OTHER, 9), height=HEAD))
    esplora.fault = lambda request: answer if ADDRESS in request.url.path else None
    scan = await esplora.reader().scan([WATCH, Watch(address=OTHER, since=NOW)], None)
    assert ([deposit.amount for deposit in scan.deposits], scan.unread) == ([9], {ADDRESS})


async def test_an_error_when_nothing_could_be_read_contains_no_key() -> None:
    esplora = FakeEsplora()
    esplora.fault = lambda request: httpx.Response(502) if "address" in request.url.path else None
    with pytest.raises(ChainError) as caught:
        await esplora.reader().scan([WATCH], None)
    assert "secret-key" not in f"{caught.value!r} {caught.value.__cause__!r}"


@pytest.mark.parametrize("text", ["-1", "true", '"900000"', "null", "{}", "1.5"])
async def test_an_invalid_height_is_an_error(text: str) -> None:
    esplora = FakeEsplora()
    esplora.fault = lambda request: httpx.Response(200, text=text)
    with pytest.raises(ProviderBroken, match="another shape"):
        await esplora.reader().scan([WATCH], None)


async def test_a_rate_limit_before_any_read_is_raised() -> None:
    esplora = FakeEsplora()
    slow_down = httpx.Response(429, headers={"Retry-After": "17"})
    esplora.fault = lambda request: slow_down if "address" in request.url.path else None
    with pytest.raises(Throttled) as caught:
        await esplora.reader().scan([WATCH], None)
    assert caught.value.retry_after == 17


async def test_under_a_rate_limit_every_address_has_its_turn() -> None:
    addresses = [f"bc1qaddress{each}" for each in range(100)]
    esplora = FakeEsplora(*(transaction(each + 1, (address, 1), height=HEAD) for each, address in enumerate(addresses)))
    reader, cursor, reported = esplora.reader(), None, set[str]()
    for _ in range(8):
        left = 40

        def limit(request: httpx.Request) -> httpx.Response | None:
            nonlocal left
            left -= 1
            return None if left >= 0 else httpx.Response(429)

        esplora.fault = limit
        scan = await reader.scan([Watch(address=address, since=NOW) for address in addresses], cursor)
        assert {deposit.address for deposit in scan.deposits} == set(addresses) - scan.unread != set()
        reported |= {deposit.address for deposit in scan.deposits}
        cursor = scan.cursor
    assert reported == set(addresses)


async def test_timeouts_stop_the_scan_instead_of_one_for_each_address() -> None:
    esplora = FakeEsplora()

    def silent(request: httpx.Request) -> httpx.Response | None:
        if "address" in request.url.path:
            raise httpx.ReadTimeout("silent", request=request)
        return None

    esplora.fault = silent
    with pytest.raises(NoProvider):
        await esplora.reader().scan([Watch(address=f"bc1q{each}", since=NOW) for each in range(500)], None)
    assert esplora.requests.total() < 20


async def test_an_address_cannot_escape_its_url_path() -> None:
    esplora = FakeEsplora()
    with pytest.raises(ProviderBroken):
        await esplora.reader().scan([Watch(address="../tx/00?x=#", since=NOW)], None)
    assert not [path for path in esplora.requests if path.startswith("/tx")]


async def test_a_recheck_returns_the_present_block() -> None:
    esplora = FakeEsplora(transaction(1, (ADDRESS, 5)))
    reader = esplora.reader()
    (deposit,) = (await reader.scan([WATCH], None)).deposits
    esplora.history = [transaction(1, (ADDRESS, 5), height=HEAD - 10)]
    again = await reader.recheck(deposit)
    assert again
    assert (again.state, again.confirmations, again.block_height) == (DepositState.FINAL, 11, HEAD - 10)


@pytest.mark.parametrize("now", [[], [transaction(1, (OTHER, 5))], [transaction(1, (ADDRESS, 4))]])
async def test_a_recheck_is_none_if_the_deposit_is_not_on_the_chain(now: list[object]) -> None:
    esplora = FakeEsplora(transaction(1, (ADDRESS, 5)))
    reader = esplora.reader()
    (deposit,) = (await reader.scan([WATCH], None)).deposits
    esplora.history = list(now)
    assert await reader.recheck(deposit) is None


async def test_a_recheck_by_a_provider_behind_the_block_is_an_error() -> None:
    esplora = FakeEsplora(transaction(1, (ADDRESS, 5), height=HEAD))
    reader = esplora.reader()
    (deposit,) = (await reader.scan([WATCH], None)).deposits
    esplora.history, esplora.head = [], HEAD - 1
    with pytest.raises(ProviderBroken, match=f"lags behind block {HEAD}"):
        await reader.recheck(deposit)


@pytest.mark.parametrize(
    "odd",
    [
        {"txid": "../../x", "vin": [], "vout": [], "status": {"confirmed": False}},
        transaction(1, (ADDRESS, -5)),
        transaction(1, (ADDRESS, 0)) | {"status": {"confirmed": True}},
        transaction(1) | {"vout": [{"scriptpubkey_address": ADDRESS, "value": 1.5}]},
        transaction(1) | {"vout": [{"scriptpubkey_address": ADDRESS, "value": 22 * 10**14}]},
        "odd",
    ],
    ids=["no id", "below zero", "no height", "half a satoshi", "too much", "text"],
)
async def test_a_transaction_that_cannot_be_read_hides_no_other(odd: Any) -> None:
    esplora = FakeEsplora(transaction(1, (OTHER, 9), height=HEAD))
    listed = [odd, transaction(2, (ADDRESS, 7), height=HEAD)]
    esplora.fault = lambda request: httpx.Response(200, json=listed) if ADDRESS in request.url.path else None
    reader, watches = esplora.reader(), [WATCH, Watch(address=OTHER, since=NOW)]
    scan = await reader.scan(watches, None)

    assert (sorted(deposit.amount for deposit in scan.deposits), scan.unread) == ([7, 9], frozenset())
    assert {sentence.split(" in /")[0] for sentence in scan.unreadable} == {
        f"esplora.test: transaction {odd['txid'] if isinstance(odd, dict) and len(odd['txid']) == 64 else '?'}"
    }
    listed[0] = transaction(1, (ADDRESS, 5), height=HEAD)
    again = await reader.scan(watches, scan.cursor)
    assert (sorted(deposit.amount for deposit in again.deposits), again.unreadable) == ([5, 7, 9], ())


async def test_pages_with_an_unreadable_transaction_are_read_to_their_end() -> None:
    history = [transaction(number, (ADDRESS, number), height=HEAD - number) for number in range(1, 61)]
    esplora = FakeEsplora(*history)
    history[24]["vout"], history[30]["vout"] = (
        [{"scriptpubkey_address": ADDRESS, "value": -1}],
        [{"scriptpubkey_address": ADDRESS, "value": "x"}],
    )
    reader = esplora.reader()
    scan = await reader.scan([WATCH], None)
    assert sorted(deposit.amount for deposit in scan.deposits) == [n for n in range(1, 61) if n not in (25, 31)]
    esplora.history[24:31:6] = [transaction(n, (ADDRESS, n), height=HEAD - n) for n in (25, 31)]
    again = await reader.scan([WATCH], scan.cursor)
    assert {25, 31} <= {deposit.amount for deposit in again.deposits}
