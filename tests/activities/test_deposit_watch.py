"""Watching a chain: the notices to orders, the saved deposits and cursor, and failures in between."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import ActivityEnvironment

from activities.support import heartbeats, open_chains
from activities.support.deposit_news import MAX_UNKNOWN_TOKENS
from activities.support.open_chains import HAND_OVER, HAND_OVERS, NOT_WATCHED
from baton.chains.deposits import Scan
from baton.chains.errors import NoProvider, Throttled
from baton.chains.spec import KnownToken
from baton.ledger.errors import LedgerUnavailable
from baton.ledger.ledger import Ledger
from baton.ledger.rows import DepositRow
from baton.orders.rules.deposits import apply_deposits
from baton.orders.rules.wait_plans import LATE_MONEY_WINDOW
from baton.orders.watch_messages import WatchChain
from tests.activities.chain_watch import ORDER, SPEC, UNKNOWN, ScriptedReader, WatchedChain
from tests.chains.deposits import CONFIRMED, FINAL, GONE, SEEN, in_block, scan
from tests.eventually import eventually
from tests.ledger.examples import order as order_row
from tests.orders.states import NOON, order, state

UNREACHABLE = NoProvider("no_answer", "node: cannot be reached")


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    async with await Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        yield opened


@pytest.fixture
async def chain(ledger: Ledger) -> WatchedChain:
    watched = WatchedChain(ledger)
    await watched.watch()
    await ledger.write_order(order_row(ORDER, revision=0), [])
    return watched


async def test_an_order_is_notified_and_its_deposit_saved_with_the_cursor(chain: WatchedChain) -> None:
    watched = await chain.play(scan(in_block(10), cursor="10"))

    assert [(owner, notice.deposit) for owner, notice in chain.orders.notices] == [(ORDER, in_block(10))]
    assert await chain.known() == [in_block(10)]
    assert await chain.cursor() == "10"
    assert (watched.addresses, watched.scans, watched.told, watched.head, watched.idle) == (1, 1, 1, 20, False)


async def test_each_scan_continues_where_the_last_one_ended(chain: WatchedChain) -> None:
    await chain.play(scan(cursor="10"), scan(cursor="11"))
    await chain.play(scan(cursor="12"))

    assert [cursor for _, cursor, _ in chain.reader.scans] == ["11"]
    assert await chain.cursor() == "12"


async def test_failing_providers_are_reported_in_the_heartbeats(
    chain: WatchedChain,
) -> None:
    watched = await chain.play(scan(cursor="10"), UNREACHABLE, UNREACHABLE, scan(in_block(10), cursor="11"))

    assert [cursor for _, cursor, _ in chain.reader.scans] == [None, "10", "10", "10"]
    assert "node: cannot be reached" in [beat.trouble for beat in chain.beats]
    assert watched.trouble is None
    assert chain.orders.states == [("0xdeposit", "seen")]


async def test_a_failed_catch_up_leaves_the_cursor_unchanged(chain: WatchedChain) -> None:
    await chain.play(scan(cursor="10"))
    await chain.play(scan(in_block(12), cursor="15", caught_up=False), UNREACHABLE)

    assert await chain.cursor() == "10"
    assert (chain.orders.notices, await chain.known()) == ([], [])


async def test_a_providers_retry_after_is_kept(chain: WatchedChain) -> None:
    await chain.play(Throttled("throttled", "node: too many calls", retry_after=0.4), scan())

    (_, _, first), (_, _, second) = chain.reader.scans
    assert second - first >= 0.4


async def test_a_new_stretch_keeps_the_retry_after_of_a_provider(chain: WatchedChain) -> None:
    throttled = Throttled("throttled", "node: too many calls", retry_after=0.5)
    chain.reader = ScriptedReader([throttled, scan(), scan()])
    await chain.run(ActivityEnvironment(), stretch=timedelta(seconds=0.1))
    assert len(chain.reader.scans) == 1

    await chain.run(chain.reader.environment)

    (_, _, first), (_, _, second), _ = chain.reader.scans
    assert second - first >= 0.5


async def test_a_catch_up_to_the_head_is_reported_as_one_scan(chain: WatchedChain) -> None:
    watched = await chain.play(
        scan(in_block(6), cursor="9", head=9, caught_up=False), scan(in_block(12, "0xother"), cursor="20")
    )

    assert [cursor for _, cursor, _ in chain.reader.scans] == [None, "9"]
    assert (watched.scans, watched.told, await chain.cursor()) == (1, 2, "20")


async def test_orders_are_notified_before_the_write_so_a_crash_repeats_it(
    chain: WatchedChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: Any) -> None:
        raise LedgerUnavailable("the ledger", "it went away")

    with monkeypatch.context() as patch:
        patch.setattr(chain.ledger.watching, "record", crash)
        with pytest.raises(LedgerUnavailable):
            await chain.play(scan(in_block(10, state=CONFIRMED)))
    assert (await chain.known(), await chain.cursor()) == ([], None)

    await chain.play(scan(in_block(10, state=CONFIRMED, confirmations=7)))
    assert chain.orders.states == [("0xdeposit", "confirmed")] * 2

    known = state()
    for _, notice in chain.orders.notices:
        apply_deposits(order(), known, [], [notice], NOON)
    assert [seen.verdict for seen in known.sightings] == ["exact"]
    assert known.attention is None


async def test_a_notice_that_temporal_does_not_accept_is_sent_again_later(chain: WatchedChain) -> None:
    chain.orders.failing[ORDER] = RPCStatusCode.UNAVAILABLE
    with pytest.raises(RPCError):
        await chain.play(scan(in_block(10)))
    assert (await chain.known(), await chain.cursor()) == ([], None)

    chain.orders.failing.clear()
    await chain.play(scan(in_block(10)))
    assert chain.orders.states == [("0xdeposit", "seen")]


@pytest.mark.parametrize("status", [RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.NOT_FOUND])
async def test_an_order_that_cannot_be_notified_blocks_no_other(chain: WatchedChain, status: RPCStatusCode) -> None:
    await chain.watch("order/default/other", "0xaddress2")
    chain.orders.failing[ORDER] = status

    await chain.play(scan(in_block(10), in_block(10, "0xother", address="0xaddress2")))

    assert chain.orders.states == [("0xother", "seen")]
    assert await chain.known() == [in_block(10)]


async def test_a_missing_deposit_is_gone_only_after_a_recheck(
    chain: WatchedChain,
) -> None:
    await chain.play(scan(in_block(10)), scan())

    assert chain.reader.rechecked == ["0xdeposit"]
    assert chain.orders.states == [("0xdeposit", "seen"), ("0xdeposit", "gone")]
    assert [deposit.state for deposit in await chain.known()] == [GONE]


async def test_a_deposit_missed_by_a_scan_is_no_news(chain: WatchedChain) -> None:
    await chain.play(scan(in_block(10)))
    written = await _rows(chain)
    await chain.play(scan(), scan(), **{"0xdeposit": in_block(10, confirmations=3)})

    assert chain.reader.rechecked == ["0xdeposit"] * 2
    assert chain.orders.states == [("0xdeposit", "seen")]
    assert await _rows(chain) == written


async def test_a_missing_deposit_with_a_new_state_is_reported_with_it(chain: WatchedChain) -> None:
    await chain.play(scan(in_block(10)), scan(), **{"0xdeposit": in_block(10, state=CONFIRMED)})

    assert chain.orders.states == [("0xdeposit", "seen"), ("0xdeposit", "confirmed")]


async def test_a_missing_deposit_without_an_answer_stays_unchanged(chain: WatchedChain) -> None:
    watched = await chain.play(scan(in_block(10), cursor="10"), scan(cursor="11"), **{"0xdeposit": UNKNOWN})

    assert chain.orders.states == [("0xdeposit", "seen")]
    assert await chain.known() == [in_block(10)]
    assert watched.trouble == UNKNOWN.message

    watched = await chain.play(scan(cursor="12"))
    assert chain.orders.states == [("0xdeposit", "seen"), ("0xdeposit", "gone")], "it is still looked up"
    assert watched.trouble is None


async def test_a_failed_look_up_does_not_stop_the_news_of_others(chain: WatchedChain) -> None:
    lost = in_block(11, "0xlost")
    await chain.play(scan(in_block(10), lost))
    await chain.play(scan(in_block(12, "0xnext"), cursor="12"), **{"0xdeposit": UNKNOWN})

    assert chain.orders.states[2:] == [("0xlost", "gone"), ("0xnext", "seen")]
    assert await chain.cursor() == "12"


async def test_a_rate_limit_at_a_look_up_is_kept(chain: WatchedChain) -> None:
    throttled = Throttled("throttled", "node: too many calls", retry_after=0.4)
    await chain.play(scan(in_block(10)))
    await chain.play(scan(), scan(), **{"0xdeposit": throttled})

    (_, _, first), (_, _, second) = chain.reader.scans
    assert second - first >= 0.4


async def test_what_cannot_be_read_is_shown_and_logged_once(
    chain: WatchedChain, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = [f"node: transaction {number} cannot be read" for number in range(7)]
    await chain.play(scan(unreadable=tuple(odd)), scan(unreadable=tuple(odd)), scan(in_block(10), unreadable=(odd[0],)))

    assert [beat.unreadable for beat in chain.beats if beat.scans == 2][-1] == odd[:5]
    assert chain.beats[-1].unreadable == odd[:1]
    assert chain.orders.states == [("0xdeposit", "seen")]
    assert capsys.readouterr().out.count("stepped over what cannot be read") == 7


async def test_a_deposit_whose_amount_grew_is_reported_again(chain: WatchedChain) -> None:
    part, whole = in_block(10, amount=60_000_000), in_block(10, amount=100_000_000, parts=("0", "4"))
    await chain.play(scan(part), scan(whole))

    assert [notice.deposit.amount for _, notice in chain.orders.notices] == [60_000_000, 100_000_000]


async def test_a_flood_of_unknown_tokens_is_bounded_and_hides_no_deposit(chain: WatchedChain) -> None:
    flood = [in_block(10, f"0x{number}", asset=f"0xfake{number}", symbol=None) for number in range(30)]
    elsewhere = in_block(10, "0xelsewhere", address="0xother", asset="0xfake", symbol=None)
    await chain.play(scan(*flood, elsewhere), scan(*flood, in_block(11)), scan(*flood, in_block(11)))

    assert [state for state, _ in chain.orders.states].count("0xdeposit") == 1
    assert len(chain.orders.states) == MAX_UNKNOWN_TOKENS + 1
    assert len(await chain.known()) == MAX_UNKNOWN_TOKENS + 1


async def test_a_gone_deposit_is_reported_before_its_successor(chain: WatchedChain) -> None:
    await chain.play(scan(in_block(10)), scan(in_block(11, "0xsuccessor")))

    assert chain.orders.states == [("0xdeposit", "seen"), ("0xdeposit", "gone"), ("0xsuccessor", "seen")]


EVERY_STEP = [
    scan(in_block(10)),
    scan(in_block(10, confirmations=2)),
    scan(in_block(11)),
    scan(in_block(11, state=CONFIRMED)),
    scan(in_block(11, state=FINAL)),
    scan(in_block(11, state=FINAL)),
]


async def test_an_order_is_notified_only_of_changes_it_acts_on(chain: WatchedChain) -> None:
    await chain.play(*EVERY_STEP)

    assert chain.orders.states == [("0xdeposit", "seen"), ("0xdeposit", "confirmed")]
    assert [deposit.state for deposit in await chain.known()] == [FINAL]


async def test_an_order_without_a_row_is_notified_of_every_state(ledger: Ledger) -> None:
    chain = WatchedChain(ledger)
    await chain.watch()

    await chain.play(*EVERY_STEP)

    assert [state for _, state in chain.orders.states] == ["seen", "confirmed", "final"]


@pytest.mark.parametrize(
    ("wanted", "states"), [(SEEN, ["seen"]), (CONFIRMED, ["seen", "confirmed"]), (FINAL, ["seen", "final"])]
)
@pytest.mark.parametrize("chain_name", ["base", "bitcoin"])
async def test_an_orders_own_policy_decides_its_notices(
    ledger: Ledger, chain_name: str, wanted: str, states: list[str]
) -> None:
    chain = WatchedChain(ledger, spec=SPEC.model_copy(update={"name": chain_name}))
    await chain.watch()
    await ledger.write_order(order_row(ORDER, snapshot={"policy": {"submit_at": wanted}}), [])

    await chain.play(*[_on(chain_name, step) for step in EVERY_STEP])

    assert [state for _, state in chain.orders.states] == states


def _on(chain_name: str, step: Scan) -> Scan:
    return step._replace(deposits=[deposit.model_copy(update={"chain": chain_name}) for deposit in step.deposits])


async def test_a_deposit_that_fell_back_below_confirmed_is_reported(chain: WatchedChain) -> None:
    await chain.play(scan(in_block(10, state=CONFIRMED)), scan(in_block(12)))

    assert chain.orders.states == [("0xdeposit", "confirmed"), ("0xdeposit", "seen")]


async def test_a_row_of_a_closed_order_keeps_no_news_from_its_workflow(chain: WatchedChain) -> None:
    await chain.play(scan(in_block(10)))
    await chain.ledger.write_order(order_row(ORDER, phase="closed", outcome="completed"), [])

    await chain.play(scan(in_block(10, state=CONFIRMED), in_block(12, "0xsecond")))

    assert chain.orders.states == [("0xdeposit", "seen"), ("0xdeposit", "confirmed"), ("0xsecond", "seen")]


async def test_orders_that_share_an_address_are_each_notified_once(chain: WatchedChain) -> None:
    await chain.watch("order/default/other")
    await chain.watch(ORDER, quote_id="q_again")

    await chain.play(scan(in_block(10)))

    assert sorted(owner for owner, _ in chain.orders.notices) == [ORDER, "order/default/other"]


async def test_without_addresses_no_provider_is_called_and_the_stretch_is_idle(ledger: Ledger) -> None:
    chain = WatchedChain(ledger)
    chain.reader = ScriptedReader([])

    watched = await chain.run(ActivityEnvironment(), stretch=timedelta(seconds=0.1))

    assert (watched.idle, watched.addresses, chain.reader.scans) == (True, 0, [])


async def test_a_stretch_with_something_to_watch_is_not_idle(chain: WatchedChain) -> None:
    chain.reader = ScriptedReader([scan()] * 1000)

    assert not (await chain.run(ActivityEnvironment(), stretch=timedelta(seconds=0.1))).idle


async def test_a_stretch_cut_short_by_the_workers_stop_is_not_idle(ledger: Ledger) -> None:
    environment, chain = ActivityEnvironment(), WatchedChain(ledger)
    running = asyncio.create_task(chain.run(environment))
    await eventually(lambda: any(beat.idle for beat in chain.beats))

    environment.worker_shutdown()

    assert not (await running).idle


async def test_a_stopping_worker_ends_the_pause_between_scans_at_once(ledger: Ledger) -> None:
    chain = WatchedChain(ledger, spec=SPEC.model_copy(update={"poll_seconds": 60}))
    await chain.watch()

    await chain.play(scan(cursor="10"), within=1.5)

    assert await chain.cursor() == "10"


async def test_a_stopped_worker_keeps_what_a_long_scan_has_read(
    chain: WatchedChain,
) -> None:
    await chain.play(scan(in_block(6), cursor="9", head=9, caught_up=False))

    assert chain.orders.states == [("0xdeposit", "seen")]
    assert await chain.cursor() == "9"


async def test_heartbeats_are_sent_while_a_provider_is_slow(
    chain: WatchedChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeats, "INTERVAL", 0.01)
    reader = ScriptedReader([scan()])
    environment = reader.environment
    beats = 0

    async def slow(watches: Any, cursor: str | None) -> Scan:
        nonlocal beats
        before = len(chain.beats)
        beats = await eventually(lambda: len(chain.beats) - before, lambda count: count >= 3)
        environment.worker_shutdown()
        return scan()

    monkeypatch.setattr(reader, "scan", slow)
    chain.reader = reader
    await chain.run(environment)

    assert beats >= 3


@pytest.mark.parametrize(("closed_ago", "watched"), [(timedelta(0), 1), (LATE_MONEY_WINDOW, 0)])
async def test_a_closed_orders_address_is_watched_while_money_may_come(
    chain: WatchedChain, closed_ago: timedelta, watched: int
) -> None:
    closed_at = datetime.now(UTC) - closed_ago - timedelta(minutes=1)
    row = order_row(ORDER, phase="closed", outcome="expired", created_at=closed_at, closed_at=closed_at)
    await chain.ledger.write_order(row, [])

    await chain.play(scan())

    assert len(await chain.ledger.watching.watches("base")) == watched


async def test_an_address_is_not_watched_for_ever(ledger: Ledger) -> None:
    chain = WatchedChain(ledger, since=datetime.now(UTC) - timedelta(days=32))
    await chain.watch()

    await chain.play(scan())

    assert await ledger.watching.watches("base") == []


async def test_a_chain_that_this_worker_does_not_watch_is_named_in_the_error(chain: WatchedChain) -> None:
    with pytest.raises(ApplicationError, match="BATON_WATCH") as refused:
        await ActivityEnvironment().run(chain.activities.watch_chain, WatchChain(chain="ethereum"))

    assert (refused.value.type, refused.value.non_retryable) == (NOT_WATCHED, False)


@pytest.mark.parametrize(("attempt", "delay"), [(1, HAND_OVER), (HAND_OVERS, HAND_OVER), (HAND_OVERS + 1, None)])
async def test_a_chain_of_another_worker_is_handed_over_at_once_but_not_for_ever(
    chain: WatchedChain, attempt: int, delay: timedelta | None
) -> None:
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, attempt=attempt)
    with pytest.raises(ApplicationError) as refused:
        await environment.run(chain.activities.watch_chain, WatchChain(chain="ethereum"))
    assert refused.value.next_retry_delay == delay


async def test_a_deposit_keeps_the_time_when_it_was_first_seen(chain: WatchedChain) -> None:
    await chain.play(scan(in_block(10)))
    (first,) = await _rows(chain)
    await chain.play(scan(in_block(10, state=CONFIRMED)))
    (then,) = await _rows(chain)

    assert (then.state, then.first_seen_at) == ("confirmed", first.first_seen_at)
    assert then.updated_at > first.updated_at


async def _rows(chain: WatchedChain) -> list[DepositRow]:
    return await chain.ledger.watching.known("base", [], [])


CBBTC = "0xcbB7C0000aB88B473b1f5aFd9ef808440eed33Bf"


async def test_a_deposit_gets_its_name_once_the_routes_are_known(
    chain: WatchedChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_chains, "TOKENS_INTERVAL", 0)
    unnamed = [
        in_block(10, f"0x{n}", asset=CBBTC, symbol=None, decimals=None, state=state)
        for n, state in enumerate((SEEN, FINAL, SEEN))
    ]
    await chain.play(scan(*unnamed), scan(unnamed[0]))
    assert [notice.deposit.symbol for _, notice in chain.orders.notices] == [None] * 4

    chain.tokens = [KnownToken("cbBTC", CBBTC.lower(), 8), KnownToken("ETH", CBBTC[:-1] + "e", 18)]
    seen = unnamed[0].model_copy(update={"symbol": "cbBTC", "decimals": 8})
    await chain.play(scan(seen))

    assert [
        (notice.deposit.tx_id, notice.deposit.symbol, notice.deposit.decimals, notice.deposit.state)
        for _, notice in chain.orders.notices[4:]
    ] == [("0x1", "cbBTC", 8, FINAL), ("0x0", "cbBTC", 8, SEEN)]
    assert [spec.route_tokens for spec in chain.opened] == [(), (KnownToken("cbBTC", CBBTC, 8),)]

    chain.tokens = []
    await chain.play(scan(seen), scan(unnamed[0]))
    assert (len(chain.orders.notices), len(chain.opened)) == (6, 2), "no name is forgotten"


async def test_a_watch_is_read_with_what_its_order_is_paid_in(chain: WatchedChain) -> None:
    await chain.ledger.write_order(order_row(ORDER, revision=1, source_asset="cbBTC"), [])
    await chain.play(scan())

    assert chain.reader.assets == ["cbBTC"]
