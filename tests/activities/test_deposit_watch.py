"""Watching a chain: what orders are told, what is remembered, and what happens when something in between fails."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import ActivityEnvironment

from activities.deposit_watch import NOT_WATCHED
from activities.support import heartbeats
from baton.chains.deposits import Scan
from baton.chains.errors import NoProvider, Throttled
from baton.ledger.errors import LedgerUnavailable
from baton.ledger.ledger import Ledger
from baton.ledger.rows import DepositRow
from baton.orders.rules.deposits import apply_notices
from baton.orders.rules.wait_plans import LATE_MONEY_WINDOW
from baton.orders.watch_messages import WatchChain
from tests.activities.chain_watch import ORDER, SPEC, UNKNOWN, ChainWatching, ScriptedReader
from tests.chains.deposits import CONFIRMED, FINAL, GONE, SEEN, deposit, in_block, scan
from tests.eventually import eventually
from tests.ledger.examples import order as order_row
from tests.orders.states import NOON, order, state

NOWHERE = NoProvider("no_answer", "node: cannot be reached")


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    async with await Ledger.open(f"sqlite:///{tmp_path / 'ledger.db'}") as opened:
        yield opened


@pytest.fixture
async def watching(ledger: Ledger) -> ChainWatching:
    made = ChainWatching(ledger)
    await made.watch()
    await ledger.write_order(order_row(ORDER, revision=0), [])
    return made


async def test_an_order_is_notified_and_its_deposit_saved_with_the_cursor(watching: ChainWatching) -> None:
    watched = await watching.look(scan(in_block(10), cursor="10"))

    assert [(owner, notice.deposit) for owner, notice in watching.orders.told] == [(ORDER, in_block(10))]
    assert await watching.known() == [in_block(10)]
    assert await watching.cursor() == "10"
    assert (watched.addresses, watched.scans, watched.told, watched.head, watched.idle) == (1, 1, 1, 20, False)


async def test_each_scan_continues_where_the_last_one_ended(watching: ChainWatching) -> None:
    await watching.look(scan(cursor="10"), scan(cursor="11"))
    await watching.look(scan(cursor="12"))

    assert [cursor for _, cursor, _ in watching.reader.asked] == ["11"]
    assert await watching.cursor() == "12"


async def test_failing_providers_are_reported_in_the_heartbeats(
    watching: ChainWatching,
) -> None:
    watched = await watching.look(scan(cursor="10"), NOWHERE, NOWHERE, scan(in_block(10), cursor="11"))

    assert [cursor for _, cursor, _ in watching.reader.asked] == [None, "10", "10", "10"]
    assert "node: cannot be reached" in [beat.trouble for beat in watching.beats]
    assert watched.trouble is None
    assert watching.orders.states == [("0xdeposit", "seen")]


async def test_a_failed_catch_up_leaves_the_cursor_unchanged(watching: ChainWatching) -> None:
    await watching.look(scan(cursor="10"))
    await watching.look(scan(in_block(12), cursor="15", caught_up=False), NOWHERE)

    assert await watching.cursor() == "10"
    assert (watching.orders.told, await watching.known()) == ([], [])


async def test_a_providers_retry_after_is_kept(watching: ChainWatching) -> None:
    await watching.look(Throttled("throttled", "node: too many calls", retry_after=0.4), scan())

    (_, _, first), (_, _, second) = watching.reader.asked
    assert second - first >= 0.4


async def test_a_new_stretch_keeps_the_retry_after_of_a_provider(watching: ChainWatching) -> None:
    throttled = Throttled("throttled", "node: too many calls", retry_after=0.5)
    watching.reader = ScriptedReader([throttled, scan(), scan()])
    await watching.run(ActivityEnvironment(), stretch=timedelta(seconds=0.1))
    assert len(watching.reader.asked) == 1

    await watching.run(watching.reader.environment)

    (_, _, first), (_, _, second), _ = watching.reader.asked
    assert second - first >= 0.5


async def test_a_catch_up_to_the_head_is_reported_as_one_scan(watching: ChainWatching) -> None:
    watched = await watching.look(
        scan(in_block(6), cursor="9", head=9, caught_up=False), scan(in_block(12, "0xother"), cursor="20")
    )

    assert [cursor for _, cursor, _ in watching.reader.asked] == [None, "9"]
    assert (watched.scans, watched.told, await watching.cursor()) == (1, 2, "20")


async def test_orders_are_notified_before_the_write_so_a_crash_repeats_it(
    watching: ChainWatching, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(*_: Any) -> None:
        raise LedgerUnavailable("the ledger", "it went away")

    with monkeypatch.context() as crashing:
        crashing.setattr(watching.ledger.watching, "record", crash)
        with pytest.raises(LedgerUnavailable):
            await watching.look(scan(in_block(10, state=CONFIRMED)))
    assert (await watching.known(), await watching.cursor()) == ([], None)

    await watching.look(scan(in_block(10, state=CONFIRMED, confirmations=7)))
    assert watching.orders.states == [("0xdeposit", "confirmed")] * 2

    held = state()
    for _, notice in watching.orders.told:
        apply_notices(order(), held, [notice], NOON)
    assert [seen.verdict for seen in held.sightings] == ["exact"]
    assert held.attention is None


async def test_a_notice_that_temporal_does_not_accept_is_sent_again_later(watching: ChainWatching) -> None:
    watching.orders.failing[ORDER] = RPCStatusCode.UNAVAILABLE
    with pytest.raises(RPCError):
        await watching.look(scan(in_block(10)))
    assert (await watching.known(), await watching.cursor()) == ([], None)

    watching.orders.failing.clear()
    await watching.look(scan(in_block(10)))
    assert watching.orders.states == [("0xdeposit", "seen")]


@pytest.mark.parametrize("status", [RPCStatusCode.INVALID_ARGUMENT, RPCStatusCode.NOT_FOUND])
async def test_an_order_that_cannot_be_notified_blocks_no_other(watching: ChainWatching, status: RPCStatusCode) -> None:
    await watching.watch("order/default/other", "0xaddress2")
    watching.orders.failing[ORDER] = status

    await watching.look(scan(in_block(10), in_block(10, "0xother", address="0xaddress2")))

    assert watching.orders.states == [("0xother", "seen")]
    assert await watching.known() == [in_block(10)]


async def test_a_missing_deposit_is_gone_only_after_a_recheck(
    watching: ChainWatching,
) -> None:
    await watching.look(scan(in_block(10)), scan())

    assert watching.reader.rechecked == ["0xdeposit"]
    assert watching.orders.states == [("0xdeposit", "seen"), ("0xdeposit", "gone")]
    assert [deposit.state for deposit in await watching.known()] == [GONE]


async def test_a_deposit_missed_by_a_scan_is_no_news(watching: ChainWatching) -> None:
    await watching.look(scan(in_block(10)))
    written = await _rows(watching)
    await watching.look(scan(), scan(), **{"0xdeposit": in_block(10, confirmations=3)})

    assert watching.reader.rechecked == ["0xdeposit"] * 2
    assert watching.orders.states == [("0xdeposit", "seen")]
    assert await _rows(watching) == written


async def test_a_missing_deposit_with_a_new_state_is_reported_with_it(watching: ChainWatching) -> None:
    await watching.look(scan(in_block(10)), scan(), **{"0xdeposit": in_block(10, state=CONFIRMED)})

    assert watching.orders.states == [("0xdeposit", "seen"), ("0xdeposit", "confirmed")]


async def test_a_missing_deposit_without_an_answer_stays_unchanged(watching: ChainWatching) -> None:
    watched = await watching.look(scan(in_block(10), cursor="10"), scan(cursor="11"), **{"0xdeposit": UNKNOWN})

    assert watching.orders.states == [("0xdeposit", "seen")]
    assert (await watching.cursor(), await watching.known()) == ("10", [in_block(10)])
    assert watched.trouble == UNKNOWN.message


async def test_a_gone_deposit_is_reported_before_its_successor(watching: ChainWatching) -> None:
    await watching.look(scan(in_block(10)), scan(in_block(11, "0xsuccessor")))

    assert watching.orders.states == [("0xdeposit", "seen"), ("0xdeposit", "gone"), ("0xsuccessor", "seen")]


EVERY_STEP = [
    scan(in_block(10)),
    scan(in_block(10, confirmations=2)),
    scan(in_block(11)),
    scan(in_block(11, state=CONFIRMED)),
    scan(in_block(11, state=FINAL)),
    scan(in_block(11, state=FINAL)),
]


async def test_an_order_is_notified_only_of_changes_it_acts_on(watching: ChainWatching) -> None:
    await watching.look(*EVERY_STEP)

    assert watching.orders.states == [("0xdeposit", "seen"), ("0xdeposit", "confirmed")]
    assert [deposit.state for deposit in await watching.known()] == [FINAL]


async def test_an_order_without_a_row_is_notified_of_every_state(ledger: Ledger) -> None:
    watching = ChainWatching(ledger)
    await watching.watch()

    await watching.look(*EVERY_STEP)

    assert [state for _, state in watching.orders.states] == ["seen", "confirmed", "final"]


@pytest.mark.parametrize(
    ("wanted", "states"), [(SEEN, ["seen"]), (CONFIRMED, ["seen", "confirmed"]), (FINAL, ["seen", "final"])]
)
@pytest.mark.parametrize("chain", ["base", "bitcoin"])
async def test_an_orders_own_policy_decides_its_notices(
    ledger: Ledger, chain: str, wanted: str, states: list[str]
) -> None:
    watching = ChainWatching(ledger, spec=SPEC.model_copy(update={"name": chain}))
    await watching.watch()
    await ledger.write_order(order_row(ORDER, snapshot={"policy": {"submit_at": wanted}}), [])

    await watching.look(*[_on(chain, step) for step in EVERY_STEP])

    assert [state for _, state in watching.orders.states] == states


def _on(chain: str, told: Scan) -> Scan:
    return told._replace(deposits=[deposit.model_copy(update={"chain": chain}) for deposit in told.deposits])


async def test_a_deposit_that_fell_back_below_confirmed_is_reported(watching: ChainWatching) -> None:
    await watching.look(scan(in_block(10, state=CONFIRMED)), scan(in_block(12)))

    assert watching.orders.states == [("0xdeposit", "confirmed"), ("0xdeposit", "seen")]


async def test_a_closed_order_is_notified_of_new_deposits_only(
    watching: ChainWatching,
) -> None:
    await watching.look(scan(in_block(10)))
    await watching.ledger.write_order(order_row(ORDER, phase="closed", outcome="completed"), [])

    await watching.look(scan(in_block(10, state=CONFIRMED), in_block(12, "0xsecond")))

    assert watching.orders.states == [("0xdeposit", "seen"), ("0xsecond", "seen")]


async def test_orders_that_share_an_address_are_each_notified_once(watching: ChainWatching) -> None:
    await watching.watch("order/default/other")
    await watching.watch(ORDER, quote_id="q_again")

    await watching.look(scan(in_block(10)))

    assert sorted(owner for owner, _ in watching.orders.told) == [ORDER, "order/default/other"]


async def test_without_addresses_no_provider_is_called_and_the_stretch_is_idle(ledger: Ledger) -> None:
    watching = ChainWatching(ledger)
    watching.reader = ScriptedReader([])

    watched = await watching.run(ActivityEnvironment(), stretch=timedelta(seconds=0.1))

    assert (watched.idle, watched.addresses, watching.reader.asked) == (True, 0, [])


async def test_a_stretch_with_something_to_watch_is_not_idle(watching: ChainWatching) -> None:
    watching.reader = ScriptedReader([scan()] * 1000)

    assert not (await watching.run(ActivityEnvironment(), stretch=timedelta(seconds=0.1))).idle


async def test_a_stretch_cut_short_by_the_workers_stop_is_not_idle(ledger: Ledger) -> None:
    environment, watching = ActivityEnvironment(), ChainWatching(ledger)
    running = asyncio.create_task(watching.run(environment))
    await eventually(lambda: any(beat.idle for beat in watching.beats))

    environment.worker_shutdown()

    assert not (await running).idle


async def test_a_stopping_worker_ends_the_pause_between_scans_at_once(ledger: Ledger) -> None:
    watching = ChainWatching(ledger, spec=SPEC.model_copy(update={"poll_seconds": 60}))
    await watching.watch()

    await watching.look(scan(cursor="10"), within=1.5)

    assert await watching.cursor() == "10"


async def test_a_stopped_worker_keeps_what_a_long_scan_has_read(
    watching: ChainWatching,
) -> None:
    await watching.look(scan(in_block(6), cursor="9", head=9, caught_up=False))

    assert watching.orders.states == [("0xdeposit", "seen")]
    assert await watching.cursor() == "9"


async def test_heartbeats_are_sent_while_a_provider_is_slow(
    watching: ChainWatching, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeats, "INTERVAL", 0.01)
    reader = ScriptedReader([scan()])
    environment = reader.environment
    told = 0

    async def slow(watches: Any, cursor: str | None) -> Scan:
        nonlocal told
        before = len(watching.beats)
        told = await eventually(lambda: len(watching.beats) - before, lambda beats: beats >= 3)
        environment.worker_shutdown()
        return scan()

    monkeypatch.setattr(reader, "scan", slow)
    watching.reader = reader
    await watching.run(environment)

    assert told >= 3


@pytest.mark.parametrize(("closed_ago", "watched"), [(timedelta(0), 1), (LATE_MONEY_WINDOW, 0)])
async def test_a_closed_orders_address_is_watched_while_money_may_come(
    watching: ChainWatching, closed_ago: timedelta, watched: int
) -> None:
    closed_at = datetime.now(UTC) - closed_ago - timedelta(minutes=1)
    row = order_row(ORDER, phase="closed", outcome="expired", created_at=closed_at, closed_at=closed_at)
    await watching.ledger.write_order(row, [])

    await watching.look(scan())

    assert len(await watching.ledger.watching.watches("base")) == watched


async def test_an_address_is_not_watched_for_ever(ledger: Ledger) -> None:
    watching = ChainWatching(ledger, since=datetime.now(UTC) - timedelta(days=32))
    await watching.watch()

    await watching.look(scan())

    assert await ledger.watching.watches("base") == []


async def test_a_chain_that_this_worker_does_not_watch_is_named_in_the_error(watching: ChainWatching) -> None:
    with pytest.raises(ApplicationError, match="BATON_WATCH") as refused:
        await ActivityEnvironment().run(watching.activities.watch_chain, WatchChain(chain="ethereum"))

    assert (refused.value.type, refused.value.non_retryable) == (NOT_WATCHED, False)


async def test_a_deposit_keeps_the_time_when_it_was_first_seen(watching: ChainWatching) -> None:
    await watching.look(scan(in_block(10)))
    (first,) = await _rows(watching)
    await watching.look(scan(in_block(10, state=CONFIRMED)))
    (then,) = await _rows(watching)

    assert (then.state, then.first_seen_at) == ("confirmed", first.first_seen_at)
    assert then.updated_at > first.updated_at


async def _rows(watching: ChainWatching) -> list[DepositRow]:
    return await watching.ledger.watching.deposits_to("base", deposit().address)
